namespace NativeConv.Kernels.Tiles;

/// <summary>
/// Which steps of a chain a tile does: a box of them, rows of runs in slices, counted in units of several steps. Steps in between are left out; the order stays.
/// </summary>
/// <param name="First">the first unit</param>
/// <param name="Length">units of a run</param>
/// <param name="Rows">runs of a slice</param>
/// <param name="RowPitch">units from one run to the next</param>
/// <param name="Slices">slices</param>
/// <param name="SlicePitch">units from one slice to the next</param>
internal readonly record struct StepRuns(nint First, nint Length, nint Rows, nint RowPitch, nint Slices, nint SlicePitch)
{
    /// <summary>Units of all runs.</summary>
    public nint Units => Length * Rows * Slices;

    /// <summary>The first so many units.</summary>
    public StepRuns(nint length)
        : this(0, length, 1, 0, 1, 0)
    {
    }
}
