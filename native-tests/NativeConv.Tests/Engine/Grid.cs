using NativeConv.Tests.Support;

namespace NativeConv.Tests.Engine;

/// <summary>Layers chosen by hand, in which no two axes, pads or channel counts are alike.</summary>
internal static class Grid
{
    private static readonly long[] Tails = [1, 3, 5, 7, 13, 17, 31, 33];

    /// <summary>The names of <see cref="Section"/>.</summary>
    public static IReadOnlyList<string> Sections { get; } = ["tails", "line", "plane", "volume", "reach", "groups", "batches", "sums"];

    /// <summary>New layers, f32 and without activation.</summary>
    public static IEnumerable<Layer> Section(string name) => name switch
    {
        "tails" => OfTails(),
        "line" => OfLine(),
        "plane" => OfPlane(),
        "volume" => OfVolume(),
        "reach" => OfReach(),
        "groups" => OfGroups(),
        "batches" => OfBatches(),
        "sums" => OfSums(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    /// <summary>Layer number <paramref name="index"/> gets an activation; <paramref name="exact"/>: one that leaves small fractions exact.</summary>
    public static Layer Activate(Layer layer, int index, bool exact) => (index % (exact ? 6 : 9)) switch
    {
        1 => layer.Activation(Activation.Relu),
        2 => layer.Activation(Activation.LeakyRelu, alpha: exact ? 0.5 : 0.3),
        3 => exact ? layer.Activation(Activation.Clip, -30, 55) : layer.Activation(Activation.Clip, -0.6, 0.7),
        4 => layer.Activation(Activation.Relu, rule: GradientRule.Deconvnet),
        5 => layer.Activation(Activation.Relu, rule: GradientRule.Guided),
        6 => layer.Activation(Activation.Sigmoid),
        7 => layer.Activation(Activation.Tanh),
        8 => layer.Activation(Activation.Elu, alpha: 1.3),
        _ => layer,
    };

    private static Layer Make(ConvKind kind, long batch, long inChannels, long outChannels) =>
        kind == ConvKind.Conv ? Layer.Conv(batch, inChannels, outChannels) : Layer.Deconv(batch, inChannels, outChannels);

    /// <summary>Rows of every width up to 9, with channels that fill no tile.</summary>
    private static IEnumerable<Layer> OfTails()
    {
        foreach (var kind in Enum.GetValues<ConvKind>())
        {
            for (var width = 1; width <= 9; width++)
            {
                for (var i = 0; i < Tails.Length; i++)
                {
                    var other = Tails[(i + 1 + (width % 7)) % Tails.Length];
                    yield return Make(kind, 1, Tails[i], other).Input(3, width).Kernel(2, 3).PadBegin(1, 2);
                }
            }
        }
    }

    private static IEnumerable<Layer> OfLine()
    {
        foreach (var kind in Enum.GetValues<ConvKind>())
        {
            foreach (var (kernel, stride, dilation) in new (long, long, long)[]
                { (1, 1, 1), (1, 3, 1), (2, 5, 1), (3, 2, 1), (3, 2, 2), (4, 6, 4), (5, 4, 6), (5, 3, 2), (7, 1, 3), (2, 4, 8) })
            {
                // Consecutive lengths leave every residue of the stride.
                for (long length = 30; length < 30 + Math.Max(stride, 2); length++)
                {
                    yield return Make(kind, 2, 3, 5).Input(length).Kernel(kernel).Stride(stride).Dilation(dilation).PadBegin(2).PadEnd(-1);
                }
            }
        }
    }

    private static IEnumerable<Layer> OfPlane()
    {
        foreach (var kind in Enum.GetValues<ConvKind>())
        {
            foreach (var (kernelH, kernelW, strideH, strideW, dilationH, dilationW) in new (long, long, long, long, long, long)[]
                { (3, 2, 1, 2, 1, 1), (2, 5, 3, 1, 1, 2), (3, 4, 2, 4, 1, 2), (1, 3, 4, 5, 1, 1), (5, 1, 6, 1, 3, 1), (4, 3, 2, 3, 3, 6), (2, 2, 3, 4, 9, 2) })
            {
                yield return Make(kind, 2, 7, 13).Input(14, 11).Kernel(kernelH, kernelW).Stride(strideH, strideW).Dilation(dilationH, dilationW).PadBegin(0, 2).PadEnd(3, 1);
                yield return Make(kind, 1, 17, 5).Input(15, 12).Kernel(kernelH, kernelW).Stride(strideH, strideW).Dilation(dilationH, dilationW).PadBegin(-1, 3).PadEnd(2, -2);
            }

            yield return Make(kind, 1, 3, 33).Input(19, 70).Kernel(3, 5).Stride(2, 1).PadBegin(1, 2).PadEnd(0, 2);
        }

        foreach (var (rowsH, rowsW) in new (long, long)[] { (1, 0), (2, 5), (9, 1), (30, 17) })
        {
            yield return Layer.Deconv(2, 5, 7).Input(4, 5).Kernel(3, 2).Stride(2, 3).Dilation(1, 2).PadBegin(1, 0).PadEnd(0, 2).OutputPadding(rowsH, rowsW);
        }
    }

    private static IEnumerable<Layer> OfVolume()
    {
        foreach (var kind in Enum.GetValues<ConvKind>())
        {
            yield return Make(kind, 1, 5, 3).Input(5, 6, 7).Kernel(2, 3, 4).PadBegin(1, 0, 2).PadEnd(0, 2, 1);
            yield return Make(kind, 2, 3, 7).Input(7, 6, 5).Kernel(3, 1, 2).Stride(2, 3, 1).Dilation(1, 1, 2).PadBegin(0, 1, 3).PadEnd(2, 0, -1);
            yield return Make(kind, 1, 13, 5).Input(6, 9, 8).Kernel(2, 3, 3).Stride(3, 2, 4).Dilation(3, 2, 1).PadBegin(2, -1, 1).PadEnd(1, 3, 0);
        }

        yield return Layer.Deconv(1, 3, 5).Input(2, 3, 4).Kernel(3, 2, 1).Stride(1, 3, 2).OutputPadding(4, 1, 7);
    }

    /// <summary>Kernels that reach beyond the input, rows that no window reaches, and rows that no kernel reaches.</summary>
    private static IEnumerable<Layer> OfReach()
    {
        yield return Layer.Conv(2, 3, 5).Input(2, 3).Kernel(5, 7).PadBegin(2, 4).PadEnd(3, 5);
        yield return Layer.Conv(1, 7, 3).Input(1, 2).Kernel(4, 3).Dilation(2, 5).Stride(2, 3).PadBegin(6, 9).PadEnd(5, 11);
        yield return Layer.Conv(1, 5, 7).Input(3, 4).Kernel(2, 3).Stride(2, 1).PadBegin(8, 6).PadEnd(7, 9);
        yield return Layer.Conv(1, 5, 3).Input(20, 17).Kernel(2, 1).Stride(7, 6).PadBegin(-3, -2).PadEnd(-4, -5);
        yield return Layer.Conv(3, 3, 1).Input(9, 31).Kernel(1, 3).Stride(5, 7).PadBegin(0, 1).PadEnd(2, 0);
        yield return Layer.Deconv(2, 3, 5).Input(3, 2).Kernel(7, 5).PadBegin(4, 2).PadEnd(3, 3);
        yield return Layer.Deconv(1, 5, 3).Input(4, 3).Kernel(2, 1).Stride(5, 4).PadBegin(-3, -2).PadEnd(-6, -1).OutputPadding(2, 9);
        yield return Layer.Deconv(1, 3, 7).Input(6, 5).Kernel(3, 4).Stride(2, 3).PadBegin(5, 6).PadEnd(4, 7);
        yield return Layer.Deconv(1, 7, 3).Input(2, 4).Kernel(2, 3).Stride(4, 6).Dilation(6, 4).PadBegin(1, 3).PadEnd(2, 0);
    }

    private static IEnumerable<Layer> OfGroups()
    {
        foreach (var kind in Enum.GetValues<ConvKind>())
        {
            yield return Make(kind, 2, 6, 15).Groups(3).Input(6, 9).Kernel(3, 2).Stride(1, 2).PadBegin(1, 0).PadEnd(0, 1);
            yield return Make(kind, 1, 34, 14).Groups(2).Input(5, 7).Kernel(2, 3).PadBegin(0, 2).PadEnd(1, 0);
            yield return Make(kind, 1, 5, 20).Groups(5).Input(7, 6).Kernel(3, 2).PadBegin(2, 0).PadEnd(0, 1);
            yield return Make(kind, 1, 21, 7).Groups(7).Input(4, 9).Kernel(1, 4).Stride(2, 1).PadEnd(0, 2);
            foreach (var channels in Tails)
            {
                yield return Make(kind, 2, channels, channels).Groups(channels).Input(6, 19).Kernel(3, 2).Stride(2, 1).Dilation(1, 2).PadBegin(1, 2).PadEnd(0, 1);
            }

            yield return Make(kind, 1, 7, 7).Groups(7).Input(4, 5, 6).Kernel(2, 3, 1).Stride(1, 2, 3).PadBegin(1, 0, 0).PadEnd(0, 2, 1);
            yield return Make(kind, 3, 5, 5).Groups(5).Input(67).Kernel(4).Stride(3).Dilation(2).PadBegin(3).PadEnd(1);
        }
    }

    private static IEnumerable<Layer> OfBatches()
    {
        foreach (var kind in Enum.GetValues<ConvKind>())
        {
            foreach (var batch in new long[] { 0, 1, 3 })
            {
                yield return Make(kind, batch, 5, 7).Input(6, 5).Kernel(3, 2).Stride(2, 1).PadBegin(1, 0).PadEnd(0, 1);
                yield return Make(kind, batch, 3, 3).Groups(3).Input(5, 8).Kernel(2, 3).Stride(1, 2).PadBegin(0, 1).PadEnd(2, 0);
            }
        }
    }

    /// <summary>More than 64 chains, kernels of more than 256 taps, rows longer than a chain.</summary>
    private static IEnumerable<Layer> OfSums()
    {
        yield return Layer.Conv(1, 1900, 3).Input(4, 3).Kernel(3, 3).PadBegin(1, 0).PadEnd(0, 1);
        yield return Layer.Deconv(1, 1900, 3).Input(3, 4).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 0);
        yield return Layer.Conv(1, 3, 1900).Input(4, 3).Kernel(3, 3).PadBegin(1, 0).PadEnd(0, 1);
        yield return Layer.Deconv(1, 3, 1900).Input(3, 4).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 0);
        yield return Layer.Conv(1, 3, 2).Input(20, 22).Kernel(17, 19).PadBegin(2, 1).PadEnd(1, 3);
        yield return Layer.Deconv(1, 2, 3).Input(5, 4).Kernel(35, 37).Stride(2, 1).PadBegin(8, 9).PadEnd(7, 6);
        yield return Layer.Conv(1, 35, 1).Input(23, 20).Kernel(23, 19).PadBegin(0, 1).PadEnd(1, 0);
        yield return Layer.Conv(1, 2, 3).Input(45, 301).Kernel(2, 1).PadBegin(1, 0);
        yield return Layer.Conv(3, 3, 2).Input(750, 7).Kernel(1, 2).PadEnd(0, 1);
        yield return Layer.Deconv(3, 2, 3).Input(750, 7).Kernel(2, 1).Stride(1, 2);
        yield return Layer.Conv(70, 3, 5).Input(3, 4).Kernel(2, 2);
        yield return Layer.Conv(2, 2, 2).Groups(2).Input(75, 301).Kernel(3, 2).PadBegin(1, 0).PadEnd(1, 1);
    }
}
