using System.Numerics;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>
/// Weight gradients of images of few pixels, whose chains a tile sums in turn, and those whose sums are written as gradients at once: the plain loop's bits, on any number of threads.
/// </summary>
public unsafe class ShortChainTests
{
    // Images that are one window; windows with gaps, with padding; batches that tiles divide and that leave a rest, of more than one group of chains; planes, delta, groups; groups that
    // are one worker's.
    private static Layer[] Batches =>
    [
        Layer.Conv(9, 5, 32).Input(7, 7).Kernel(7, 7).Activation(Activation.Tanh),
        Layer.Conv(100, 6, 48).Groups(3).Input(1, 1).Kernel(1, 1),
        Layer.Conv(64, 128, 40).Input(1, 1).Kernel(1, 1).Activation(Activation.Relu),
        Layer.Deconv(67, 20, 6).Groups(2).Input(1, 1).Kernel(4, 4),
        Layer.Deconv(3, 64, 16).Input(1, 1, 1).Kernel(2, 2, 2).Stride(3, 3, 3).Activation(Activation.Sigmoid),
        Layer.Conv(4, 8, 16).Input(3, 3).Kernel(2, 2).Dilation(2, 2),
        Layer.Conv(5, 8, 16).Input(2, 2).Kernel(2, 2).Dilation(2, 2).PadEnd(1, 1),
        Layer.Conv(5, 8, 16).Input(3, 3).Kernel(3, 3).Stride(4, 4).PadBegin(1, 1),
        Layer.Conv(129, 20, 33).Input(3, 4).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1).Activation(Activation.Tanh),
        Layer.Conv(65, 70, 40).Groups(2).Input(3, 3).Kernel(1, 1),
        Layer.Conv(7, 6, 17).Input(2, 3, 2).Kernel(2, 3, 3).PadBegin(1, 1, 1).PadEnd(0, 1, 1),
        Layer.Conv(3, 300, 130).Input(5, 5).Kernel(3, 3).Stride(2, 2).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Deconv(40, 24, 30).Input(3, 3).Kernel(4, 4).Stride(2, 2).PadBegin(1, 1).PadEnd(1, 1).Activation(Activation.Relu),
        Layer.Conv(140, 4, 12).Groups(2).Input(3, 4).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Conv(300, 80, 4).Groups(2).Input(3, 4).Kernel(3, 1).PadBegin(1, 0).PadEnd(1, 0),
        Layer.Conv(200, 4, 8).Input(2, 2).Kernel(1, 1),
        Layer.Conv(100, 64, 64).Input(1, 1).Kernel(1, 1),
    ];

    // One chain in all, or none; channels of which whole vectors are made, on one side or both, or not; few rows of sums and more than one piece of work has room for.
    private static Layer[] Single =>
    [
        Layer.Conv(1, 64, 96).Input(7, 7).Kernel(1, 1),
        Layer.Conv(1, 96, 64).Groups(2).Input(5, 9).Kernel(1, 1),
        Layer.Conv(1, 17, 128).Input(3, 3).Kernel(1, 1).Activation(Activation.Tanh),
        Layer.Deconv(1, 80, 48).Input(6, 6).Kernel(1, 1).Activation(Activation.Tanh),
        Layer.Deconv(1, 33, 16).Input(1, 1).Kernel(3, 4),
        Layer.Conv(1, 1040, 1000).Input(1, 1).Kernel(1, 1),
        Layer.Conv(0, 32, 48).Input(1, 1).Kernel(1, 1),
    ];

    [Theory]
    [MemberData(nameof(Cases.Elements), MemberType = typeof(Cases))]
    public void SeveralChains(ElementType element)
    {
        foreach (var layer in Batches)
        {
            Run(layer.Type(element), element, plan => Assert.InRange(plan.Alive->BackwardWeights.ImagesPerTile, 2, 64));
        }
    }

    [Theory]
    [MemberData(nameof(Cases.Elements), MemberType = typeof(Cases))]
    public void OneChain(ElementType element)
    {
        foreach (var layer in Single)
        {
            Run(layer.Type(element), element, plan => Assert.Equal(1, plan.Alive->BackwardWeights.ImagesPerTile));
        }
    }

    private static void Run(Layer layer, ElementType element, Action<ConvPlan> check)
    {
        if (element == ElementType.Float32) Run<float>(layer, check);
        else Run<double>(layer, check);
    }

    private static void Run<T>(Layer layer, Action<ConvPlan> check)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (var (alpha, beta) in ((double, double)[])[(1, 0), (0.7, 0), (1, 0.2)])
        {
            var operands = new Operands<T>(layer.Descriptor, seed: 12, bias: true, alpha: alpha, beta: beta);
            using var plain = Cases.Plain(layer.Descriptor);
            var expected = Outcome<T>.Of(plain, operands);
            foreach (var isa in Isas.Available)
            {
                foreach (var threads in (int[])[1, 2, 5])
                {
                    using var plan = ConvPlan.Create(layer.Descriptor, new PlanOptions(isa), threads);
                    check(plan);
                    Outcome<T>.Of(plan, operands).MustEqual(expected, $"{isa} {threads} threads {alpha} {beta} {layer}");
                }
            }
        }
    }
}
