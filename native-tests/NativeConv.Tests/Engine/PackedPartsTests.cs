using System.Numerics;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>Weights of several tap sets that each piece of work packs itself, some channels of all sets at a time: the plain loop's bits, on any number of threads.</summary>
public unsafe class PackedPartsTests
{
    // Each with a pass, forward or dx, whose output phases share few pixels: joined and not, slices, groups, images, an activation. Channels are several parts, of which the last is
    // smaller, or one; chains of a set are parts, or a few of them are one; chains of some sets alone are added in groups.
    private static Layer[] Layers =>
    [
        Layer.Deconv(1, 150, 400).Input(4, 4).Kernel(4, 4).Stride(2, 2).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Deconv(2, 40, 220).Input(3, 3).Kernel(2, 2).Stride(2, 2).Activation(Activation.Relu),
        Layer.Deconv(1, 40, 200).Input(2, 2, 2).Kernel(4, 4, 4).Stride(2, 2, 2).PadBegin(1, 1, 1).PadEnd(1, 1, 1),
        Layer.Deconv(1, 80, 210).Input(4, 7).Kernel(4, 3).Stride(2, 1).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Deconv(1, 150, 150).Groups(5).Input(3, 4).Kernel(4, 4).Stride(2, 2).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Deconv(1, 16800, 80).Groups(4).Input(2, 2).Kernel(3, 3).Stride(2, 2).PadBegin(1, 1),
        Layer.Conv(1, 200, 300).Input(8, 8).Kernel(3, 3).Stride(2, 2).PadBegin(1, 1).PadEnd(1, 1).Activation(Activation.Tanh),
    ];

    [Theory]
    [MemberData(nameof(Cases.Elements), MemberType = typeof(Cases))]
    public void TheBitsAreThoseOfThePlainLoop(ElementType element)
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
        var operands = new Operands<T>(layer.Descriptor, seed: 23, bias: true, alpha: 0.7, beta: 0.2);
        using var plain = Cases.Plain(layer.Descriptor);
        var expected = Outcome<T>.Of(plain, operands);
        foreach (var isa in Isas.Available)
        {
            foreach (var threads in (int[])[1, 2, 5])
            {
                using var plan = ConvPlan.Create(layer.Descriptor, new PlanOptions(isa, "direct-points"), threads);
                var (forward, backward) = (plan.Alive->Forward, plan.Alive->BackwardData);
                Assert.True((forward.PacksParts && forward.SetCount > 1) || (backward.PacksParts && backward.SetCount > 1), $"{isa} {layer}");
                Outcome<T>.Of(plan, operands).MustEqual(expected, $"{isa} {threads} threads {layer}");
            }
        }
    }
}
