using System.Numerics;
using System.Runtime.InteropServices;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>All that the passes of a layer write.</summary>
internal sealed class Outcome<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public required T[] Y { get; init; }

    public required T[] Dx { get; init; }

    public required T[] Dw { get; init; }

    public required T[] Db { get; init; }

    public required T[] Delta { get; init; }

    /// <summary>Runs every pass; the backward passes get the y of forward, or <paramref name="y"/>.</summary>
    public static Outcome<T> Of(ConvPlan plan, Operands<T> operands, T[]? y = null)
    {
        var outcome = new Outcome<T>
        {
            Y = [.. operands.OldY],
            Dx = [.. operands.OldDx],
            Dw = [.. operands.OldDw],
            Db = [.. operands.OldDb],
            Delta = new T[operands.Dy.Length],
        };
        plan.Forward<T>(operands.X, operands.W, operands.Bias, outcome.Y, operands.Beta);
        y ??= outcome.Y;
        plan.BackwardData<T>(operands.Dy, operands.W, y, outcome.Dx, operands.Alpha, operands.Beta);
        plan.BackwardWeights<T>(operands.X, operands.Dy, y, outcome.Dw, outcome.Db, operands.Alpha, operands.Beta);
        plan.ActivationBackward<T>(operands.Dy, y, outcome.Delta);
        return outcome;
    }

    /// <summary>Every bit of every result.</summary>
    public void MustEqual(Outcome<T> expected, string what)
    {
        Same(expected.Y, Y, what + ": y");
        Same(expected.Dx, Dx, what + ": dx");
        Same(expected.Dw, Dw, what + ": dw");
        Same(expected.Db, Db, what + ": db");
        Same(expected.Delta, Delta, what + ": delta");
    }

    /// <summary>Every bit; a difference names the first element.</summary>
    public static void Same(ReadOnlySpan<T> expected, ReadOnlySpan<T> got, string what)
    {
        if (MemoryMarshal.AsBytes(expected).SequenceEqual(MemoryMarshal.AsBytes(got)))
        {
            return;
        }

        Assert.True(expected.Length == got.Length, $"{what}: {got.Length} numbers, expected {expected.Length}");
        var first = 0;
        while (MemoryMarshal.AsBytes(expected.Slice(first, 1)).SequenceEqual(MemoryMarshal.AsBytes(got.Slice(first, 1))))
        {
            first++;
        }

        Assert.Fail($"{what}[{first}] of {got.Length}: {got[first]:R}, expected {expected[first]:R}");
    }
}
