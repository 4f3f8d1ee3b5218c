using System.Numerics;
using NativeConv.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace NativeConv.Tests.Engine;

/// <summary>
/// The errors of long sums: |got - exact| / (2^-24 sum|a b|), 2^-53 for f64. At most 8 on zero-mean data and 64 on one-signed data, where one running sum would have
/// thousands.
/// </summary>
public class ErrorBoundTests(ITestOutputHelper output)
{
    private const double ZeroMeanBound = 8;
    private const double OneSignedBound = 64;

    [Theory]
    [MemberData(nameof(Cases.Elements), MemberType = typeof(Cases))]
    public void SumsOf4608ProductsAreNear(ElementType element)
    {
        // 512 channels of 3 x 3 taps; a deconvolution's inner pixels have as many.
        Check(Layer.Conv(1, 512, 4).Input(6, 7).Kernel(3, 3), ConvPass.Forward, element);
        Check(Layer.Conv(1, 4, 512).Input(6, 7).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1), ConvPass.BackwardData, element);
        Check(Layer.Deconv(1, 512, 4).Input(6, 7).Kernel(3, 3), ConvPass.Forward, element);
        Check(Layer.Deconv(1, 4, 512).Input(6, 7).Kernel(3, 3), ConvPass.BackwardData, element);
    }

    [Theory]
    [MemberData(nameof(Cases.Elements), MemberType = typeof(Cases))]
    public void GradientsOverAMillionPixelsAreNear(ElementType element)
    {
        Check(Layer.Conv(1, 2, 3).Input(1000, 1000), ConvPass.BackwardWeights, element);
        Check(Layer.Conv(1, 2, 3).Input(1_000_000), ConvPass.BackwardWeights, element);
        Check(Layer.Deconv(1000, 3, 2).Input(10, 100), ConvPass.BackwardWeights, element);
        Check(Layer.Conv(1, 2, 2).Groups(2).Input(1000, 1000), ConvPass.BackwardWeights, element);
        Check(Layer.Conv(1, 2, 2).Groups(2).Input(1_000_000), ConvPass.BackwardWeights, element);
    }

    private void Check(Layer layer, ConvPass pass, ElementType element)
    {
        var descriptor = layer.Type(element).Descriptor;
        foreach (var oneSigned in new[] { false, true })
        {
            var (sums, biases) = element == ElementType.Float64 ? Errors<double>(descriptor, pass, oneSigned) : Errors<float>(descriptor, pass, oneSigned);
            output.WriteLine($"{(oneSigned ? "one-signed" : "zero-mean")} {pass}: {sums:F2}, db {biases:F2}: {layer}");
            Assert.InRange(Math.Max(sums, biases), 0, oneSigned ? OneSignedBound : ZeroMeanBound);
        }
    }

    private static (double Sums, double Biases) Errors<T>(ConvDescriptor descriptor, ConvPass pass, bool oneSigned)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var oracle = new Oracle(descriptor);
        using var plan = ConvPlan.Create(descriptor);
        T[] Fill(long count, int seed)
        {
            var values = Data.Random<T>(count, seed);
            return oneSigned ? Array.ConvertAll(values, value => (T.One + T.Abs(value)) / (T.One + T.One)) : values;
        }

        var (x, w, dy) = (Fill(plan.InputLength, 1), Fill(plan.WeightLength, 2), Fill(plan.OutputLength, 3));
        var (exactX, exactW, exactDy) = (Truth<T>.Doubles(x), Truth<T>.Doubles(w), Truth<T>.Doubles(dy));
        switch (pass)
        {
            case ConvPass.Forward:
                var y = new T[plan.OutputLength];
                plan.Forward<T>(x, w, [], y);
                return (Worst(oracle.Forward(exactX, exactW), y), 0);
            case ConvPass.BackwardData:
                var dx = new T[plan.InputLength];
                plan.BackwardData<T>(dy, w, [], dx);
                return (Worst(oracle.BackwardData(exactDy, exactW), dx), 0);
            default:
                var dw = new T[plan.WeightLength];
                var db = new T[descriptor.OutChannels];
                plan.BackwardWeights<T>(x, dy, [], dw, db);
                return (Worst(oracle.WeightGradient(exactX, exactDy), dw), Worst(oracle.BiasGradient(exactDy), db));
        }
    }

    private static double Worst<T>(Oracle.Sums exact, T[] got)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Assert.Equal(exact.Value.Length, got.Length);
        var worst = 0.0;
        for (var i = 0; i < got.Length; i++)
        {
            Assert.True(exact.Scale[i] > 0, "a sum of nothing");
            worst = Math.Max(worst, Math.Abs(double.CreateChecked(got[i]) - exact.Value[i]) / (Truth<T>.Rounding * exact.Scale[i]));
        }

        return worst;
    }
}
