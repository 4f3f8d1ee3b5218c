using System.Numerics;
using NativeConv.Kernels.Elementwise;
using Xunit;

namespace NativeConv.Tests.Kernels;

/// <summary>What activations and gradients select at ties, zeros, infinities and NaN, at every width and in every lane.</summary>
public unsafe class SelectionTests
{
    private const double Infinity = double.PositiveInfinity;
    private const double NaN = double.NaN;

    [Theory]
    [InlineData(Activation.Relu, -1, 0)]
    [InlineData(Activation.Relu, -0.0, 0)]
    [InlineData(Activation.Relu, 0, 0)]
    [InlineData(Activation.Relu, 2, 2)]
    [InlineData(Activation.Relu, Infinity, Infinity)]
    [InlineData(Activation.Relu, -Infinity, 0)]
    [InlineData(Activation.Relu, NaN, NaN)]
    [InlineData(Activation.LeakyRelu, 2, 2)]
    [InlineData(Activation.LeakyRelu, 0, 0)]
    [InlineData(Activation.LeakyRelu, -0.0, -0.0)]
    [InlineData(Activation.LeakyRelu, -2, -0.5)]
    [InlineData(Activation.LeakyRelu, -Infinity, -Infinity)]
    [InlineData(Activation.LeakyRelu, NaN, NaN)]
    [InlineData(Activation.Clip, -2, 0.25)]
    [InlineData(Activation.Clip, 0.25, 0.25)]
    [InlineData(Activation.Clip, 0.5, 0.5)]
    [InlineData(Activation.Clip, 0.75, 0.75)]
    [InlineData(Activation.Clip, 3, 0.75)]
    [InlineData(Activation.Clip, Infinity, 0.75)]
    [InlineData(Activation.Clip, -Infinity, 0.25)]
    [InlineData(Activation.Clip, NaN, NaN)]
    [InlineData(Activation.Sigmoid, 0, 0.5)]
    [InlineData(Activation.Sigmoid, -0.0, 0.5)]
    [InlineData(Activation.Sigmoid, Infinity, 1)]
    [InlineData(Activation.Sigmoid, -Infinity, 0)]
    [InlineData(Activation.Sigmoid, NaN, NaN)]
    [InlineData(Activation.Tanh, 0, 0)]
    [InlineData(Activation.Tanh, -0.0, -0.0)]
    [InlineData(Activation.Tanh, Infinity, 1)]
    [InlineData(Activation.Tanh, -Infinity, -1)]
    [InlineData(Activation.Tanh, NaN, NaN)]
    [InlineData(Activation.Elu, 2, 2)]
    [InlineData(Activation.Elu, 0, 0)]
    [InlineData(Activation.Elu, Infinity, Infinity)]
    [InlineData(Activation.Elu, -Infinity, -0.25)]
    [InlineData(Activation.Elu, NaN, NaN)]
    public void Forward(Activation activation, double a, double expected)
    {
        CheckForward<float>(activation, (float)a, (float)expected);
        CheckForward<double>(activation, a, expected);
    }

