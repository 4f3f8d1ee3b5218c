using System.Numerics;
using NativeConv.Kernels.Lanes;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Kernels;

/// <summary>Accumulate, AddRows, MultiplyRows, Fold: every length, between pages that fault, against the formulas, at every width and with scalar lanes.</summary>
public unsafe class SumsTests
{
    private const int Rows = 3;

    [Fact]
    public void Accumulate()
    {
        CheckAccumulate<float>();
        CheckAccumulate<double>();
    }

    [Fact]
    public void AreFinite()
    {
        CheckAreFinite<float>();
        CheckAreFinite<double>();
    }

    [Fact]
    public void AddRows()
    {
        CheckAddRows<float>();
        CheckAddRows<double>();
    }

    [Fact]
    public void MultiplyRows()
    {
        CheckMultiplyRows<float>();
        CheckMultiplyRows<double>();
    }

    [Fact]
    public void Fold()
    {
        CheckFold<float>();
        CheckFold<double>();
    }

    private static void CheckAccumulate<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var targets = new GuardedMemory<T>(64);
        using var sources = new GuardedMemory<T>(64);
        foreach (var (name, set) in ScalarSet.All<T>())
        {
            for (var count = 0; count <= 40; count++)
            {
                var whole = (count + set.VectorLength - 1) / set.VectorLength * set.VectorLength;
                var target = Specials.Fill<T>(whole, count);
                var source = Specials.Fill<T>(whole, count + 100);
                T[] expected = [.. target.Zip(source, (a, b) => a + b)];
                foreach (var atEnd in (ReadOnlySpan<bool>)[false, true])
                {
                    var place = targets.Place(target, atEnd);
                    set.Accumulate(place, sources.Place(source, atEnd), count);
                    Same.Assert<T>(expected.AsSpan(0, count), new ReadOnlySpan<T>(place, count), $"{name} {typeof(T).Name} count {count}");
                }
            }
        }
    }

    private static void CheckAreFinite<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var numbers = new GuardedMemory<T>(160);
        foreach (var (name, set) in ScalarSet.All<T>())
        {
            // Up to the end of what may be read.
            for (var count = 0; count <= 9 * set.VectorLength; count += count < 2 * set.VectorLength ? 1 : Math.Max(1, set.VectorLength - 1))
            {
                var values = Enumerable.Repeat(T.CreateSaturating(3e38), count).ToArray();
                var place = numbers.Place(values, atEnd: true);
                Assert.True(set.AreFinite(place, values.Length), name);
                foreach (var odd in (T[])[T.NaN, T.PositiveInfinity, T.NegativeInfinity])
                {
                    for (var i = 0; i < values.Length; i++)
                    {
                        place[i] = odd;
                        Assert.False(set.AreFinite(place, values.Length), $"{name} {odd} at {i} of {values.Length}");
                        place[i] = T.CreateSaturating(-3e38);
                    }
                }
            }
        }
    }

    private static void CheckAddRows<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        EachRows<T>((a, _, old) => old + a, (set, a, aPitch, _, _, columns, lanes) => set.AddRows(a, aPitch, Rows, columns, lanes));

    private static void CheckMultiplyRows<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        EachRows<T>(T.FusedMultiplyAdd, (set, a, aPitch, b, bPitch, columns, lanes) => set.MultiplyRows(a, aPitch, b, bPitch, Rows, columns, lanes));

    private delegate void RowKernel<T>(NativeConv.Kernels.KernelSet<T> set, T* a, nint aPitch, T* b, nint bPitch, nint columns, T* lanes)
        where T : unmanaged;

    private static void EachRows<T>(Func<T, T, T, T> step, RowKernel<T> kernel)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var interleave = LaneConstants<T>.Interleave;
        using var first = new GuardedMemory<T>(Rows * 64);
        using var second = new GuardedMemory<T>(Rows * 64);
        using var lanes = new GuardedMemory<T>(interleave);
        foreach (var (name, set) in ScalarSet.All<T>())
        {
            for (var columns = 0; columns <= 40; columns++)
            {
                int aPitch = columns + 5, bPitch = columns + 2;
                var a = Support.Data.Random<T>(((Rows - 1) * aPitch) + columns, columns);
                var b = Support.Data.Random<T>(((Rows - 1) * bPitch) + columns, columns + 100);
                var old = Support.Data.Random<T>(interleave, columns + 200);
                var expected = (T[])old.Clone();
                for (var row = 0; row < Rows; row++)
                {
                    for (var c = 0; c < columns; c++)
                    {
                        expected[c % interleave] = step(a[(row * aPitch) + c], b[(row * bPitch) + c], expected[c % interleave]);
                    }
                }

                foreach (var atEnd in (ReadOnlySpan<bool>)[false, true])
                {
                    var place = lanes.Place(old, atEnd);
                    kernel(set, first.Place(a, atEnd), aPitch, second.Place(b, atEnd), bPitch, columns, place);
                    Same.Assert<T>(expected, new ReadOnlySpan<T>(place, interleave), $"{name} {typeof(T).Name} columns {columns}");
                }
            }
        }
    }

    private static void CheckFold<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var interleave = LaneConstants<T>.Interleave;
        using var lanes = new GuardedMemory<T>(interleave);
        for (var seed = 0; seed < 41; seed++)
        {
            var values = Support.Data.Random<T>(interleave, seed);
            var expected = Tree(values);
            foreach (var (name, set) in ScalarSet.All<T>())
            {
                foreach (var atEnd in (ReadOnlySpan<bool>)[false, true])
                {
                    var place = lanes.Place(values, atEnd);
                    Same.Assert<T>([expected], [set.Fold(place)], $"{name} {typeof(T).Name}");
                    Same.Assert<T>(values, new ReadOnlySpan<T>(place, interleave), $"{name}: the lanes stay");
                }
            }
        }
    }

    /// <summary>The upper half is added to the lower, until one is left.</summary>
    private static T Tree<T>(T[] values)
        where T : INumber<T> => values.Length == 1
            ? values[0]
            : Tree(values[..(values.Length / 2)].Zip(values[(values.Length / 2)..], (low, high) => low + high).ToArray());
}
