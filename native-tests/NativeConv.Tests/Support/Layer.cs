namespace NativeConv.Tests.Support;

/// <summary>Descriptors in a few words: <c>Layer.Conv(2, 3, 5).Input(7, 9).Kernel(3, 2).Stride(2, 1)</c>.</summary>
internal sealed class Layer
{
    private ConvDescriptor descriptor;

    private Layer(ConvKind kind, long batch, long inChannels, long outChannels)
    {
        descriptor = new ConvDescriptor { Kind = kind, Batch = batch, InChannels = inChannels, OutChannels = outChannels };
    }

    public ConvDescriptor Descriptor => descriptor;

    public static Layer Conv(long batch, long inChannels, long outChannels) => new(ConvKind.Conv, batch, inChannels, outChannels);

    public static Layer Deconv(long batch, long inChannels, long outChannels) => new(ConvKind.Deconv, batch, inChannels, outChannels);

    /// <summary>Sizes of x; their number is the rank, and kernels are 1 until set.</summary>
    public Layer Input(params ReadOnlySpan<long> sizes)
    {
        descriptor.Rank = sizes.Length;
        for (var axis = 0; axis < sizes.Length; axis++)
        {
            descriptor.Input[axis] = sizes[axis];
            descriptor.Kernel[axis] = 1;
        }

        return this;
    }

    public Layer Kernel(params ReadOnlySpan<long> sizes) => Set(ref descriptor.Kernel, sizes);

    public Layer Stride(params ReadOnlySpan<long> steps) => Set(ref descriptor.Stride, steps);

    public Layer Dilation(params ReadOnlySpan<long> steps) => Set(ref descriptor.Dilation, steps);

    public Layer PadBegin(params ReadOnlySpan<long> pads) => Set(ref descriptor.PadBegin, pads);

    public Layer PadEnd(params ReadOnlySpan<long> pads) => Set(ref descriptor.PadEnd, pads);

    public Layer OutputPadding(params ReadOnlySpan<long> rows) => Set(ref descriptor.OutputPadding, rows);

    public Layer Groups(long groups)
    {
        descriptor.Groups = groups;
        return this;
    }

    public Layer Type(ElementType element)
    {
        descriptor.Element = element;
        return this;
    }

    public Layer Activation(Activation activation, double alpha = 0, double beta = 0, GradientRule rule = GradientRule.Backprop)
    {
        descriptor.Activation = activation;
        descriptor.ActivationAlpha = alpha;
        descriptor.ActivationBeta = beta;
        descriptor.GradientRule = rule;
        return this;
    }

    /// <summary>All that a failing test has to print.</summary>
    public override string ToString() => Describe(descriptor);

    public static string Describe(in ConvDescriptor d)
    {
        var rank = d.Rank;
        string Axes(SpatialArray values) => string.Join('x', ((ReadOnlySpan<long>)values)[..rank].ToArray());
        return $"{d.Kind} {d.Element} batch {d.Batch} {d.InChannels}->{d.OutChannels} groups {d.Groups} input {Axes(d.Input)} kernel {Axes(d.Kernel)} stride {Axes(d.Stride)} "
            + $"dilation {Axes(d.Dilation)} pads {Axes(d.PadBegin)} + {Axes(d.PadEnd)} output_padding {Axes(d.OutputPadding)} {d.Activation}({d.ActivationAlpha}, {d.ActivationBeta}) {d.GradientRule}";
    }

    private Layer Set(ref SpatialArray field, ReadOnlySpan<long> values)
    {
        for (var axis = 0; axis < values.Length; axis++)
        {
            field[axis] = values[axis];
        }

        return this;
    }
}
