using System.Numerics;
using NativeConv.Kernels;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Kernels;

/// <summary>Every plane tile against a chain of fused multiply-adds, its operands between pages that fault.</summary>
public unsafe class PlaneTileTests
{
    [Fact]
    public void Float32() => Run<float>();

    [Fact]
    public void Float64() => Run<double>();

    private static void Run<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Assert.NotEmpty(Isas.Available);
        using var weights = new GuardedMemory<T>(4096);
        using var source = new GuardedMemory<T>(4096);
        using var offsets = new GuardedMemory<nint>(4096);
        using var sums = new GuardedMemory<T>(4096);
        using var biases = new GuardedMemory<T>(4096);
        foreach (var isa in Isas.Available)
        {
            var set = KernelSet<T>.Create(isa, Activation.Identity, GradientRule.Backprop);
            foreach (var shape in TileShape.All(set.TileRows))
            {
                var random = new Random(shape.GetHashCode());
                var width = shape.Columns * set.VectorLength;
                var steps = shape.Steps;
                var w = Data.Random<T>((long)steps * shape.Rows, 1);
                var (o, first, extent) = TileShape.Offsets(random, steps, width);
                var x = Data.Random<T>(extent, 2);
                var pitch = width + 3;
                var old = Data.Random<T>(((shape.Rows - 1) * pitch) + width, 3);

                var bias = Data.Random<T>(shape.Rows, 4);

                var expected = (T[])old.Clone();
                var biased = (T[])old.Clone();
                for (var r = 0; r < shape.Rows; r++)
                {
                    for (var q = 0; q < width; q++)
                    {
                        var chain = T.Zero;
                        for (var k = 0; k < steps; k++)
                        {
                            chain = T.FusedMultiplyAdd(w[(k * shape.Rows) + r], x[first + o[k] + q], chain);
                        }

                        var place = (r * pitch) + q;
                        expected[place] = shape.Add ? old[place] + chain : chain;
                        biased[place] = expected[place] + bias[r];
                    }
                }

                foreach (var atEnd in (ReadOnlySpan<bool>)[false, true])
                {
                    var tile = set.PlaneTile(shape.Rows, shape.Columns);
                    foreach (var results in (T[][])[expected, biased])
                    {
                        var result = sums.Place(old, atEnd);
                        var added = results == biased ? biases.Place(bias, atEnd) : null;
                        tile(weights.Place(w, atEnd), source.Place(x, atEnd) + first, offsets.Place(o, atEnd), steps, result, pitch, shape.Add, added);
                        Same.Assert<T>(results, new ReadOnlySpan<T>(result, old.Length), $"{isa} {typeof(T).Name} {shape} bias {results == biased}");
                    }
                }
            }
        }
    }
}
