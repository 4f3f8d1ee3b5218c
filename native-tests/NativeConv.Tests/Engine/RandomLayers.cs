using NativeConv.Tests.Support;

namespace NativeConv.Tests.Engine;

/// <summary>Legal layers at random, the same for the same seed.</summary>
internal static class RandomLayers
{
    /// <summary>Products above which the plain loop takes too long for a test.</summary>
    private const long MostProducts = 400_000;

    private static readonly int[] Channels = [1, 1, 2, 3, 5, 7, 8, 13, 17, 31, 33, 70];

    /// <summary>One layer. Seeds whose first tries are illegal or too large try on.</summary>
    public static ConvDescriptor Create(int seed, ElementType element, bool activation = true)
    {
        var random = new Random(seed);
        while (true)
        {
            var descriptor = Try(random, element, activation);
            var oracle = IsLegal(descriptor) ? new Oracle(descriptor) : null;
            if (oracle != null && Products(descriptor, oracle) <= MostProducts)
            {
                return descriptor;
            }
        }
    }

    private static long Products(in ConvDescriptor d, Oracle oracle) =>
        d.Kind == ConvKind.Conv ? oracle.WeightLength * oracle.OutputPixels * d.Batch : oracle.WeightLength * d.Batch * oracle.InputLength / (d.Batch * d.InChannels);

    private static ConvDescriptor Try(Random random, ElementType element, bool activation)
    {
        var d = new ConvDescriptor { Kind = (ConvKind)random.Next(2), Rank = random.Next(1, 4), Element = element, Batch = random.Next(1, 4), Groups = 1 };
        switch (random.Next(5))
        {
            case 0:
                d.Groups = random.Next(2, 5);
                d.InChannels = d.Groups * Channels[random.Next(6)];
                d.OutChannels = d.Groups * Channels[random.Next(6)];
                break;
            case 1:
                d.Groups = d.InChannels = d.OutChannels = random.Next(1, 35);
                break;
            default:
                d.InChannels = Channels[random.Next(Channels.Length)];
                d.OutChannels = Channels[random.Next(Channels.Length)];
                break;
        }

        for (var axis = 0; axis < d.Rank; axis++)
        {
            d.Input[axis] = random.Next(1, d.Rank == 1 ? 200 : d.Rank == 2 ? 20 : 8);
            d.Kernel[axis] = random.Next(1, 6);
            d.Stride[axis] = random.Next(2) == 0 ? 1 : random.Next(1, 7);
            d.Dilation[axis] = random.Next(2) == 0 ? 1 : random.Next(1, 5);
            d.PadBegin[axis] = random.Next(-2, 5);
            d.PadEnd[axis] = random.Next(-2, 5);
            d.OutputPadding[axis] = d.Kind == ConvKind.Deconv ? random.Next(4) : 0;
        }

        if (activation)
        {
            d.Activation = (Activation)random.Next(7);
            d.GradientRule = d.Activation == Activation.Relu ? (GradientRule)random.Next(3) : GradientRule.Backprop;
            d.ActivationAlpha = d.Activation switch { Activation.LeakyRelu or Activation.Elu => 0.3, Activation.Clip => -0.5, _ => 0 };
            d.ActivationBeta = d.Activation == Activation.Clip ? 0.7 : 0;
        }

        return d;
    }

    private static bool IsLegal(in ConvDescriptor d)
    {
        for (var axis = 0; axis < d.Rank; axis++)
        {
            var extent = (d.Dilation[axis] * (d.Kernel[axis] - 1)) + 1;
            var pads = d.PadBegin[axis] + d.PadEnd[axis];
            var legal = d.Kind == ConvKind.Conv
                ? d.Input[axis] + pads >= extent
                : (d.Stride[axis] * (d.Input[axis] - 1)) + extent - pads + d.OutputPadding[axis] >= 1;
            if (!legal)
            {
                return false;
            }
        }

        return true;
    }
}
