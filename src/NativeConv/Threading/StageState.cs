namespace NativeConv.Threading;

/// <summary>One stage while it runs; lives on its caller's stack.</summary>
internal unsafe struct StageState
{
    public delegate*<void*, long, int, void> Body;
    public void* Job;
    public long Pieces;

    /// <summary>Pieces that workers have claimed.</summary>
    public long Claimed;

    /// <summary>Not 0: a piece threw. No kernel does; if one did, the call reports it.</summary>
    public int Faulted;

    public int FlushDenormals;
    public delegate*<int, ulong> EnterFloatingPoint;
    public delegate*<ulong, void> LeaveFloatingPoint;

    /// <summary>Runs pieces until none is left, in the floating-point mode that results are defined in. Nothing may leave it.</summary>
    public void Work(int worker)
    {
        var mode = EnterFloatingPoint == null ? 0 : EnterFloatingPoint(FlushDenormals);
        try
        {
            long piece;
            while ((piece = Interlocked.Increment(ref Claimed) - 1) < Pieces)
            {
                Body(Job, piece, worker);
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
