using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeConv.Threading;

/// <summary>How the stages of one call run: on the calling thread alone, by the caller's parallel-for, or by the library's own pool.</summary>
internal unsafe struct StageRunner
{
    /// <summary>Workers that may run at once, the caller included; each owns a slice of the workspace.</summary>
    public int Threads;

    /// <summary>If only one runs: which. One of those of another runner, for stages within its pieces.</summary>
    public int Worker;

    /// <summary>Calls task(state, i) for every i in [0, count); null: the pool.</summary>
    public delegate* unmanaged[Cdecl]<void*, delegate* unmanaged[Cdecl]<void*, int, void>, void*, int, void> ParallelFor;

    public void* ParallelUser;

    /// <summary>Sets the floating-point mode that results are defined in, and returns what it was; null: it is set already.</summary>
    public delegate*<int, ulong> EnterFloatingPoint;

    /// <summary>Restores what <see cref="EnterFloatingPoint"/> returned.</summary>
    public delegate*<ulong, void> LeaveFloatingPoint;

    /// <summary>Not 0: denormals are zero. Passed to <see cref="EnterFloatingPoint"/>.</summary>
    public int FlushDenormals;

    /// <summary>The process that calls: the pool's threads do not survive a fork.</summary>
    public int ProcessId;

    /// <summary>What the pool's threads are made of.</summary>
    public PoolThreads PoolThreads;

    /// <summary>Some worker's index was never run, or a piece threw: results are incomplete.</summary>
    public bool Failed;

    /// <summary>
    /// Runs body(job, piece, worker) once for every piece. Pieces are independent; workers claim them one by one, each in a range of its own first.
    /// After a failure nothing more runs.
    /// </summary>
    public void Run(delegate*<void*, long, int, void> body, void* job, long pieces)
    {
        if (Failed || pieces == 0)
        {
            return;
        }

        if (Threads == 1)
        {
            for (long piece = 0; piece < pieces; piece++)
            {
                body(job, piece, Worker);
            }

            return;
        }

        var workers = (int)Math.Min(Threads, pieces);
        var claimed = stackalloc long[StageState.MostRanges * StageState.ClaimStride];
        var ranges = Math.Min(workers, StageState.MostRanges);
        for (var range = 0; range < ranges; range++)
        {
            claimed[range * StageState.ClaimStride] = 0;
        }

        var stage = new StageState
        {
            Body = body,
            Job = job,
            Pieces = pieces,
            Ranges = ranges,
            Claimed = claimed,
            FlushDenormals = FlushDenormals,
            EnterFloatingPoint = EnterFloatingPoint,
            LeaveFloatingPoint = LeaveFloatingPoint,
        };
        if (ParallelFor == null)
        {
            WorkerPool.Run(&stage, workers, this);
        }
        else
        {
            RunTasks(&stage, workers);
        }

        Failed |= stage.Faulted != 0;
    }

    private void RunTasks(StageState* stage, int workers)
    {
        var started = stackalloc int[workers];
        Unsafe.InitBlockUnaligned(started, 0, (uint)workers * sizeof(int));
        var tasks = new TaskState { Stage = stage, Workers = workers, Started = started };
        ParallelFor(ParallelUser, &RunTask, &tasks, workers);

        // parallel_for promises that all tasks are done; the fence pairs with the tasks' counting.
        Thread.MemoryBarrier();
        Failed = tasks.Finished != workers;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void RunTask(void* task, int index)
    {
        // An index that is none, or comes twice, would share a worker's workspace.
        var tasks = (TaskState*)task;
        if ((uint)index >= (uint)tasks->Workers || Interlocked.Exchange(ref tasks->Started[index], 1) != 0)
        {
            return;
        }

        tasks->Stage->Work(index);
        Interlocked.Increment(ref tasks->Finished);
    }

    private struct TaskState
    {
        public StageState* Stage;
        public int* Started;
        public int Workers;
        public int Finished;
    }
}
