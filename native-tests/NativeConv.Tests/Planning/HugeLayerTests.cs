using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Planning;

/// <summary>Legal layers with enormous steps and pads over tiny tensors: planned without walking them, and computed right.</summary>
public class HugeLayerTests
{
    private const long Billion = 1_000_000_000;
    private const long Trillion = 1_000_000_000_000;

    [Fact]
    public void DilationOfABillion() =>
        Check(Layer.Conv(1, 1, 1).Input(4).Kernel(3).Dilation(Billion).PadBegin(Billion).PadEnd(Billion), expectPlain: true);

    [Fact]
    public void DilationOfABillionWithAStride() =>
        Check(Layer.Conv(1, 1, 1).Input(9).Kernel(3).Dilation(Billion).Stride(3).PadBegin(Billion).PadEnd(Billion), expectPlain: true);

    [Fact]
    public void DilationOfATrillionInADeconv() =>
        Check(Layer.Deconv(1, 1, 1).Input(4).Kernel(3).Dilation(Trillion).PadBegin(Trillion).PadEnd(Trillion), expectPlain: true);

    [Fact]
    public void StrideOfATrillion() => Check(Layer.Conv(1, 1, 1).Input(5).Kernel(2).Stride(Trillion).PadBegin(1), expectPlain: false);

    [Fact]
    public void StrideOfATrillionAndPadsToMatch() =>
        Check(Layer.Conv(1, 1, 1).Input(5).Kernel(3).Stride(Trillion).PadBegin((3 * Trillion) - 1).PadEnd(2 * Trillion), expectPlain: false);

    [Fact]
    public void StrideOfATrillionInACroppedDeconv() =>
        Check(Layer.Deconv(1, 1, 1).Input(3).Kernel(2).Stride(Trillion).PadBegin(Trillion - 3).PadEnd(Trillion - 4), expectPlain: false);

    [Fact]
    public void StrideAndDilationThatShareAFactor() =>
        Check(Layer.Conv(1, 1, 1).Input(6).Kernel(4).Stride(Trillion).Dilation(Billion).PadBegin(2 * Billion).PadEnd(3 * Billion), expectPlain: false);

    /// <summary>All three passes against sums over fine = stride * coarse + dilation * tap - pad, on integers: exact.</summary>
    private static void Check(Layer layer, bool expectPlain)
    {
        var d = layer.Descriptor;
        long stride = Math.Max(1, d.Stride[0]), dilation = Math.Max(1, d.Dilation[0]), pad = d.PadBegin[0], kernel = d.Kernel[0];
        foreach (var isa in Isas.Available)
        {
            using var plan = ConvPlan.Create(d, new PlanOptions(isa));
            if (expectPlain)
            {
                Assert.Equal("plain", plan.AlgorithmName(ConvPass.Forward));
            }

            Assert.InRange(plan.OutputLength, 1, 100);
            var x = Data.Integers<float>(plan.InputLength, 1);
            var w = Data.Integers<float>(kernel, 2);
            var dy = Data.Integers<float>(plan.OutputLength, 3);
            float[] y = new float[plan.OutputLength], dx = new float[x.Length], dw = new float[kernel];
            plan.Forward<float>(x, w, [], y);
            plan.BackwardData<float>(dy, w, [], dx);
            plan.BackwardWeights<float>(x, dy, [], dw, []);

            float[] expectedY = new float[y.Length], expectedDx = new float[dx.Length], expectedDw = new float[dw.Length];
            var conv = d.Kind == ConvKind.Conv;
            for (long coarse = 0; coarse < (conv ? y.Length : x.Length); coarse++)
            {
                for (long tap = 0; tap < kernel; tap++)
                {
                    var fine = (stride * coarse) + (dilation * tap) - pad;
                    var (input, output) = conv ? (fine, coarse) : (coarse, fine);
                    if (fine >= 0 && fine < (conv ? x.Length : y.Length))
                    {
                        expectedY[output] += w[tap] * x[input];
                        expectedDx[input] += w[tap] * dy[output];
                        expectedDw[tap] += x[input] * dy[output];
                    }
                }
            }

            Assert.Contains(expectedY, value => value != 0);
            Assert.Equal(expectedY, y);
            Assert.Equal(expectedDx, dx);
            Assert.Equal(expectedDw, dw);
        }
    }
}
