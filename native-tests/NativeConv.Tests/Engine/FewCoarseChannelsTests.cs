using System.Numerics;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>Weight gradients of so few coarse channels that vectors hold the fine ones: the plain loop's bits, on any number of threads.</summary>
public unsafe class FewCoarseChannelsTests
{
    // Channels in one block of vectors and in several; runs of a row; blocks that no cache line is whole times as wide as (four-lane vectors); gaps, other padding on each side; groups of channels,
    // of chains, bands of these; more sums than one piece of work holds; a delta, turned row by row; images of one column; dy that is not used as it is, which keeps coarse channels in vectors;
    // more rows than a tile has.
    private static Layer[] Layers =>
    [
        Layer.Conv(2, 64, 3).Input(20, 33).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Conv(3, 48, 1).Input(6, 300).Kernel(5, 5).PadBegin(2, 2).PadEnd(2, 2),
        Layer.Conv(2, 48, 1).Input(9, 300).Kernel(5, 5),
        Layer.Conv(1, 32, 2).Input(41, 38).Kernel(3, 4).Dilation(3, 2).PadBegin(2, 3).PadEnd(4, 0),
        Layer.Conv(1, 16, 1).Input(14, 17).Kernel(7, 7).PadBegin(3, 4).PadEnd(2, 3),
        Layer.Conv(2, 96, 6).Groups(3).Input(17, 16).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Conv(2, 16, 2).Input(140, 130).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Conv(70, 32, 2).Input(13, 12).Kernel(3, 3),
        Layer.Conv(1, 64, 2).Input(38, 38).Kernel(31, 31).PadBegin(1, 0),
        Layer.Deconv(2, 3, 32).Input(18, 15).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1).Activation(Activation.Tanh),
        Layer.Deconv(2, 2, 64).Groups(2).Input(14, 19).Kernel(2, 5).Activation(Activation.Relu),
        Layer.Conv(1, 32, 1).Input(300, 1).Kernel(9, 1),
        Layer.Conv(2, 32, 2).Input(20, 21).Kernel(3, 3).Activation(Activation.Relu),
        Layer.Conv(2, 128, 9).Input(14, 14).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1),
    ];

    [Theory]
    [MemberData(nameof(Cases.Elements), MemberType = typeof(Cases))]
    public void FineInVectors(ElementType element)
    {
        foreach (var layer in Layers)
        {
            if (element == ElementType.Float32) Run<float>(layer.Type(element));
            else Run<double>(layer.Type(element));
        }
    }

    private static void Run<T>(Layer layer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (var (alpha, beta) in ((double, double)[])[(1, 0), (0.7, 0.2)])
        {
            var operands = new Operands<T>(layer.Descriptor, seed: 14, bias: true, alpha: alpha, beta: beta);
            using var plain = Cases.Plain(layer.Descriptor);
            var expected = Outcome<T>.Of(plain, operands);
            foreach (var isa in Isas.Available)
            {
                foreach (var threads in (int[])[1, 2, 5])
                {
                    using var plan = ConvPlan.Create(layer.Descriptor, new PlanOptions(isa), threads);
                    var pass = plan.Alive->BackwardWeights;
                    var usesDelta = plan.Alive->HasDelta && !pass.Problem.GradientIsFine;
                    Assert.True(pass.FineInVectors || pass.VectorLength < 8 || pass.Problem.CoarseChannels > 3 || usesDelta, $"{isa} {layer}");
                    Outcome<T>.Of(plan, operands).MustEqual(expected, $"{isa} {threads} threads {alpha} {beta} {layer}");
                }
            }
        }
    }
}
