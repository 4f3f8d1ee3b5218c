using System.Numerics;
using NativeConv.Tests.Engine;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Properties;

/// <summary>alpha and beta, to the last bit: y = h(fma(beta, old, sum)), gradients = fma(beta, old, alpha * sum).</summary>
public class ScalarTests
{
    private const double Alpha = -0.77;
    private const double Beta = 0.37;

    [Fact]
    public void ResultsAreScaledAndAdded() => Property.Check(LayerGen.Any, one =>
    {
        if (one.Descriptor.Element == ElementType.Float64) Check<double>(one);
        else Check<float>(one);
    });

    private static void Check<T>(LayerCase one)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var d = one.Descriptor;
        var linear = d;
        (linear.Activation, linear.GradientRule, linear.ActivationAlpha, linear.ActivationBeta) = (Activation.Identity, GradientRule.Backprop, 0, 0);
        using var plan = one.Plan(d);
        using var linearPlan = one.Plan(linear);
        using var activation = one.Plan(ActivationAlone(d, plan.OutputLength));
        var plain = new Operands<T>(d, one.Seed, bias: true);
        var scaled = new Operands<T>(d, one.Seed, bias: true, alpha: Alpha, beta: Beta);
        var (alpha, beta) = (T.CreateChecked(Alpha), T.CreateChecked(Beta));

        var got = Outcome<T>.Of(plan, scaled);
        var sums = new T[plan.OutputLength];
        linearPlan.Forward<T>(plain.X, plain.W, plain.Bias, sums);
        T[] before = [.. sums.Zip(scaled.OldY, (sum, old) => T.FusedMultiplyAdd(beta, old, sum))];
        var y = new T[sums.Length];
        activation.Forward<T>(before, [T.One], [], y);
        Outcome<T>.Same(y, got.Y, "y");

        // The gradients of the same y.
        var unscaled = Outcome<T>.Of(plan, plain, got.Y);
        Outcome<T>.Same(Gradient(unscaled.Dx, scaled.OldDx), got.Dx, "dx");
        Outcome<T>.Same(Gradient(unscaled.Dw, scaled.OldDw), got.Dw, "dw");
        Outcome<T>.Same(Gradient(unscaled.Db, scaled.OldDb), got.Db, "db");
        Outcome<T>.Same(unscaled.Delta, got.Delta, "delta, which nothing scales");

        T[] Gradient(T[] sum, T[] old) => [.. sum.Zip(old, (one, other) => T.FusedMultiplyAdd(beta, other, alpha * one))];
    }

    /// <summary>One weight, which is 1: a layer that does nothing but h.</summary>
    private static ConvDescriptor ActivationAlone(in ConvDescriptor d, long length)
    {
        var alone = Layer.Conv(1, 1, 1).Input(length).Type(d.Element).Descriptor;
        (alone.Activation, alone.ActivationAlpha, alone.ActivationBeta) = (d.Activation, d.ActivationAlpha, d.ActivationBeta);
        return alone;
    }
}
