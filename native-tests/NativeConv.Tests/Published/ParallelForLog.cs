namespace NativeConv.Tests.Published;

/// <summary>What a parallel_for was called with, and how it is to behave; `user` points at it.</summary>
internal unsafe struct ParallelForLog
{
    public int Calls;
    public int LargestCount;

    /// <summary>The index that is never run; -1: none.</summary>
    public int Skipped;

    /// <summary>How often it was not run.</summary>
    public int Skips;

    /// <summary>The slices of the workspace of all workers but the last, for <see cref="ParallelFor.LastAlone"/>; and whether that worker wrote there.</summary>
    public byte* Slices;
    public long SliceBytes;
    public bool SlicesTouched;
}
