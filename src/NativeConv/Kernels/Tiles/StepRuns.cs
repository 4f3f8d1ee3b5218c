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

    /// <summary>The box of steps from the first to behind the last along each axis, of steps that lie in slices of rows; none if one of these is empty.</summary>
    /// <param name="slices">first slice, and behind the last</param>
    /// <param name="rows">the same of each slice's rows</param>
    /// <param name="columns">the same of each row's steps</param>
    /// <param name="height">rows of a slice</param>
    /// <param name="width">steps of a row</param>
    public static StepRuns Box((long First, long End) slices, (long First, long End) rows, (long First, long End) columns, long height, long width)
    {
        var (length, runs, runsOfRuns) = (columns.End - columns.First, rows.End - rows.First, slices.End - slices.First);
        if (length * runs * runsOfRuns == 0)
        {
            return new StepRuns(0);
        }

        // Runs without a gap are one.
        if (length == width)
        {
            (length, runs) = (length * runs, 1);
            if (length == width * height)
            {
                (length, runsOfRuns) = (length * runsOfRuns, 1);
            }
        }

        var first = (((slices.First * height) + rows.First) * width) + columns.First;
        return new StepRuns((nint)first, (nint)length, (nint)runs, (nint)width, (nint)runsOfRuns, (nint)(width * height));
    }

    /// <summary>Steps of all runs.</summary>
    public nint Count => Length * Rows * Slices;

    /// <summary>The same with so many steps in place of each.</summary>
    public StepRuns Times(nint steps) => new(First * steps, Length * steps, Rows, RowPitch * steps, Slices, SlicePitch * steps);
}
