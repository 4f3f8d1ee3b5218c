using System.Numerics;
using NativeConv.Kernels;
using NativeConv.Kernels.Tiles;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Kernels;

/// <summary>Every point tile, of one chain and of several, against chains of fused multiply-adds, its operands between pages that fault.</summary>
public unsafe class PointTileTests
{
    [Fact]
    public void Float32() => Run<float>();

    [Fact]
    public void Float64() => Run<double>();

    private static void Run<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Assert.NotEmpty(Isas.Available);
        using var vectors = new GuardedMemory<T>(16384);
        using var source = new GuardedMemory<T>(4096);
        using var rows = new GuardedMemory<nint>(16);
        using var offsets = new GuardedMemory<nint>(4096);
        using var sums = new GuardedMemory<T>(4096);
        using var rowPlaces = new GuardedMemory<nint>(16);
        using var biases = new GuardedMemory<T>(64);
        foreach (var isa in Isas.Available)
        {
            var set = KernelSet<T>.Create(isa, Activation.Identity, GradientRule.Backprop);
            foreach (var shape in TileShape.All(KernelSet<T>.PointRows(set.TileRows, 1)).Where(shape => shape.Rows <= KernelSet<T>.PointRows(set.TileRows, shape.Columns)))
            {
                var random = new Random(shape.GetHashCode());
                var width = shape.Columns * set.VectorLength;
                var steps = shape.Steps;
                var v = Data.Random<T>((long)steps * width, 1);
                var (o, first, extent) = TileShape.Offsets(random, steps, 1);

                // Rows may lie anywhere; the first and last of these touch both ends of the source.
                var apart = 3;
                var x = Data.Random<T>(steps == 0 ? 0 : extent + ((shape.Rows - 1) * apart), 2);
                var pitch = width + 3;
                var old = Data.Random<T>(((shape.Rows - 1) * pitch) + width, 3);
                var (runs, slices) = Runs(random, steps);

                var bias = Data.Random<T>(width, 4);

                var expected = (T[])old.Clone();
                var biased = (T[])old.Clone();
                var expectedOfChains = (T[])old.Clone();
                for (var r = 0; r < shape.Rows; r++)
                {
                    for (var m = 0; m < width; m++)
                    {
                        T Chain(T sum, IEnumerable<int> steps) => steps.Aggregate(sum, (chain, k) => T.FusedMultiplyAdd(x[first + (r * apart) + o[k]], v[(k * width) + m], chain));

                        var place = (Place(shape, r) * pitch) + m;
                        var before = shape.Add ? old[place] : T.Zero;
                        expected[place] = before + Chain(T.Zero, slices.SelectMany(slice => slice));
                        biased[place] = expected[place] + bias[m];
                        expectedOfChains[place] = slices.Aggregate(before, (sum, slice) => sum + Chain(T.Zero, slice));
                    }
                }

                foreach (var atEnd in (ReadOnlySpan<bool>)[false, true])
                {
                    var starts = rows.Place(shape.Rows, atEnd);
                    var places = rowPlaces.Place(shape.Rows, atEnd);
                    for (var r = 0; r < shape.Rows; r++)
                    {
                        starts[r] = first + (r * apart);
                        places[r] = Place(shape, r) * pitch;
                    }

                    T* px = source.Place(x, atEnd), pv = vectors.Place(v, atEnd);
                    var po = offsets.Place(o, atEnd);
                    var tile = set.PointTile(shape.Rows, shape.Columns);
                    foreach (var results in (T[][])[expected, biased])
                    {
                        var result = sums.Place(old, atEnd);
                        var added = results == biased ? biases.Place(bias, atEnd) : null;
                        tile(px, starts, pv, po, &runs, result, places, shape.Add, added);
                        Same.Assert<T>(results, new ReadOnlySpan<T>(result, old.Length), $"{isa} {typeof(T).Name} {shape} bias {results == biased}");
                    }

                    if (shape.Rows <= KernelSet<T>.RowsOfChains(set.TileRows))
                    {
                        var result = sums.Place(old, atEnd);
                        set.ChainsTile(shape.Rows, shape.Columns)(px, starts, pv, po, &runs, result, places, shape.Add);
                        Same.Assert<T>(expectedOfChains, new ReadOnlySpan<T>(result, old.Length), $"{isa} {typeof(T).Name} {shape} of {slices.Count} chains");
                    }
                }
            }
        }
    }

    /// <summary>Sums lie in another order than rows.</summary>
    private static int Place(TileShape shape, int row) => (row + 1) % shape.Rows;

    /// <summary>All steps, or a box of them, slice by slice.</summary>
    private static (StepRuns Runs, List<List<int>> Slices) Runs(Random random, int steps)
    {
        var unit = random.Next(1, 4);
        var (length, rows, slices) = (random.Next(0, 4), random.Next(1, 4), random.Next(1, 3));
        var (rowPitch, slicePitch) = (length + random.Next(0, 3), (rows * (length + 2)) + random.Next(0, 3));
        var last = ((slices - 1) * slicePitch) + ((rows - 1) * rowPitch) + length;
        if (random.Next(3) == 0 || last * unit > steps)
        {
            return (new StepRuns(steps), [[.. Enumerable.Range(0, steps)]]);
        }

        var first = random.Next(0, (steps / unit) - last + 1);
        var done = from slice in Enumerable.Range(0, slices)
                   select (from row in Enumerable.Range(0, rows)
                           from step in Enumerable.Range((first + (slice * slicePitch) + (row * rowPitch)) * unit, length * unit)
                           select step).ToList();
        return (new StepRuns(first, length, rows, rowPitch, slices, slicePitch).Times(unit), [.. done]);
    }
}
