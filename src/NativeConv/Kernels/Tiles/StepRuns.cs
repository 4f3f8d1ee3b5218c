namespace NativeConv.Kernels.Tiles;

/// <summary>Which steps of a chain a tile does: a box of them, rows of runs in slices. Steps in between are left out; the order stays.</summary>
/// <param name="First">the first step</param>
/// <param name="Length">steps of a run; 0: none at all</param>
/// <param name="Rows">runs of a slice, at least one</param>
/// <param name="RowPitch">steps from one run to the next</param>
/// <param name="Slices">slices, at least one</param>
/// <param name="SlicePitch">steps from one slice to the next</param>
internal readonly record struct StepRuns(nint First, nint Length, nint Rows, nint RowPitch, nint Slices, nint SlicePitch)
{
    /// <summary>The first so many steps.</summary>
    public StepRuns(nint length)
        : this(0, length, 1, 0, 1, 0)
    {
    }

    /// <summary>Steps of all runs.</summary>
    public nint Count => Length * Rows * Slices;

    /// <summary>The same with so many steps in place of each.</summary>
    public StepRuns Times(nint steps) => new(First * steps, Length * steps, Rows, RowPitch * steps, Slices, SlicePitch * steps);
}
