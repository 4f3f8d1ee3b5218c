namespace NativeConv.Tests.Published;

/// <summary>What a parallel_for was called with, and how it is to behave; `user` points at it.</summary>
internal struct ParallelForLog
{
    public int Calls;
    public int LargestCount;

    /// <summary>The index that is never run; -1: none.</summary>
    public int Skipped;

    /// <summary>The number of the first call that had this index; 0: none yet.</summary>
    public int FirstSkip;
}
