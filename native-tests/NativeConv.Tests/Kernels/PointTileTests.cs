using System.Numerics;
using NativeConv.Kernels;
using NativeConv.Kernels.Tiles;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Kernels;

/// <summary>Every point tile against a chain of fused multiply-adds, its operands between pages that fault.</summary>
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
            foreach (var shape in TileShape.All(set.TileRows))
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
                var (runs, done) = Runs(random, steps);

                var bias = Data.Random<T>(width, 4);

                var expected = (T[])old.Clone();
                var biased = (T[])old.Clone();
                for (var r = 0; r < shape.Rows; r++)
                {
                    for (var m = 0; m < width; m++)
                    {
                        var chain = T.Zero;
                        foreach (var k in done)
                        {
                            chain = T.FusedMultiplyAdd(x[first + (r * apart) + o[k]], v[(k * width) + m], chain);
                        }

                        var place = (Place(shape, r) * pitch) + m;
                        expected[place] = shape.Add ? old[place] + chain : chain;
                        biased[place] = expected[place] + bias[m];
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

                    var tile = set.PointTile(shape.Rows, shape.Columns);
                    foreach (var results in (T[][])[expected, biased])
                    {
                        var result = sums.Place(old, atEnd);
                        var added = results == biased ? biases.Place(bias, atEnd) : null;
                        tile(source.Place(x, atEnd), starts, vectors.Place(v, atEnd), offsets.Place(o, atEnd), &runs, result, places, shape.Add, added);
                        Same.Assert<T>(results, new ReadOnlySpan<T>(result, old.Length), $"{isa} {typeof(T).Name} {shape} bias {results == biased}");
                    }
                }
            }
        }
    }

    /// <summary>Sums lie in another order than rows.</summary>
    private static int Place(TileShape shape, int row) => (row + 1) % shape.Rows;

    /// <summary>All steps, or a box of them.</summary>
    private static (StepRuns Runs, List<int> Steps) Runs(Random random, int steps)
    {
        var unit = random.Next(1, 4);
        var (length, rows, slices) = (random.Next(0, 4), random.Next(1, 4), random.Next(1, 3));
        var (rowPitch, slicePitch) = (length + random.Next(0, 3), (rows * (length + 2)) + random.Next(0, 3));
        var last = ((slices - 1) * slicePitch) + ((rows - 1) * rowPitch) + length;
        if (random.Next(3) == 0 || last * unit > steps)
        {
            return (new StepRuns(steps), [.. Enumerable.Range(0, steps)]);
        }

        var first = random.Next(0, (steps / unit) - last + 1);
        var done = from slice in Enumerable.Range(0, slices)
                   from row in Enumerable.Range(0, rows)
                   from step in Enumerable.Range((first + (slice * slicePitch) + (row * rowPitch)) * unit, length * unit)
                   select step;
        return (new StepRuns(first, length, rows, rowPitch, slices, slicePitch).Times(unit), [.. done]);
    }
}
