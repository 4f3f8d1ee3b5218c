using NativeConv.Engine;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>Products over padding that are left out do not show: not in the sign of a zero, not with weights that are infinite.</summary>
public unsafe class SkippedPaddingTests
{
    // Kernels as large as the image: of most results most products are padding.
    private static Layer[] Layers =>
    [
        Layer.Deconv(160, 9, 30).Input(1, 1).Kernel(4, 4),
        Layer.Deconv(170, 5, 25).Input(2, 1, 2).Kernel(4, 3, 3).Dilation(2, 1, 1),
        Layer.Conv(150, 9, 30).Input(2, 2).Kernel(5, 5).PadBegin(4, 4).PadEnd(4, 4),
        Layer.Deconv(5, 40, 30).Input(2, 2).Kernel(6, 6).Stride(2, 2),
        Layer.Deconv(1, 90, 200).Input(2, 2).Kernel(6, 6).Stride(2, 2),
        Layer.Deconv(1, 60, 50).Input(1, 1).Kernel(3, 4),
        Layer.Conv(18, 70, 20).Input(2, 1, 3).Kernel(3, 3, 5).PadBegin(2, 2, 3).PadEnd(2, 2, 4),
        Layer.Deconv(40, 4, 20).Input(1, 1).Kernel(20, 11).Groups(2),
    ];

    [Theory]
    [InlineData(1f, 0)]
    [InlineData(1f, 1)]
    [InlineData(1f, 2)]
    [InlineData(1e-30f, 0)]
    [InlineData(1e-30f, 2)]
    public void TheBitsAreThoseOfThePlainLoop(float scale, int infinite)
    {
        foreach (var layer in Layers)
        {
            var operands = new Operands<float>(layer.Descriptor, seed: 4);
            Prepare(operands.X, scale, 0);
            Prepare(operands.W, scale, infinite);
            using var plain = Cases.Plain(layer.Descriptor);
            var expected = Forward(plain, operands);
            Assert.Equal(infinite > 0, expected.Any(float.IsNaN));
            foreach (var isa in Isas.Available)
            {
                using var plan = ConvPlan.Create(layer.Descriptor, new PlanOptions(isa, "direct-points"));
                Assert.True(plan.Alive->Forward.SkipsPadding, $"{layer} {isa}");
                var got = Forward(plan, operands);
                for (var i = 0; i < got.Length; i++)
                {
                    if (Bits(got[i]) != Bits(expected[i]))
                    {
                        Assert.Fail($"{layer} {isa} y[{i}]: {got[i]:R}, expected {expected[i]:R}");
                    }
                }
            }
        }
    }

