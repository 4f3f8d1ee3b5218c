using NativeConv.Tests.Support;

namespace NativeConv.Tests.Properties;

/// <summary>The other kind's layer that is a layer's adjoint: its x is the layer's y, and its weights are the same array.</summary>
internal static class Adjoint
{
    public static ConvDescriptor Of(in ConvDescriptor descriptor)
    {
        var oracle = new Oracle(descriptor);
        var adjoint = descriptor;
        adjoint.Kind = descriptor.Kind == ConvKind.Conv ? ConvKind.Deconv : ConvKind.Conv;
        (adjoint.InChannels, adjoint.OutChannels) = (descriptor.OutChannels, descriptor.InChannels);
        for (var axis = 0; axis < descriptor.Rank; axis++)
        {
            adjoint.Input[axis] = oracle.OutputSize(axis);
            if (descriptor.Kind == ConvKind.Conv)
            {
                // Rows of x behind the last window.
                var extent = (descriptor.Dilation[axis] * (descriptor.Kernel[axis] - 1)) + 1;
                adjoint.OutputPadding[axis] = (descriptor.Input[axis] + descriptor.PadBegin[axis] + descriptor.PadEnd[axis] - extent) % descriptor.Stride[axis];
            }
            else
            {
                adjoint.PadEnd[axis] -= descriptor.OutputPadding[axis];
                adjoint.OutputPadding[axis] = 0;
            }
        }

        return adjoint;
    }
}
