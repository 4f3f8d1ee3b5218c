using System.Numerics;
using NativeConv.Kernels;
using NativeConv.Kernels.Tiles;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Kernels;

/// <summary>Every tile of lines against chains of fused multiply-adds, its operands between pages that fault.</summary>
public unsafe class LineTileTests
{
    // Slices, lines of taps, steps of a line: no lines that all rows of a tile read, and some; one tap; nothing.
    private static readonly (int Slices, int Lines, int Length)[] Taps = [(1, 3, 5), (2, 2, 3), (1, 1, 7), (3, 12, 2), (1, 11, 23), (0, 3, 4)];

    [Fact]
    public void Float32() => Run<float>();

    [Fact]
    public void Float64() => Run<double>();

    private static void Run<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Assert.NotEmpty(Isas.Available);
        using var weights = new GuardedMemory<T>(4096);
        using var source = new GuardedMemory<T>(8192);
        using var offsets = new GuardedMemory<nint>(4096);
        using var sums = new GuardedMemory<T>(4096);
        foreach (var isa in Isas.Available)
        {
            var set = KernelSet<T>.Create(isa, Activation.Identity, GradientRule.Backprop);
            var calls =
                from taps in Taps
                from rows in Enumerable.Range(1, KernelSet<T>.LineRows)
                from columns in Enumerable.Range(1, KernelSet<T>.TileColumns)
                from up in (bool[])[false, true]
                from add in (bool[])[false, true]
                select (taps, rows, columns, up, add);
            foreach (var (taps, rows, columns, up, add) in calls)
            {
                var width = columns * set.VectorLength;
                var steps = taps.Slices * taps.Lines * taps.Length;
                var w = Data.Random<T>(steps, 1);

                // Lines lie one below the other, or above, in any order of the steps of a line.
                var linePitch = (up ? -1 : 1) * (width + 5);
                var random = new Random((rows * 10) + columns);
                var o = new nint[steps];
                for (var k = 0; k < steps; k++)
                {
                    var line = k / taps.Length % taps.Lines;
                    o[k] = line > 0 ? o[k - taps.Length] + linePitch : random.Next(-50, 51);
                }

                var ends = o.SelectMany(offset => (nint[])[offset, offset + ((rows - 1) * linePitch)]).ToArray();
                var first = steps == 0 ? 0 : (int)-ends.Min();
                var x = Data.Random<T>(steps == 0 ? 0 : (int)(ends.Max() - ends.Min()) + width, 2);
                var pitch = width + 3;
                var old = Data.Random<T>(((rows - 1) * pitch) + width, 3);
                var expected = (T[])old.Clone();
                for (var r = 0; r < rows; r++)
                {
                    for (var q = 0; q < width; q++)
                    {
                        var chain = T.Zero;
                        for (var k = 0; k < steps; k++)
                        {
                            chain = T.FusedMultiplyAdd(w[k], x[first + o[k] + (r * linePitch) + q], chain);
                        }

                        var place = ((up ? rows - 1 - r : r) * pitch) + q;
                        expected[place] = add ? old[place] + chain : chain;
                    }
                }

                var lines = new TapLines(taps.Slices, taps.Lines, taps.Length, linePitch);
                foreach (var atEnd in (ReadOnlySpan<bool>)[false, true])
                {
                    var result = sums.Place(old, atEnd);
                    var firstRow = up ? result + ((rows - 1) * pitch) : result;
                    set.LineTile(columns)(
                        weights.Place(w, atEnd), source.Place(x, atEnd) + first, offsets.Place(o, atEnd), &lines, rows, firstRow, up ? -pitch : pitch, add);
                    Same.Assert<T>(expected, new ReadOnlySpan<T>(result, old.Length), $"{isa} {typeof(T).Name} {taps} {rows} x {columns} up {up} add {add}");
                }
            }
        }
    }
}
