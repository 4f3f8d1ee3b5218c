using CsCheck;
using NativeConv.Tests.Support;

namespace NativeConv.Tests.Properties;

/// <summary>Legal layers of every kind, made of CsCheck's generators so that failing ones shrink.</summary>
internal static class LayerGen
{
    /// <summary>Products of a pass above which a property takes too long.</summary>
    private const long MostProducts = 300_000;

    private const int LineFactor = 7;

    // Small often, and the sizes around vectors and tiles. In ascending order: CsCheck takes a smaller index for a smaller number.
    private static readonly Gen<int> Channels = OneOf(1, 1, 1, 2, 2, 3, 3, 4, 5, 7, 8, 9, 12, 13, 16, 17, 20, 31, 32, 33, 48, 70);

    // Few, because what shrinks should be the layer, not the seed of its data.
    private static readonly Gen<int> Seeds = Gen.Int[0, 63];

    private static readonly Gen<int> Stride = OneOf(1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 5, 6);
    private static readonly Gen<int> Dilation = OneOf(1, 1, 1, 1, 1, 1, 2, 3, 4);
    private static readonly Gen<int> Groups = OneOf(1, 1, 1, 1, 1, 2, 3, 4, 5);

    private static readonly Gen<Axis> AxisGen = Gen.Select(
        Gen.Int[1, 24], Gen.Int[1, 5], Stride, Dilation, Gen.Int[-2, 4], Gen.Int[-2, 4], Gen.Int[0, 3],
        (input, kernel, stride, dilation, begin, end, padding) => new Axis(input, kernel, stride, dilation, begin, end, padding));

    private static readonly Gen<(ConvKind Kind, ElementType Element, int Batch, int Groups, Activation Activation, GradientRule Rule)> Head = Gen.Select(
        Gen.Int[0, 1], Gen.Int[0, 1], Gen.Int[1, 3], Groups, Gen.Int[0, 6], Gen.Int[0, 2],
        (kind, element, batch, groups, activation, rule) => ((ConvKind)kind, element == 0 ? ElementType.Float32 : ElementType.Float64, batch, groups, (Activation)activation, (GradientRule)rule));

    /// <summary>Layers with any activation.</summary>
    public static Gen<LayerCase> Any { get; } = OfAxes(3);

    /// <summary>Layers of one or two axes.</summary>
    public static Gen<LayerCase> Flat { get; } = OfAxes(2);

    /// <summary>Layers without activation: what is linear.</summary>
    public static Gen<LayerCase> Linear { get; } = Any.Select(one =>
    {
        var descriptor = one.Descriptor;
        (descriptor.Activation, descriptor.GradientRule, descriptor.ActivationAlpha, descriptor.ActivationBeta) = (Activation.Identity, GradientRule.Backprop, 0, 0);
        return one with { Descriptor = descriptor };
    });

    /// <summary>Layers without groups.</summary>
    public static Gen<LayerCase> Ungrouped { get; } = Any.Select(one =>
    {
        var descriptor = one.Descriptor;
        (descriptor.InChannels, descriptor.OutChannels, descriptor.Groups) = (descriptor.InChannels / descriptor.Groups, descriptor.OutChannels / descriptor.Groups, 1);
        return one with { Descriptor = descriptor };
    });

    private static Gen<int> OneOf(params int[] ascending) => Gen.Int[0, ascending.Length - 1].Select(index => ascending[index]);

    private static Gen<LayerCase> OfAxes(int most) => Gen.Select(
        Head, Channels, Channels, AxisGen.Array[1, most], Seeds, Gen.Int[0, Isas.Available.Count - 1],
        (head, inChannels, outChannels, axes, seed, isa) => new LayerCase(Legal(head, inChannels, outChannels, axes), seed, Isas.Available[isa]));

    /// <summary>The layer itself if it is legal and small; else it gets what it lacks, and less of what it has too much of.</summary>
    private static ConvDescriptor Legal(
        (ConvKind Kind, ElementType Element, int Batch, int Groups, Activation Activation, GradientRule Rule) head, int inChannels, int outChannels, Axis[] axes)
    {
        var d = new ConvDescriptor
        {
            Kind = head.Kind,
            Rank = axes.Length,
            Element = head.Element,
            Batch = head.Batch,
            Groups = head.Groups,
            InChannels = head.Groups * inChannels,
            OutChannels = head.Groups * outChannels,
            Activation = head.Activation,
            GradientRule = head.Activation == Activation.Relu ? head.Rule : GradientRule.Backprop,
            ActivationAlpha = head.Activation switch { Activation.LeakyRelu or Activation.Elu => 0.3, Activation.Clip => -0.5, _ => 0 },
            ActivationBeta = head.Activation == Activation.Clip ? 0.7 : 0,
        };
        for (var axis = 0; axis < axes.Length; axis++)
        {
            // A line may be longer.
            var a = axes.Length == 1 ? axes[axis] with { Input = axes[axis].Input * LineFactor } : axes[axis];
            var extent = (a.Dilation * (a.Kernel - 1)) + 1;
            var isConv = head.Kind == ConvKind.Conv;
            var missing = isConv ? extent - (a.Input + a.Begin + a.End) : 1 - ((a.Stride * (a.Input - 1)) + extent - a.Begin - a.End + a.OutputPadding);
            (d.Input[axis], d.Kernel[axis], d.Stride[axis], d.Dilation[axis]) = (a.Input, a.Kernel, a.Stride, a.Dilation);
            (d.PadBegin[axis], d.PadEnd[axis]) = (a.Begin, a.End + (isConv ? 1 : -1) * Math.Max(0, missing));
            d.OutputPadding[axis] = isConv ? 0 : a.OutputPadding;
        }

        // Fewer channels, then a batch of one, then smaller images.
        for (var oracle = new Oracle(d); Products(d, oracle) > MostProducts; oracle = new Oracle(d))
        {
            if (d.InChannels > d.Groups || d.OutChannels > d.Groups)
            {
                (d.InChannels, d.OutChannels) = (Half(d.InChannels / d.Groups) * d.Groups, Half(d.OutChannels / d.Groups) * d.Groups);
            }
            else if (d.Batch > 1)
            {
                d.Batch = 1;
            }
            else
            {
                for (var axis = 0; axis < d.Rank; axis++)
                {
                    (d.Kernel[axis], d.Stride[axis], d.Dilation[axis]) = (1, 1, 1);
                    (d.PadBegin[axis], d.PadEnd[axis]) = (0, 0);
                }
            }
        }

        return d;
    }

    private static long Half(long channels) => Math.Max(1, channels / 2);

    private static long Products(in ConvDescriptor d, Oracle oracle) =>
        d.Kind == ConvKind.Conv ? oracle.WeightLength * oracle.OutputPixels * d.Batch : oracle.WeightLength * oracle.InputLength / d.InChannels;

    private sealed record Axis(int Input, int Kernel, int Stride, int Dilation, int Begin, int End, int OutputPadding);
}
