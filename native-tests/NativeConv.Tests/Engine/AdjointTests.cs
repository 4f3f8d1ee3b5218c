using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>
/// The inner products that define backward passes, in f64: &lt;conv(x), y&gt; = &lt;x, deconv(y)&gt; = &lt;w, dw(x, y)&gt;, each side from another pass.
/// </summary>
public class AdjointTests
{
    private const int Layers = 150;

    // Each side has sums within 8 roundings of the sum of all magnitudes; the inner products themselves are nearly exact.
    private const double Bound = 16;

    [Theory]
    [MemberData(nameof(Cases.IsasAndElements), MemberType = typeof(Cases))]
    public void InnerProductsAgree(string isa, ElementType element)
    {
        var worst = 0.0;
        for (var seed = 0; seed < Layers; seed++)
        {
            var error = element == ElementType.Float64 ? Error<double>(seed, isa, element) : Error<float>(seed, isa, element);
            Assert.True(error <= Bound, $"seed {seed}: {error} roundings: {Layer.Describe(RandomLayers.Create(seed, element, activation: false))}");
            worst = Math.Max(worst, error);
        }

        // Exactly 0 everywhere would mean that nothing was compared.
        Assert.True(worst > 0);
    }

    /// <summary>The largest difference of the three, in roundings of the sum of magnitudes.</summary>
    private static double Error<T>(int seed, string isa, ElementType element)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var descriptor = RandomLayers.Create(seed, element, activation: false);
        var operands = new Operands<T>(descriptor, seed);
        var options = new PlanOptions(Cases.Isa(isa));
        using var plan = ConvPlan.Create(descriptor, options);
        using var adjoint = ConvPlan.Create(Adjoint.Of(descriptor), options);
        Assert.Equal(plan.InputLength, adjoint.OutputLength);
        Assert.Equal(plan.OutputLength, adjoint.InputLength);

        var outcome = Outcome<T>.Of(plan, operands);
        var spread = new T[plan.InputLength];
        adjoint.Forward<T>(operands.Dy, operands.W, [], spread);
        var throughY = Dot(outcome.Y, operands.Dy);
        var throughX = Dot(operands.X, spread);
        var throughW = Dot(operands.W, outcome.Dw);
        var throughDx = Dot(operands.X, outcome.Dx);

        var scale = new Oracle(descriptor).Forward(Truth<T>.Doubles(operands.X), Truth<T>.Doubles(operands.W)).Scale;
        var magnitude = scale.Zip(operands.Dy, (sum, dy) => sum * Math.Abs(double.CreateChecked(dy))).Sum();
        if (magnitude == 0)
        {
            Assert.Equal((0.0, 0.0, 0.0, 0.0), (throughY, throughX, throughW, throughDx));
            return 0;
        }

        var differences = new[] { throughY - throughX, throughY - throughW, throughY - throughDx };
        return differences.Max(Math.Abs) / (Truth<T>.Rounding * magnitude);
    }

    private static double Dot<T>(T[] a, T[] b)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
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
