using System.Numerics;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>What the passes of a layer should write, by the oracle, and how far from it the engine may be.</summary>
internal sealed class Truth<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Of sums of zero-mean products, in units of rounding times the sum of magnitudes.</summary>
    private const double SumBound = 8;

    /// <summary>Of bias, beta and h, in units of their own size.</summary>
    private const double FinishBound = 4;

    private readonly T[] delta;
    private readonly (double[] Value, double[] Bound) y;
    private readonly (double[] Value, double[] Bound) dx;
    private readonly (double[] Value, double[] Bound) dw;
    private readonly (double[] Value, double[] Bound) db;

    /// <param name="descriptor">the layer</param>
    /// <param name="operands">what the engine read</param>
    /// <param name="written">the y that the engine's backward passes read</param>
    public Truth(in ConvDescriptor descriptor, Operands<T> operands, T[] written)
    {
        var oracle = new Oracle(descriptor);
        var (x, w) = (Doubles(operands.X), Doubles(operands.W));
        delta = oracle.Delta(operands.Dy, written);
        var gradient = Doubles(delta);
        y = Forward(oracle, operands, oracle.Forward(x, w), descriptor.OutChannels);
        dx = Backward(operands, oracle.BackwardData(gradient, w), operands.OldDx);
        dw = Backward(operands, oracle.WeightGradient(x, gradient), operands.OldDw);
        db = Backward(operands, oracle.BiasGradient(gradient), operands.OldDb);
    }

    /// <summary>Half of a unit in the last place of 1: 2^-24 or 2^-53.</summary>
    public static double Rounding { get; } = typeof(T) == typeof(float) ? Math.ScaleB(1, -24) : Math.ScaleB(1, -53);

    public static double[] Doubles(T[] values) => Array.ConvertAll(values, double.CreateChecked);

    public void MustBeExact(Outcome<T> got, string what)
    {
        Outcome<T>.Same(Rounded(y.Value), got.Y, what + ": y");
        Outcome<T>.Same(delta, got.Delta, what + ": delta");
        Outcome<T>.Same(Rounded(dx.Value), got.Dx, what + ": dx");
        Outcome<T>.Same(Rounded(dw.Value), got.Dw, what + ": dw");
        Outcome<T>.Same(Rounded(db.Value), got.Db, what + ": db");
    }

    public void MustBeNear(Outcome<T> got, string what)
    {
        Near(y, got.Y, what + ": y");
        Outcome<T>.Same(delta, got.Delta, what + ": delta");
        Near(dx, got.Dx, what + ": dx");
        Near(dw, got.Dw, what + ": dw");
        Near(db, got.Db, what + ": db");
    }

    private static (double[] Value, double[] Bound) Forward(Oracle oracle, Operands<T> operands, Oracle.Sums sums, long channels)
    {
        var value = new double[sums.Value.Length];
        var bound = new double[value.Length];
        for (var i = 0; i < value.Length; i++)
        {
            var bias = operands.Bias.Length == 0 ? 0 : double.CreateChecked(operands.Bias[i / oracle.OutputPixels % channels]);
            var old = Scaled(operands.Beta, operands.OldY[i]);
            value[i] = oracle.Activate(sums.Value[i] + bias + old);
            var before = (SumBound * sums.Scale[i]) + (FinishBound * (Math.Abs(bias) + Math.Abs(old)));
            bound[i] = Rounding * ((oracle.Slope * before) + (FinishBound * Math.Abs(value[i])));
        }

        return (value, bound);
    }

    private static (double[] Value, double[] Bound) Backward(Operands<T> operands, Oracle.Sums sums, T[] oldValues)
    {
        var value = new double[sums.Value.Length];
        var bound = new double[value.Length];
        for (var i = 0; i < value.Length; i++)
        {
            var old = Scaled(operands.Beta, oldValues[i]);
            var scaled = operands.Alpha * sums.Value[i];
            value[i] = scaled + old;
            bound[i] = Rounding * ((SumBound * Math.Abs(operands.Alpha) * sums.Scale[i]) + (FinishBound * (Math.Abs(scaled) + Math.Abs(old))));
        }

        return (value, bound);
    }

    // Old values are NaN where beta is 0.
    private static double Scaled(double beta, T old) => beta == 0 ? 0 : beta * double.CreateChecked(old);

    private static T[] Rounded(double[] values) => Array.ConvertAll(values, T.CreateChecked);

    private static void Near((double[] Value, double[] Bound) expected, T[] got, string what)
    {
        Assert.True(expected.Value.Length == got.Length, $"{what}: {got.Length} numbers, expected {expected.Value.Length}");
        for (var i = 0; i < got.Length; i++)
        {
            var error = Math.Abs(double.CreateChecked(got[i]) - expected.Value[i]);
            Assert.True(error <= expected.Bound[i], $"{what}[{i}] of {got.Length}: {got[i]:R}, expected {expected.Value[i]:R} within {expected.Bound[i]:R}");
        }
    }
}
