using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeConv.Threading;

/// <summary>How the stages of one call run: on the calling thread alone, or by the caller's parallel-for.</summary>
internal unsafe struct StageRunner
{
    /// <summary>Workers that may run at once, the caller included; each owns a slice of the workspace.</summary>
    public int Threads;

    /// <summary>Calls task(state, i) for every i in [0, count); null: the calling thread works alone.</summary>
    public delegate* unmanaged[Cdecl]<void*, delegate* unmanaged[Cdecl]<void*, int, void>, void*, int, void> ParallelFor;

    public void* ParallelUser;

    /// <summary>Sets the floating-point mode that results are defined in, and returns what it was; null: it is set already.</summary>
    public delegate*<int, ulong> EnterFloatingPoint;

    /// <summary>Restores what <see cref="EnterFloatingPoint"/> returned.</summary>
    public delegate*<ulong, void> LeaveFloatingPoint;

    /// <summary>Not 0: denormals are zero. Passed to <see cref="EnterFloatingPoint"/>.</summary>
    public int FlushDenormals;

    /// <summary>Some worker's index was never run: results are incomplete.</summary>
    public bool Failed;

    /// <summary>
    /// Runs body(job, piece, worker) once for every piece. Pieces are independent; workers claim them one by one, in order.
    /// After a failure nothing more runs.
    /// </summary>
    public void Run(delegate*<void*, long, int, void> body, void* job, long pieces)
    {
        if (Failed || pieces == 0)
        {
            return;
        }

        if (Threads == 1 || ParallelFor == null)
        {
            for (long piece = 0; piece < pieces; piece++)
            {
                body(job, piece, 0);
            }

            return;
        }

        var workers = (int)Math.Min(Threads, pieces);
        var started = stackalloc int[workers];
        Unsafe.InitBlockUnaligned(started, 0, (uint)workers * sizeof(int));
        var stage = new StageState
        {
            Body = body,
            Job = job,
            Pieces = pieces,
            Workers = workers,
            Started = started,
            EnterFloatingPoint = EnterFloatingPoint,
            LeaveFloatingPoint = LeaveFloatingPoint,
            FlushDenormals = FlushDenormals,
        };
        ParallelFor(ParallelUser, &RunTask, &stage, workers);

        // parallel_for promises that all tasks are done; the fence pairs with the tasks' counting.
        Thread.MemoryBarrier();
        Failed = stage.Finished != workers || stage.Faulted != 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void RunTask(void* task, int index)
    {
        var stage = (StageState*)task;
        if ((uint)index >= (uint)stage->Workers || Interlocked.Exchange(ref stage->Started[index], 1) != 0)
        {
            return;
        }

        var mode = stage->EnterFloatingPoint == null ? 0 : stage->EnterFloatingPoint(stage->FlushDenormals);
        try
        {
            long piece;
            while ((piece = Interlocked.Increment(ref stage->Claimed) - 1) < stage->Pieces)
            {
                stage->Body(stage->Job, piece, index);
            }
        }
        catch
        {
            // Nothing may leave a task. No kernel throws; if one did, the call reports it.
            Interlocked.Exchange(ref stage->Faulted, 1);
        }

        if (stage->LeaveFloatingPoint != null)
        {
            stage->LeaveFloatingPoint(mode);
        }

        Interlocked.Increment(ref stage->Finished);
    }

    private struct StageState
    {
        public delegate*<void*, long, int, void> Body;
        public void* Job;
        public long Pieces;
        public long Claimed;
        public int* Started;
        public int Workers;
        public int Finished;
        public int Faulted;
        public int FlushDenormals;
        public delegate*<int, ulong> EnterFloatingPoint;
        public delegate*<ulong, void> LeaveFloatingPoint;
    }
}
