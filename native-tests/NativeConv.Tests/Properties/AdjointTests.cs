using System.Numerics;
using NativeConv.Tests.Engine;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Properties;

/// <summary>The inner products that define backward passes, &lt;conv(x), y&gt; = &lt;x, deconv(y)&gt; = &lt;w, dw(x, y)&gt;, and the other kind's layer, which is the adjoint.</summary>
public class AdjointTests
{
    // Each side has sums within 8 roundings of the sum of all magnitudes; the inner products themselves are nearly exact.
    private const double Bound = 16;

    [Fact]
    public void InnerProductsAgree()
    {
        var worst = 0.0;
        Property.Check(LayerGen.Linear, one => worst = Math.Max(worst, one.Descriptor.Element == ElementType.Float64 ? InnerProducts<double>(one) : InnerProducts<float>(one)));

        // Exactly 0 everywhere would mean that nothing was compared.
        Assert.True(worst > 0);
    }

    /// <summary>A layer's passes are its adjoint's passes exchanged, to the last bit.</summary>
    [Fact]
    public void AdjointsHaveTheSameBits() => Property.Check(LayerGen.Linear, one =>
    {
        if (one.Descriptor.Element == ElementType.Float64) SameBits<double>(one);
        else SameBits<float>(one);
    });

    /// <summary>The largest difference of the three, in roundings of the sum of magnitudes.</summary>
    private static double InnerProducts<T>(LayerCase one)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var d = one.Descriptor;
        var operands = new Operands<T>(d, one.Seed);
        using var plan = one.Plan(d);
        using var adjoint = one.Plan(Adjoint.Of(d));
        Assert.Equal(plan.InputLength, adjoint.OutputLength);
        Assert.Equal(plan.OutputLength, adjoint.InputLength);

        var outcome = Outcome<T>.Of(plan, operands);
        var spread = new T[plan.InputLength];
        adjoint.Forward<T>(operands.Dy, operands.W, [], spread);
        var throughY = Dot(outcome.Y, operands.Dy);
        double[] others = [Dot(operands.X, spread), Dot(operands.W, outcome.Dw), Dot(operands.X, outcome.Dx)];

        var scale = new Oracle(d).Forward(Truth<T>.Doubles(operands.X), Truth<T>.Doubles(operands.W)).Scale;
        var magnitude = scale.Zip(operands.Dy, (sum, dy) => sum * Math.Abs(double.CreateChecked(dy))).Sum();
        if (magnitude == 0)
        {
            Assert.All(others, other => Assert.Equal(0, other));
            Assert.Equal(0, throughY);
            return 0;
        }

        var error = others.Max(other => Math.Abs(throughY - other)) / (Truth<T>.Rounding * magnitude);
        Assert.True(error <= Bound, $"inner products differ by {error} roundings, {Bound} allowed: {throughY:R} and {string.Join(", ", others)}");
        return error;
    }

    private static void SameBits<T>(LayerCase one)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (d, other) = (one.Descriptor, Adjoint.Of(one.Descriptor));
        using var plan = one.Plan(d);
        using var adjoint = one.Plan(other);
        var operands = new Operands<T>(d, one.Seed);
        var outcome = Outcome<T>.Of(plan, operands);
        var exchanged = Outcome<T>.Of(adjoint, new Operands<T>(other, one.Seed) { X = operands.Dy, W = operands.W, Dy = operands.X });
        Outcome<T>.Same(outcome.Y, exchanged.Dx, "y and the adjoint's dx");
        Outcome<T>.Same(outcome.Dx, exchanged.Y, "dx and the adjoint's y");
        Outcome<T>.Same(outcome.Dw, exchanged.Dw, "dw of both");
    }

    private static double Dot<T>(T[] a, T[] b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var sum = new Oracle.Sums(1);
        for (var i = 0; i < a.Length; i++)
        {
            sum.Add(0, double.CreateChecked(a[i]), double.CreateChecked(b[i]));
        }

        sum.Finish();
        return sum.Value[0];
    }
}