    [Theory]
    [InlineData(Activation.Relu, GradientRule.Backprop, 0, 3, 0)]
    [InlineData(Activation.Relu, GradientRule.Backprop, 0, NaN, 0)]
    [InlineData(Activation.Relu, GradientRule.Backprop, -0.0, Infinity, 0)]
    [InlineData(Activation.Relu, GradientRule.Backprop, 1, -3, -3)]
    [InlineData(Activation.Relu, GradientRule.Backprop, 1, NaN, NaN)]
    [InlineData(Activation.Relu, GradientRule.Backprop, NaN, 3, 3)]
    [InlineData(Activation.Relu, GradientRule.Deconvnet, 0, 3, 3)]
    [InlineData(Activation.Relu, GradientRule.Deconvnet, 1, -3, 0)]
    [InlineData(Activation.Relu, GradientRule.Deconvnet, 1, -0.0, 0)]
    [InlineData(Activation.Relu, GradientRule.Deconvnet, 1, NaN, NaN)]
    [InlineData(Activation.Relu, GradientRule.Deconvnet, NaN, 3, 3)]
    [InlineData(Activation.Relu, GradientRule.Guided, 1, 3, 3)]
    [InlineData(Activation.Relu, GradientRule.Guided, 0, 3, 0)]
    [InlineData(Activation.Relu, GradientRule.Guided, 1, -3, 0)]
    [InlineData(Activation.Relu, GradientRule.Guided, 0, NaN, 0)]
    [InlineData(Activation.Relu, GradientRule.Guided, 1, NaN, NaN)]
    [InlineData(Activation.LeakyRelu, GradientRule.Backprop, 1, 3, 3)]
    [InlineData(Activation.LeakyRelu, GradientRule.Backprop, 0, 4, 1)]
    [InlineData(Activation.LeakyRelu, GradientRule.Backprop, -1, 4, 1)]
    [InlineData(Activation.LeakyRelu, GradientRule.Backprop, NaN, 4, 1)]
    [InlineData(Activation.LeakyRelu, GradientRule.Backprop, 1, Infinity, Infinity)]
    [InlineData(Activation.Clip, GradientRule.Backprop, 0.25, 3, 0)]
    [InlineData(Activation.Clip, GradientRule.Backprop, 0.75, 3, 0)]
    [InlineData(Activation.Clip, GradientRule.Backprop, 0.5, 3, 3)]
    [InlineData(Activation.Clip, GradientRule.Backprop, 0.25, NaN, 0)]
    [InlineData(Activation.Clip, GradientRule.Backprop, 0.75, Infinity, 0)]
    [InlineData(Activation.Clip, GradientRule.Backprop, NaN, 3, 0)]
    [InlineData(Activation.Elu, GradientRule.Backprop, 1, 3, 3)]
    [InlineData(Activation.Elu, GradientRule.Backprop, 0, 4, 1)]
    [InlineData(Activation.Elu, GradientRule.Backprop, -0.25, 4, 0)]
    [InlineData(Activation.Elu, GradientRule.Backprop, 1, Infinity, Infinity)]
    [InlineData(Activation.Sigmoid, GradientRule.Backprop, 0.5, 4, 1)]
    [InlineData(Activation.Sigmoid, GradientRule.Backprop, 1, 4, 0)]
    [InlineData(Activation.Tanh, GradientRule.Backprop, 0.5, 4, 3)]
    [InlineData(Activation.Tanh, GradientRule.Backprop, -1, 4, 0)]
    public void Backward(Activation activation, GradientRule rule, double y, double dy, double expected)
    {
        CheckBackward<float>(activation, rule, (float)y, (float)dy, (float)expected);
        CheckBackward<double>(activation, rule, y, dy, expected);
    }

    private static void CheckForward<T>(Activation activation, T a, T expected)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = stackalloc T[16];
        var args = new FinishArgs<T> { ActivationAlpha = T.CreateChecked(0.25), ActivationBeta = T.CreateChecked(0.75) };
        foreach (var (name, set) in ScalarSet.All<T>(activation))
        {
            new Span<T>(values, 16).Fill(a);
            set.Finish(values, 0, values, 0, 1, 16, &args);
            for (var lane = 0; lane < 16; lane++)
            {
                MustBe(expected, values[lane], $"{name} {typeof(T).Name} {activation}({a})");
            }
        }
    }

    private static void CheckBackward<T>(Activation activation, GradientRule rule, T y, T dy, T expected)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var gradients = stackalloc T[17];
        var outputs = stackalloc T[17];
        var deltas = stackalloc T[17];
        new Span<T>(gradients, 17).Fill(dy);
        new Span<T>(outputs, 17).Fill(y);
        foreach (var (name, set) in ScalarSet.All<T>(activation, rule))
        {
            set.Delta(gradients, outputs, deltas, 17, T.CreateChecked(0.25), T.CreateChecked(0.75));
            for (var lane = 0; lane < 17; lane++)
            {
                MustBe(expected, deltas[lane], $"{name} {typeof(T).Name} {activation} {rule} y {y} dy {dy}");
            }
        }
    }

    private static void MustBe<T>(T expected, T got, string what)
        where T : unmanaged, INumber<T> => Assert.True(Same.Bits(expected, got), $"{what}: {got}, expected {expected}");
}
