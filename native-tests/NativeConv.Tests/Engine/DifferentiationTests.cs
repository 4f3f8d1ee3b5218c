using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>
/// Backward passes against numeric differentiation of forward: (L(p + step) - L(p - step)) / (2 step) for each number p of x, w and bias, L = &lt;y, dy&gt;, in f64. The
/// two rules that are no derivatives are held against their formulas.
/// </summary>
public class DifferentiationTests
{
    private const double Step = 1e-5;

    // The quotient's own error: step^2 times a third derivative below 100, and cancellation of a few 1e-15 divided by the step.
    private const double Tolerance = 2e-8;

    // Kinks must not lie within a step of any sum; a step moves a sum by no more than itself, |x| and |w| being below 1.
    private const double Clearance = 4 * Step;

    [Theory]
    [InlineData(Activation.Identity, 0, 0)]
    [InlineData(Activation.Relu, 0, 0)]
    [InlineData(Activation.LeakyRelu, 0.3, 0)]
    [InlineData(Activation.Clip, -0.5, 0.6)]
    [InlineData(Activation.Sigmoid, 0, 0)]
    [InlineData(Activation.Tanh, 0, 0)]
    [InlineData(Activation.Elu, 0.7, 0)]
    public void BackwardIsTheDerivativeOfForward(Activation activation, double alpha, double beta)
    {
        Check(Layer.Conv(2, 2, 3).Input(5, 4).Kernel(2, 3).Stride(2, 1).Dilation(1, 2).PadBegin(1, 2).PadEnd(0, 1), activation, alpha, beta);
        Check(Layer.Deconv(2, 3, 2).Input(3, 4).Kernel(3, 2).Stride(2, 3).Dilation(2, 1).PadBegin(1, 0).PadEnd(0, 1).OutputPadding(1, 2), activation, alpha, beta);
        Check(Layer.Conv(1, 4, 4).Groups(4).Input(7).Kernel(3).Stride(2).PadBegin(1), activation, alpha, beta);
    }

    [Theory]
    [InlineData(GradientRule.Deconvnet)]
    [InlineData(GradientRule.Guided)]
    public void RulesHaveTheirFormulas(GradientRule rule)
    {
        foreach (var kind in Enum.GetValues<ConvKind>())
        {
            var layer = kind == ConvKind.Conv ? Layer.Conv(2, 5, 7) : Layer.Deconv(2, 5, 7);
            var descriptor = layer.Input(6, 5).Kernel(3, 2).Stride(2, 1).PadBegin(1, 0).Type(ElementType.Float64).Activation(Activation.Relu, rule: rule).Descriptor;
            var linear = descriptor;
            (linear.Activation, linear.GradientRule) = (Activation.Identity, GradientRule.Backprop);
            var operands = new Operands<double>(descriptor, seed: 3, bias: true, alpha: 0.6, beta: 0.3);

            // Ties and signs of zero too.
            (operands.Dy[0], operands.Dy[1], operands.Dy[2]) = (0, -0.0, double.Epsilon);
            foreach (var isa in Isas.Available)
            {
                using var plan = ConvPlan.Create(descriptor, new PlanOptions(isa));
                using var linearPlan = ConvPlan.Create(linear, new PlanOptions(isa));
                var outcome = Outcome<double>.Of(plan, operands);
                Assert.Contains(0.0, outcome.Y);
                var open = outcome.Y.Select(y => rule == GradientRule.Deconvnet || y > 0);
                var delta = operands.Dy.Zip(open, (dy, passes) => dy > 0 && passes ? dy : 0.0).ToArray();
                var expected = Outcome<double>.Of(linearPlan, new Operands<double>(descriptor, seed: 3, bias: true, alpha: 0.6, beta: 0.3) { Dy = delta });
                var what = $"{rule} {kind} {isa}";
                Outcome<double>.Same(delta, outcome.Delta, what + ": delta");
                Outcome<double>.Same(expected.Dx, outcome.Dx, what + ": dx");
                Outcome<double>.Same(expected.Dw, outcome.Dw, what + ": dw");
                Outcome<double>.Same(expected.Db, outcome.Db, what + ": db");
            }
        }
    }

    private static void Check(Layer layer, Activation activation, double alpha, double beta)
    {
        var descriptor = layer.Type(ElementType.Float64).Activation(activation, alpha, beta).Descriptor;
        var operands = AwayFromKinks(descriptor);
        foreach (var isa in Isas.Available)
        {
            using var plan = ConvPlan.Create(descriptor, new PlanOptions(isa));
            var outcome = Outcome<double>.Of(plan, operands);
            var y = new double[operands.OldY.Length];
            Compare(operands.X, outcome.Dx, "dx");
            Compare(operands.W, outcome.Dw, "dw");
            Compare(operands.Bias, outcome.Db, "db");

            void Compare(double[] parameters, double[] gradient, string name)
            {
                for (var i = 0; i < parameters.Length; i++)
                {
                    var before = parameters[i];
                    parameters[i] = before + Step;
                    var above = Loss();
                    parameters[i] = before - Step;
                    var below = Loss();
                    parameters[i] = before;
                    var numeric = (above - below) / (2 * Step);
                    Assert.True(Math.Abs(numeric - gradient[i]) <= Tolerance, $"{isa} {name}[{i}]: {gradient[i]}, numerically {numeric}: {layer}");
                }
            }

            double Loss()
            {
                plan.Forward<double>(operands.X, operands.W, operands.Bias, y);
                return y.Zip(operands.Dy, (one, dy) => one * dy).Sum();
            }
        }
    }

    /// <summary>The first random operands whose sums keep their distance from the places where h has no derivative.</summary>
    private static Operands<double> AwayFromKinks(in ConvDescriptor descriptor)
    {
        double[] kinks = descriptor.Activation == Activation.Clip ? [descriptor.ActivationAlpha, descriptor.ActivationBeta] : [0];
        var linear = descriptor;
        (linear.Activation, linear.ActivationAlpha, linear.ActivationBeta) = (Activation.Identity, 0, 0);
        using var plan = ConvPlan.Create(linear);
        for (var seed = 0; ; seed++)
        {
            var operands = new Operands<double>(descriptor, seed, bias: true);
            var sums = Outcome<double>.Of(plan, operands).Y;
            if (sums.All(sum => kinks.All(kink => Math.Abs(sum - kink) > Clearance)))
            {
                return operands;
            }
        }
    }
}
