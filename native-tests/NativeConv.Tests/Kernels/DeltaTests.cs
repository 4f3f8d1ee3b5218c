using System.Numerics;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Kernels;

/// <summary>Delta: every length between pages that fault, at every width the bits of the scalar lanes; nothing but the result is written.</summary>
public unsafe class DeltaTests
{
    [Theory]
    [InlineData(Activation.Relu, GradientRule.Backprop)]
    [InlineData(Activation.Relu, GradientRule.Deconvnet)]
    [InlineData(Activation.Relu, GradientRule.Guided)]
    [InlineData(Activation.LeakyRelu, GradientRule.Backprop)]
    [InlineData(Activation.Clip, GradientRule.Backprop)]
    [InlineData(Activation.Sigmoid, GradientRule.Backprop)]
    [InlineData(Activation.Tanh, GradientRule.Backprop)]
    [InlineData(Activation.Elu, GradientRule.Backprop)]
    public void EveryWidthEqualsScalar(Activation activation, GradientRule rule)
    {
        Run<float>(activation, rule);
        Run<double>(activation, rule);
    }

    [Fact]
    public void IdentityHasNone()
    {
        foreach (var (_, set) in ScalarSet.Widths<float>())
        {
            Assert.True(set.Delta == null);
        }
    }

    private static void Run<T>(Activation activation, GradientRule rule)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var gradients = new GuardedMemory<T>(40);
        using var outputs = new GuardedMemory<T>(40);
        using var deltas = new GuardedMemory<T>(40);
        var (alpha, beta) = (T.CreateChecked(0.3), T.CreateChecked(0.9));
        var scalar = ScalarSet.Create<T>(activation, rule);
        foreach (var (name, set) in ScalarSet.Widths<T>(activation, rule))
        {
            for (var count = 0; count <= 40; count++)
            {
                var dy = Specials.Fill<T>(count, count);
                var y = Specials.Fill<T>(count, count + 100);
                var expected = new T[count];
                fixed (T* pdy = dy, py = y, pe = expected)
                {
                    scalar.Delta(pdy, py, pe, count, alpha, beta);
                }

                foreach (var atEnd in (ReadOnlySpan<bool>)[false, true])
                {
                    // The rule that does not read y gets none.
                    var delta = deltas.Place(count, atEnd);
                    var output = rule == GradientRule.Deconvnet ? null : outputs.Place(y, atEnd);
                    set.Delta(gradients.Place(dy, atEnd), output, delta, count, alpha, beta);
                    Same.Assert<T>(expected, new ReadOnlySpan<T>(delta, count), $"{name} {typeof(T).Name} {activation} {rule} count {count}");
                }
            }
        }
    }
}
