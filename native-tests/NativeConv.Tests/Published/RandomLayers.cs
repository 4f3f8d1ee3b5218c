using NativeConv.Planning;

namespace NativeConv.Tests.Published;

/// <summary>Legal layers of every kind, the same in every run.</summary>
internal static class RandomLayers
{
    private static readonly int[] Tails = [1, 1, 2, 3, 5, 7, 13, 17, 33];

    /// <summary>Layers of a few milliseconds.</summary>
    public static IEnumerable<ConvDescriptor> Of(int seed, int count) => Between(1, 2_000_000, seed, count);

    /// <summary>Layers that are worth more than one thread of the pool: smaller ones run on the caller's alone.</summary>
    public static IEnumerable<ConvDescriptor> LargeOf(int seed, int count) => Between(Blocking.SmallLayer, 8 * Blocking.SmallLayer, seed, count);

    private static IEnumerable<ConvDescriptor> Between(double fewest, double most, int seed, int count)
    {
        var random = new Random(seed);
        while (count > 0)
        {
            var layer = Any(random);
            var products = Products(layer);

            // Without a batch there are no products; such a layer is legal all the same.
            if (products is not null && (products >= fewest || (layer.Batch == 0 && fewest <= 1)) && products <= most)
            {
                count--;
                yield return layer;
            }
        }
    }

    private static ConvDescriptor Any(Random random)
    {
        var groups = random.Next(3) == 0 ? random.Next(2, 6) : 1;
        var depthwise = random.Next(6) == 0;
        var d = new ConvDescriptor
        {
            Kind = (ConvKind)random.Next(2),
            Rank = random.Next(1, 4),
            Element = random.Next(3) == 0 ? ElementType.Float64 : ElementType.Float32,
            Batch = random.Next(0, 4),
            Groups = groups,
            InChannels = groups * (depthwise ? 1 : Tails[random.Next(Tails.Length)]),
            OutChannels = groups * (depthwise ? 1 : Tails[random.Next(Tails.Length)]),
            Activation = (Activation)random.Next(7),
        };
        switch (d.Activation)
        {
            case Activation.Relu: d.GradientRule = (GradientRule)random.Next(3); break;
            case Activation.LeakyRelu or Activation.Elu: d.ActivationAlpha = 0.3; break;
            case Activation.Clip: (d.ActivationAlpha, d.ActivationBeta) = (-0.5, 0.7); break;
        }

        for (var axis = 0; axis < d.Rank; axis++)
        {
            d.Input[axis] = random.Next(1, d.Rank == 1 ? 300 : d.Rank == 2 ? 20 : 8);
            d.Kernel[axis] = random.Next(1, 6);
            d.Stride[axis] = random.Next(0, 4);
            d.Dilation[axis] = random.Next(0, 4);
            d.PadBegin[axis] = random.Next(-2, 5);
            d.PadEnd[axis] = random.Next(-2, 5);
            d.OutputPadding[axis] = d.Kind == ConvKind.Deconv ? random.Next(0, 4) : 0;
        }

        return d;
    }

    /// <summary>Multiply-adds of one pass; null: the pads leave no output.</summary>
    private static double? Products(in ConvDescriptor d)
    {
        var products = (double)d.Batch * d.InChannels * d.OutChannels / d.Groups;
        for (var axis = 0; axis < d.Rank; axis++)
        {
            long stride = Math.Max(1, d.Stride[axis]), extent = (Math.Max(1, d.Dilation[axis]) * (d.Kernel[axis] - 1)) + 1, pads = d.PadBegin[axis] + d.PadEnd[axis];
            var padded = d.Input[axis] + pads - extent;
            var output = d.Kind == ConvKind.Deconv ? (stride * (d.Input[axis] - 1)) + extent - pads + d.OutputPadding[axis] : padded < 0 ? 0 : (padded / stride) + 1;
            if (output < 1)
            {
                return null;
            }

            products *= d.Kernel[axis] * (d.Kind == ConvKind.Conv ? output : d.Input[axis]);
        }

        return products;
    }
}
