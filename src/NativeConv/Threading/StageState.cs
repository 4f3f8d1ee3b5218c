namespace NativeConv.Threading;

/// <summary>One stage while it runs; lives on its caller's stack.</summary>
internal unsafe struct StageState
{
    public delegate*<void*, long, int, void> Body;
    public void* Job;
    public long Pieces;

    /// <summary>
    /// The pieces in order, cut into ranges: a worker claims those of its own range first, then what is left of the others', whose workers may never come. So
    /// one stage after another, and one call after another, finds in a core's caches what that core has written.
    /// </summary>
    public int Ranges;

    /// <summary>For each range the pieces of it that were claimed, a cache line apart.</summary>
    public long* Claimed;

    /// <summary>Not 0: a piece threw. No kernel does; if one did, the call reports it.</summary>
    public int Faulted;

    public int FlushDenormals;
    public delegate*<int, ulong> EnterFloatingPoint;
    public delegate*<ulong, void> LeaveFloatingPoint;

    /// <summary>Ranges, at most; further workers begin with the range of another.</summary>
    public const int MostRanges = 16;

    /// <summary>From the counter of one range to the next: a cache line.</summary>
    public const int ClaimStride = 64 / sizeof(long);

    /// <summary>Runs pieces until none is left, in the floating-point mode that results are defined in. Nothing may leave it.</summary>
    public void Work(int worker)
    {
        var mode = EnterFloatingPoint == null ? 0 : EnterFloatingPoint(FlushDenormals);
        try
        {
            for (var i = 0; i < Ranges; i++)
            {
                var range = (worker + i) % Ranges;
                var first = Pieces * range / Ranges;
                var end = Pieces * (range + 1) / Ranges;
                long piece;
                while ((piece = first + Interlocked.Increment(ref Claimed[range * ClaimStride]) - 1) < end)
                {
                    Body(Job, piece, worker);
                }
            }
        }
        catch
        {
            Interlocked.Exchange(ref Faulted, 1);
        }

        if (LeaveFloatingPoint != null)
        {
            LeaveFloatingPoint(mode);
        }
    }
}
