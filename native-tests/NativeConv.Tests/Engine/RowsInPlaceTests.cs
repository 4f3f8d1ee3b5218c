using System.Numerics;
using NativeConv.Packing;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>Plain products by planes, which are the caller's own channels, taken for one row: the plain loop's bits.</summary>
public unsafe class RowsInPlaceTests
{
    // Pixels that vectors divide, and that end within one; several channels and groups behind each other; activations, which tiles that overlap must not do twice; several chains,
    // which two workers must not add to at once: those are copied.
    private static Layer[] Layers =>
    [
        Layer.Conv(2, 33, 19).Input(7, 13).Kernel(1, 1),
        Layer.Conv(1, 256, 5).Input(8, 8).Kernel(1, 1).Activation(Activation.Sigmoid),
        Layer.Conv(3, 12, 12).Groups(3).Input(101).Kernel(1).Activation(Activation.Relu),
        Layer.Conv(2, 5, 70).Input(3, 5, 11).Kernel(1, 1, 1),
        Layer.Deconv(2, 9, 40).Input(10, 19).Kernel(1, 1).Activation(Activation.LeakyRelu, 0.2),
        Layer.Conv(1, 17, 8).Input(49, 1).Kernel(1, 1),
        Layer.Conv(1, 300, 5).Input(7, 13).Kernel(1, 1),
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
            foreach (var (alpha, beta) in ((double, double)[])[(1, 0), (0.7, 0.2)])
            {
                var operands = new Operands<T>(layer.Descriptor, seed: 8, bias: true, alpha: alpha, beta: beta);
                using var plain = Cases.Plain(layer.Descriptor);
                var expected = Outcome<T>.Of(plain, operands);
                foreach (var isa in Isas.Available)
                {
                    var what = $"{isa} {alpha} {beta} {layer}";
                    using var plan = ConvPlan.Create(layer.Descriptor, new PlanOptions(isa, "direct-planes"), threads: 3);
                    Assert.Equal(layer.Descriptor.InChannels > ChainOrder.LongestChain ? SourceForm.Planes : SourceForm.InPlace, plan.Alive->Forward.Planes.Form);
                    Outcome<T>.Of(plan, operands).MustEqual(expected, what);
                }
            }
        }
    }
}