    /// <summary>Images of a batch whose planes alternate: whole tiles of them and the rest, groups, strides, planes of delta.</summary>
    [Fact]
    public void ImagesThatLieTogether()
    {
        Layer[] layers =
        [
            Layer.Conv(11, 20, 28).Input(6, 7).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1).Activation(Activation.Tanh),
            Layer.Conv(9, 24, 20).Groups(2).Input(5, 5).Kernel(3, 5).PadBegin(1, 2).PadEnd(1, 2).Dilation(2, 1).Activation(Activation.Relu),
            Layer.Conv(10, 30, 26).Input(4, 5, 4).Kernel(3, 3, 3).PadBegin(1, 1, 1).PadEnd(1, 1, 1),
            Layer.Conv(17, 18, 30).Input(8, 6).Kernel(5, 4).Stride(2, 3).PadBegin(2, 2).PadEnd(2, 2),
            Layer.Deconv(13, 22, 30).Input(4, 4).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1),
        ];
        foreach (var layer in layers)
        {
            var operands = new Operands<float>(layer.Descriptor, seed: 7, bias: true, alpha: 0.7, beta: 0.2);
            using var plain = Cases.Plain(layer.Descriptor);
            var expected = Outcome<float>.Of(plain, operands);
            foreach (var isa in Isas.Available)
            {
                using var plan = ConvPlan.Create(layer.Descriptor, new PlanOptions(isa, "direct-points"), threads: 2);
                Assert.True(plan.Alive->Forward.Planes.Images > 1, $"{layer} {isa}");
                Outcome<float>.Of(plan, operands).MustEqual(expected, $"{layer} {isa}");
            }
        }
    }

    /// <summary>Images whose planes are filled band after band: each knows which of its rows meet padding.</summary>
    [Fact]
    public void BandsOfLargeImages()
    {
        Layer[] layers =
        [
            Layer.Conv(1, 300, 3).Input(96, 84).Kernel(3, 3).PadBegin(4, 4).PadEnd(4, 4).Dilation(4, 4).Activation(Activation.Tanh),
            Layer.Deconv(2, 260, 2).Input(100, 90).Kernel(9, 5).Stride(1, 2).PadBegin(0, 1).PadEnd(0, 2),
        ];
        foreach (var layer in layers)
        {
            var operands = new Operands<float>(layer.Descriptor, seed: 9, bias: true);
            using var plain = Cases.Plain(layer.Descriptor);
            var expected = Forward(plain, operands);
            foreach (var isa in Isas.Available)
            {
                using var plan = ConvPlan.Create(layer.Descriptor, new PlanOptions(isa, "direct-points"), threads: 2);
                var pass = plan.Alive->Forward;
                Assert.True(pass.SkipsPadding && Band.Count(&pass) > 1, $"{layer} {isa}");
                Assert.Equal(expected, Forward(plan, operands));
            }
        }
    }

    /// <summary>Weight gradients: pixels for which a tap reads padding. Sections, bands and groups of chains; numbers that are infinite on either side.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void PixelsOfWeightGradients(int infinite)
    {
        Layer[] layers =
        [
            Layer.Conv(2, 40, 50).Input(20, 17).Kernel(3, 3).PadBegin(7, 7).PadEnd(7, 7).Dilation(7, 7),
            Layer.Conv(1, 64, 600).Input(7, 9).Kernel(5, 5).PadBegin(2, 2).PadEnd(2, 2).Activation(Activation.Relu),
            Layer.Conv(70, 16, 9).Input(5, 6).Kernel(3, 5).PadBegin(2, 4).PadEnd(2, 4).Dilation(2, 2),
            Layer.Conv(2, 32, 20).Groups(2).Input(15, 300).Kernel(5, 3).PadBegin(4, 90).PadEnd(4, 90).Dilation(2, 90),
            Layer.Conv(1, 24, 12).Input(23, 21).Kernel(7, 7).Stride(3, 2).PadBegin(6, 6).PadEnd(6, 6).Dilation(2, 2),
            Layer.Deconv(3, 30, 24).Input(6, 6).Kernel(9, 9).PadBegin(4, 4).PadEnd(4, 4).Activation(Activation.Tanh),
            Layer.Conv(1, 80, 8).Input(200).Kernel(3).PadBegin(90).PadEnd(90).Dilation(90),
        ];
        foreach (var layer in layers)
        {
            var operands = new Operands<float>(layer.Descriptor, seed: 11, bias: true, alpha: 0.7, beta: 0.2);
            Prepare(operands.X, 1, infinite);
            Prepare(operands.Dy, 1, infinite);
            using var plain = Cases.Plain(layer.Descriptor);
            var expected = BackwardWeights(plain, operands);
            Assert.Equal(infinite > 0, expected.Any(float.IsNaN));
            foreach (var isa in Isas.Available)
            {
                foreach (var threads in (int[])[1, 3])
                {
                    using var plan = ConvPlan.Create(layer.Descriptor, new PlanOptions(isa, "direct-points"), threads);
                    Assert.True(plan.Alive->BackwardWeights.SkipsPadding, $"{layer} {isa}");
                    var got = BackwardWeights(plan, operands);
                    for (var i = 0; i < got.Length; i++)
                    {
                        if (Bits(got[i]) != Bits(expected[i]))
                        {
                            Assert.Fail($"{layer} {isa} {threads} threads dw[{i}]: {got[i]:R}, expected {expected[i]:R}");
                        }
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("direct-points")]
    [InlineData("direct-planes")]
    [InlineData("direct-tiles")]
    [InlineData("direct-columns")]
    public void ASumIsNeverNegativeZero(string name)
    {
        // Products of -1e-60 round to -0.
        var layer = Layer.Conv(1, 3, 2).Input(3, 3).Kernel(1, 1).Descriptor;
        var operands = new Operands<float>(layer, seed: 5);
        operands.X.AsSpan().Fill(1e-30f);
        operands.W.AsSpan().Fill(-1e-30f);
        foreach (var isa in Isas.Available)
        {
            using var plan = ConvPlan.Create(layer, new PlanOptions(isa, name));
            Assert.All(Forward(plan, operands), y => Assert.Equal(0, BitConverter.SingleToInt32Bits(y)));
        }
    }

    private static float[] Forward(ConvPlan plan, Operands<float> operands)
    {
        var y = (float[])operands.OldY.Clone();
        plan.Forward<float>(operands.X, operands.W, operands.Bias, y, operands.Beta);
        return y;
    }

    private static float[] BackwardWeights(ConvPlan plan, Operands<float> operands)
    {
        var dw = (float[])operands.OldDw.Clone();
        plan.BackwardWeights<float>(operands.X, operands.Dy, Forward(plan, operands), dw, [], operands.Alpha, operands.Beta);
        return dw;
    }

    // That a result is a NaN is promised, which one is not.
    private static int Bits(float value) => BitConverter.SingleToInt32Bits(float.IsNaN(value) ? float.NaN : value);

    private static void Prepare(float[] numbers, float scale, int infinite)
    {
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] *= scale;
        }

        for (var i = 0; i < infinite; i++)
        {
            numbers[numbers.Length / (i + 2)] = i == 0 ? float.PositiveInfinity : float.NaN;
        }
    }
}
