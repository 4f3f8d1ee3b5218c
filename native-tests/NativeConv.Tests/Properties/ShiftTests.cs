using System.Numerics;
using NativeConv.Tests.Engine;
using Xunit;

namespace NativeConv.Tests.Properties;

/// <summary>An image that is moved by whole steps of the window moves its results, and changes no bit of them.</summary>
public class ShiftTests
{
    [Fact]
    public void ResultsMoveWithTheImage() => Property.Check(LayerGen.Any, one =>
    {
        if (one.Descriptor.Element == ElementType.Float64) Check<double>(one);
        else Check<float>(one);
    });

    private static void Check<T>(LayerCase one)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var d = one.Descriptor;
        d.Algorithm = AlgorithmChoice.Direct;
        var axis = one.Seed % d.Rank;
        var steps = 1 + (one.Seed / 3 % 3);
        var isConv = d.Kind == ConvKind.Conv;
        var (inRows, outRows) = isConv ? (steps * d.Stride[axis], (long)steps) : (steps, steps * d.Stride[axis]);
        var moved = d;
        moved.Input[axis] += inRows;

        using var plan = one.Plan(d);
        using var movedPlan = one.Plan(moved);
        var (outShape, movedShape) = (plan.OutputShape, movedPlan.OutputShape);
        Assert.Equal(outShape[axis] + outRows, movedShape[axis]);

        var operands = new Operands<T>(d, one.Seed, bias: true);
        var expected = Outcome<T>.Of(plan, operands);
        var got = Outcome<T>.Of(movedPlan, new Operands<T>(moved, one.Seed)
        {
            X = Move(operands.X, d.Input, d.Rank, axis, inRows),
            W = operands.W,
            Bias = operands.Bias,
            Dy = Move(operands.Dy, outShape, d.Rank, axis, outRows),
        });
        Outcome<T>.Same(expected.Y, Back(got.Y, movedShape, d.Rank, axis, outRows), $"y, {steps} steps along axis {axis}");
        Outcome<T>.Same(expected.Dx, Back(got.Dx, moved.Input, d.Rank, axis, inRows), $"dx, {steps} steps along axis {axis}");
    }

    /// <summary>Rows of zeros come in at the beginning of an axis.</summary>
    private static T[] Move<T>(T[] image, SpatialArray size, int rank, int axis, long rows)
    {
        var inner = Inner(size, rank, axis);
        var outer = image.Length / (size[axis] * inner);
        var moved = new T[outer * (size[axis] + rows) * inner];
        for (long i = 0; i < outer; i++)
        {
            Array.Copy(image, i * size[axis] * inner, moved, ((i * (size[axis] + rows)) + rows) * inner, size[axis] * inner);
        }

        return moved;
    }

    /// <summary>The same image without its first rows.</summary>
    private static T[] Back<T>(T[] moved, SpatialArray size, int rank, int axis, long rows)
    {
        var inner = Inner(size, rank, axis);
        var outer = moved.Length / (size[axis] * inner);
        var left = size[axis] - rows;
        var image = new T[outer * left * inner];
        for (long i = 0; i < outer; i++)
        {
            Array.Copy(moved, ((i * size[axis]) + rows) * inner, image, i * left * inner, left * inner);
        }

        return image;
    }

    private static long Inner(SpatialArray size, int rank, int axis)
    {
        long inner = 1;
        for (var i = axis + 1; i < rank; i++)
        {
            inner *= size[i];
        }

        return inner;
    }
}
