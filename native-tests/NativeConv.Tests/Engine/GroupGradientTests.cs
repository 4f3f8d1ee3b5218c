using System.Numerics;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>Weight gradients of more than 64 chains, whose groups are summed by one worker each: the plain loop's bits, on any number of threads.</summary>
public unsafe class GroupGradientTests
{
    // Groups that end within an image, within a band, and with an image; read in place, in bands, whole; more workers than groups.
    private static Layer[] Layers =>
    [
        Layer.Conv(2, 3, 20).Input(70, 300).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Conv(1, 40, 5).Input(110, 260).Kernel(3, 3).PadBegin(0, 1).PadEnd(2, 0),
        Layer.Conv(2, 6, 17).Input(141, 150).Kernel(5, 3).Stride(2, 1).PadBegin(2, 0).Activation(Activation.Tanh),
        Layer.Conv(2, 6, 8).Groups(2).Input(60, 280).Kernel(1, 1),
        Layer.Conv(3, 30, 4).Input(30, 257).Kernel(1, 1),
        Layer.Deconv(2, 5, 7).Input(50, 270).Kernel(2, 2).Stride(2, 2).Activation(Activation.Relu),
        Layer.Conv(2, 4, 6).Input(9, 12, 200).Kernel(2, 3, 3),
        Layer.Conv(2, 4, 6).Input(3, 60, 280).Kernel(3, 3, 3).PadBegin(0, 1, 1),
        Layer.Conv(130, 8, 20).Input(6, 7).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Conv(70, 4, 4).Groups(2).Input(30, 9).Kernel(3, 2).Stride(1, 3).Dilation(2, 1),
    ];

    [Fact]
    public void Float32() => Run<float>(ElementType.Float32);

    [Fact]
    public void Float64() => Run<double>(ElementType.Float64);

    private static void Run<T>(ElementType element)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (var layer in Layers)
        {
            layer.Type(element);
            var operands = new Operands<T>(layer.Descriptor, seed: 7, bias: true, alpha: 0.7, beta: 0.2);
            using var plain = Cases.Plain(layer.Descriptor);
            var expected = Outcome<T>.Of(plain, operands);
            foreach (var isa in Isas.Available)
            {
                foreach (var threads in (int[])[1, 2, 3, 7])
                {
                    var what = $"{isa} {threads} threads {layer}";
                    using var plan = ConvPlan.Create(layer.Descriptor, new PlanOptions(isa), threads);
                    Assert.True(plan.Alive->BackwardWeights.GroupsAreLocal, what);
                    Outcome<T>.Of(plan, operands).MustEqual(expected, what);
                }
            }
        }
    }
}
