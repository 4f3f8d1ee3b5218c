using System.Numerics;
using NativeConv.Kernels.Elementwise;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Kernels;

/// <summary>Finish: every length, activation and combination of parts, at every width the bits of the scalar lanes, which are those of the formula.</summary>
public unsafe class FinishTests
{
    private const int Rows = 3;

    [Theory]
    [InlineData(Activation.Identity)]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.LeakyRelu)]
    [InlineData(Activation.Clip)]
    [InlineData(Activation.Sigmoid)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Elu)]
    public void EveryWidthEqualsScalar(Activation activation)
    {
        Run<float>(activation);
        Run<double>(activation);
    }

    private static void Run<T>(Activation activation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var sums = new GuardedMemory<T>(Rows * 64);
        using var addends = new GuardedMemory<T>(Rows * 64);
        using var targets = new GuardedMemory<T>(Rows * 64);
        using var biases = new GuardedMemory<T>(Rows);
        var scalar = ScalarSet.Create<T>(activation, GradientRule.Backprop);
        foreach (var (name, set) in ScalarSet.Widths<T>(activation))
        {
            for (var count = 0; count <= 40; count++)
            {
                // Rows that overlap nothing: what lies between them must stay as it is.
                var pitch = count + (count % 3);
                var size = ((Rows - 1) * pitch) + count;
                var values = Specials.Fill<T>(size, count);
                var addend = Specials.Fill<T>(size, count + 1);
                var bias = Specials.Fill<T>(Rows, count + 2);
                for (var parts = 0; parts < 8; parts++)
                {
                    var expected = (T[])values.Clone();
                    fixed (T* pe = expected, pa = addend, pb = bias)
                    {
                        var args = Args(parts, pb, pa, pitch);
                        scalar.Finish(pe, pitch, pe, pitch, Rows, count, &args);
                    }

                    if (activation == Activation.Identity)
                    {
                        Same.Assert<T>(Formula(values, addend, bias, pitch, count, parts), expected, $"formula, {count} numbers, parts {parts}");
                    }

                    foreach (var atEnd in (ReadOnlySpan<bool>)[false, true])
                    {
                        foreach (var place in Enum.GetValues<Target>())
                        {
                            // In place, elsewhere, or over the addend.
                            var from = sums.Place(values, atEnd);
                            var old = addends.Place(addend, atEnd);
                            var to = place switch { Target.Sums => from, Target.Addend => old, _ => targets.Place(values, atEnd) };
                            var between = new ReadOnlySpan<T>(to, size).ToArray();
                            var args = Args(parts, biases.Place(bias, atEnd), old, pitch);
                            set.Finish(from, pitch, to, pitch, Rows, count, &args);
                            for (var row = 0; row < Rows; row++)
                            {
                                expected.AsSpan(row * pitch, count).CopyTo(between.AsSpan(row * pitch));
                            }

                            Same.Assert<T>(between, new ReadOnlySpan<T>(to, size), $"{name} {typeof(T).Name} {activation} count {count} parts {parts} {place}");
                        }
                    }
                }
            }
        }
    }

    private enum Target
    {
        Sums,
        Addend,
        Elsewhere,
    }

    private static FinishArgs<T> Args<T>(int parts, T* bias, T* addend, int addendPitch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => new()
        {
            Alpha = T.CreateChecked(0.75),
            Beta = T.CreateChecked(-1.5),
            ActivationAlpha = T.CreateChecked(0.3),
            ActivationBeta = T.CreateChecked(0.9),
            Scale = (parts & 1) != 0,
            Bias = (parts & 2) != 0 ? bias : null,
            Addend = (parts & 4) != 0 ? addend : null,
            AddendPitch = addendPitch,
        };

    private static T[] Formula<T>(T[] values, T[] addend, T[] bias, int pitch, int count, int parts)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var result = (T[])values.Clone();
        for (var row = 0; row < Rows; row++)
        {
            for (var i = row * pitch; i < (row * pitch) + count; i++)
            {
                var value = (parts & 1) != 0 ? T.CreateChecked(0.75) * values[i] : values[i];
                value = (parts & 2) != 0 ? value + bias[row] : value;
                result[i] = (parts & 4) != 0 ? T.FusedMultiplyAdd(T.CreateChecked(-1.5), addend[i], value) : value;
            }
        }

        return result;
    }
}
