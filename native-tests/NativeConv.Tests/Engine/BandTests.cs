using System.Numerics;
using NativeConv.Engine;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>Layers whose planes are filled and multiplied band after band: the plain loop's bits, and planes no larger than a band's.</summary>
public unsafe class BandTests
{
    // What a band of planes may take: a second-level cache, or a few rows more than those that two bands read.
    private const long MostPlanes = 3 << 20;

    // Images of a few megabytes on one side, few channels on the other; rows of bands that are not alike.
    private static Layer[] Layers =>
    [
        Layer.Conv(1, 48, 2).Input(131, 101).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Conv(2, 70, 2).Groups(2).Input(97, 120).Kernel(5, 3).PadBegin(4, 0).PadEnd(1, 2).Dilation(2, 1).Activation(Activation.Tanh),
        Layer.Conv(1, 40, 3).Input(211, 160).Kernel(3, 2).Stride(2, 2).PadBegin(1, 1).Activation(Activation.Relu),
        Layer.Conv(1, 2, 64).Input(219, 210).Kernel(3, 3).Stride(2, 2).PadBegin(1, 1),
        Layer.Conv(1, 40, 2).Input(5, 67, 63).Kernel(2, 3, 3).PadBegin(1, 1, 1),
        Layer.Conv(1, 300, 1).Input(96, 84).Kernel(3, 1).PadBegin(1, 0),
        Layer.Deconv(1, 60, 2).Input(110, 103).Kernel(4, 4).Stride(2, 2).PadBegin(1, 1).PadEnd(1, 1),
        Layer.Deconv(1, 52, 3).Input(115, 103).Kernel(5, 3).Stride(3, 1).PadBegin(2, 0).OutputPadding(1, 0),
        Layer.Deconv(1, 64, 2).Input(100, 104).Kernel(2, 3).Stride(3, 4).Activation(Activation.LeakyRelu, 0.1),
    ];

    [Fact]
    public void Float32() => Run<float>(ElementType.Float32);

    [Fact]
    public void Float64() => Run<double>(ElementType.Float64);

    private static void Run<T>(ElementType element)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var banded = new Dictionary<Algorithm, int>();
        foreach (var layer in Layers)
        {
            layer.Type(element);
            var operands = new Operands<T>(layer.Descriptor, seed: 6, bias: true, alpha: 0.7, beta: 0.2);
            using var plain = Cases.Plain(layer.Descriptor);
            var expected = Outcome<T>.Of(plain, operands);
            foreach (var isa in Isas.Available)
            {
                foreach (var name in (string[])["direct-planes", "direct-points"])
                {
                    var what = $"{name} {isa} {layer}";
                    using var plan = ConvPlan.Create(layer.Descriptor, new PlanOptions(isa, name), threads: 3);
                    foreach (var pass in (PassPlan[])[plan.Alive->Forward, plan.Alive->BackwardData])
                    {
                        var cut = pass;
                        if (Band.Count(&cut) > 1)
                        {
                            banded[cut.Algorithm] = banded.GetValueOrDefault(cut.Algorithm) + 1;
                            Assert.True(cut.Problem.Groups * cut.Problem.SourceChannels * cut.Planes.ChannelStride * sizeof(T) <= MostPlanes, what);
                        }
                    }

                    Outcome<T>.Of(plan, operands).MustEqual(expected, what);
                }
            }
        }

        Assert.True(banded[Algorithm.DirectPlanes] >= Layers.Length * Isas.Available.Count, $"{banded[Algorithm.DirectPlanes]} passes");
        Assert.True(banded[Algorithm.DirectPoints] >= Isas.Available.Count, $"{banded[Algorithm.DirectPoints]} passes");
    }
}
