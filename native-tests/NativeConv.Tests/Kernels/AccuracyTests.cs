using System.Numerics;
using NativeConv.Kernels.Elementwise;
using Xunit;

namespace NativeConv.Tests.Kernels;

/// <summary>sigmoid, tanh and elu within 2 units in the last place of the true value, and the same bits at every width.</summary>
public unsafe class AccuracyTests
{
    private const double Allowed = 2;

    // f32: every 1021st bit pattern of 2^32, more than four million numbers: normal, subnormal, infinite and NaN, of both signs.
    private const uint Step = 1021;

    [Fact]
    public void References()
    {
        // Known to 20 digits: 1 / (1 + e), tanh 1, 1/e - 1.
        Assert.InRange(ExactActivations.Sigmoid(-1).Ulps(0.26894142136999512075, 53, -1074), 0, 0.5);
        Assert.InRange(ExactActivations.Sigmoid(1).Ulps(0.73105857863000487925, 53, -1074), 0, 0.5);
        Assert.InRange(ExactActivations.Tanh(1).Ulps(0.76159415595576488812, 53, -1074), 0, 0.5);
        Assert.InRange(ExactActivations.ExpMinusOne(-1).Ulps(-0.63212055882855767840, 53, -1074), 0, 0.5);

        // One unit off is one unit, give or take the half that the nearest number is off.
        Assert.InRange(ExactActivations.Sigmoid(1).Ulps(0.73105857863000487925 + Math.ScaleB(1, -53), 53, -1074), 0.5, 1.5);
        Assert.InRange(ExactActivations.Sigmoid(-800).Ulps(0, 53, -1074), 0, 0.5);
    }

    [Theory]
    [InlineData(Activation.Sigmoid, 0)]
    [InlineData(Activation.Tanh, 0)]
    [InlineData(Activation.Elu, 1)]
    [InlineData(Activation.Elu, 0.7)]
    public void Float32(Activation activation, double alpha)
    {
        const int Run = 4096;
        var a = new float[Run];
        Worst worst = default;
        for (ulong first = 0; first <= uint.MaxValue; first += Run * Step)
        {
            for (uint i = 0; i < Run; i++)
            {
                a[i] = BitConverter.UInt32BitsToSingle((uint)(first + (i * Step)));
            }

            var y = EveryWidth(activation, a, (float)alpha);
            for (var i = 0; i < Run; i++)
            {
                if (float.IsNaN(a[i]))
                {
                    Assert.True(float.IsNaN(y[i]), $"{activation}(NaN) is {y[i]}");
                    continue;
                }

                worst.Add(a[i], y[i], Ulps(Reference(activation, a[i], (float)alpha), y[i]));
            }
        }

        worst.MustBeAtMost(Allowed, $"{activation} alpha {alpha}");
    }

    [Theory]
    [InlineData(Activation.Sigmoid, 0)]
    [InlineData(Activation.Tanh, 0)]
    [InlineData(Activation.Elu, 1)]
    [InlineData(Activation.Elu, 0.7)]
    public void Float64(Activation activation, double alpha)
    {
        double[] a = [.. Sample(6000)];
        var y = EveryWidth(activation, a, alpha);
        Worst worst = default;
        for (var i = 0; i < a.Length; i++)
        {
            worst.Add(a[i], y[i], Exact(activation, a[i], alpha).Ulps(y[i], 53, -1074));
        }

        worst.MustBeAtMost(Allowed, $"{activation} alpha {alpha}");
    }

    [Theory]
    [InlineData(Activation.Sigmoid)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Elu)]
    public void Float64StaysNaN(Activation activation) => Assert.All(EveryWidth(activation, [double.NaN, -double.NaN], 1.0), y => Assert.True(double.IsNaN(y)));

    /// <summary>Dense where the functions bend, every magnitude, both ends of the range, subnormal results.</summary>
    private static IEnumerable<double> Sample(int count)
    {
        var random = new Random(7);
        double[] ends = [0, double.Epsilon, 2.2250738585072014e-308, 1e-300, 1e-20, 17.3, 19.1, 37.4, 40, 354.9, 708.4, 709, 744.4, 745.1, 745.2, 746, 1e4, 1e300, double.MaxValue];
        foreach (var value in ends)
        {
            yield return value;
            yield return -value;
        }

        for (var i = 0; i < count; i++)
        {
            yield return (random.NextDouble() * 8) - 4;
            yield return (random.NextDouble() * 90) - 45;
            yield return -700 - (random.NextDouble() * 50);
            yield return (random.Next(2) == 0 ? 1 : -1) * Math.ScaleB(1 + random.NextDouble(), random.Next(-80, 10));
        }
    }

    private static ExactNumber Exact(Activation activation, double a, double alpha) => activation switch
    {
        Activation.Sigmoid => ExactActivations.Sigmoid(a),
        Activation.Tanh => ExactActivations.Tanh(a),
        _ => a > 0 ? ExactNumber.Of(a) : ExactNumber.Of(alpha) * ExactActivations.ExpMinusOne(a),
    };

    /// <summary>In double precision, whose own errors are 2^-29 of a float's last place.</summary>
    private static double Reference(Activation activation, double a, double alpha)
    {
        switch (activation)
        {
            case Activation.Sigmoid:
                var exp = Math.Exp(-Math.Abs(a));
                return (a > 0 ? 1 : exp) / (1 + exp);
            case Activation.Tanh:
                return Math.Tanh(a);
            default:
                // exp(a) - 1 = 2 t / (1 - t), t = tanh(a / 2): no cancellation for a <= 0.
                var t = Math.Tanh(a / 2);
                return a > 0 ? a : alpha * (2 * t / (1 - t));
        }
    }

    private static double Ulps(double exact, float got)
    {
        if (double.IsInfinity(exact))
        {
            return exact == got ? 0 : double.PositiveInfinity;
        }

        var lastPlace = exact == 0 ? -149 : Math.Max(-149, Math.ILogB(exact) - 23);
        return Math.Abs(Math.ScaleB(got - exact, -lastPlace));
    }

    private static T[] EveryWidth<T>(Activation activation, T[] a, T alpha)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[]? first = null;
        foreach (var (name, set) in ScalarSet.All<T>(activation))
        {
            var y = (T[])a.Clone();
            var args = new FinishArgs<T> { ActivationAlpha = alpha };
            fixed (T* values = y)
            {
                set.Finish(values, 0, values, 0, 1, y.Length, &args);
            }

            first ??= y;
            Same.Assert<T>(first, y, $"{name} {activation}");
        }

        return first!;
    }

    private record struct Worst(double Argument, double Result, double Ulps)
    {
        public void Add(double argument, double result, double ulps)
        {
            if (!(ulps <= Ulps))
            {
                this = new(argument, result, ulps);
            }
        }

        public readonly void MustBeAtMost(double allowed, string what) =>
            Assert.True(Ulps <= allowed, FormattableString.Invariant($"{what}: {Ulps} ulp at {Argument:R}, which gave {Result:R}"));
    }
}
