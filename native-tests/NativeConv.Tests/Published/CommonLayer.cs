using NativeConv.Tests.Support;

namespace NativeConv.Tests.Published;

/// <summary>A layer with enough work for several workers, and its data.</summary>
internal static class CommonLayer
{
    public static ConvDescriptor Descriptor => Layer.Conv(2, 20, 24).Input(17, 19).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1).Activation(Activation.Relu).Descriptor;

    public static Tensors<float> Tensors()
    {
        using var managed = ConvPlan.Create(Descriptor);
        return new(Descriptor, managed, seed: 77);
    }

    /// <summary>What every way of running it must give.</summary>
    public static Results<float> Expected(Tensors<float> tensors)
    {
        using var managed = ConvPlan.Create(Descriptor);
        return Results<float>.Managed(managed, tensors);
    }
}
