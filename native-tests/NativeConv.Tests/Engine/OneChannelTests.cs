using System.Numerics;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>One result channel, whose lines are the rows of tiles: the plain loop's bits, on any number of threads.</summary>
public unsafe class OneChannelTests
{
    // In each a pass with one result channel (of a group): forward, dx, deconv. Fewer lines than a tile has, and more; lines of less than a vector, of many tiles; taps of later lines above
    // (dx) and below; output phases, joined and not; strides and dilations along rows alone; slices; several chains; bands; groups; images; an activation; nothing but padding below.
    private static Layer[] Layers =>
    [
        Layer.Conv(1, 64, 1).Input(33, 70).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Conv(2, 1, 12).Input(3, 250).Kernel(2, 3).Activation(Activation.Tanh),
        Layer.Conv(2, 1, 40).Input(29, 61).Kernel(5, 5).PadBegin(2, 2).PadEnd(2, 2),
        Layer.Conv(1, 30, 1).Input(60, 15).Kernel(13, 2).PadBegin(0, 1),
        Layer.Conv(1, 9, 1).Input(21, 90).Kernel(3, 3).Stride(1, 2).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Conv(1, 9, 1).Input(21, 90).Kernel(3, 3).Dilation(1, 3).PadBegin(1, 0).PadEnd(3, 1),
        Layer.Deconv(1, 56, 1).Input(30, 47).Kernel(9, 9).Stride(2, 2).PadBegin(4, 4).PadEnd(4, 4).OutputPadding(1, 1),
        Layer.Deconv(2, 16, 1).Input(13, 31).Kernel(5, 4).Stride(2, 3).Activation(Activation.Relu),
        Layer.Deconv(2, 5, 1).Input(17, 35).Kernel(4, 4).Stride(1, 2).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Conv(1, 8, 1).Input(6, 18, 40).Kernel(3, 3, 3).PadBegin(1, 1, 1).PadEnd(1, 1, 1),
        Layer.Conv(1, 200, 1).Input(150, 60).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Conv(2, 12, 12).Groups(12).Input(40, 64).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1).Activation(Activation.Clip, 0, 6),
        Layer.Conv(1, 20, 5).Groups(5).Input(60, 64).Kernel(7, 3).PadBegin(0, 0).PadEnd(9, 0),
    ];

    // What the first line of taps reads the second does not read for the next line of pixels; chains are parts of a channel's taps, or more than one group of them; a tap to a result.
    private static Layer[] Others =>
    [
        Layer.Conv(1, 4, 1).Input(31, 60).Kernel(3, 3).Stride(2, 1),
        Layer.Conv(1, 4, 1).Input(31, 60).Kernel(3, 3).Dilation(2, 1),
        Layer.Conv(1, 2, 1).Input(40, 60).Kernel(17, 17),
        Layer.Conv(1, 2000, 1).Input(12, 40).Kernel(3, 3),
        Layer.Conv(1, 8, 1).Input(30, 60).Kernel(1, 5),
    ];

    [Theory]
    [MemberData(nameof(Cases.Elements), MemberType = typeof(Cases))]
    public void LinesInRows(ElementType element)
    {
        foreach (var layer in Layers) Run(layer.Type(element), lines: true);
        foreach (var layer in Others) Run(layer.Type(element), lines: false);
    }

    private static void Run(Layer layer, bool lines)
    {
        if (layer.Descriptor.Element == ElementType.Float32) Run<float>(layer, lines);
        else Run<double>(layer, lines);
    }

    private static void Run<T>(Layer layer, bool lines)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (var (alpha, beta) in ((double, double)[])[(1, 0), (0.7, 0.2)])
        {
            var operands = new Operands<T>(layer.Descriptor, seed: 21, bias: true, alpha: alpha, beta: beta);
            using var plain = Cases.Plain(layer.Descriptor);
            var expected = Outcome<T>.Of(plain, operands);
            foreach (var isa in Isas.Available)
            {
                foreach (var threads in (int[])[1, 2, 5])
                {
                    using var plan = ConvPlan.Create(layer.Descriptor, new PlanOptions(isa, "direct-planes"), threads);
                    var has = plan.Alive->Forward.LineTilesPerPiece > 0 || plan.Alive->BackwardData.LineTilesPerPiece > 0;
                    Assert.True(has == lines, $"{isa} {layer}");
                    Outcome<T>.Of(plan, operands).MustEqual(expected, $"{isa} {threads} threads {alpha} {beta} {layer}");
                }
            }
        }
    }
}
