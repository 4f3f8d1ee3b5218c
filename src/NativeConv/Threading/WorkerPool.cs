using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeConv.Threading;

/// <summary>
/// The library's own threads, one set for the process. A stage's caller is worker 0 and never waits for a thread to wake: threads that come while there are
/// pieces left help, others find the stage closed. While the pool serves one caller, others, and stages inside a stage, run alone.
/// </summary>
/// <remarks>
/// <see cref="gate"/> is the one word that all agree on: the stage's number, whether it is closed, how many threads have joined it and how many are still in it. A thread touches
/// the stage, which lives on its caller's stack, only between joining and leaving, and the caller returns only when none is in it.
/// </remarks>
internal static unsafe class WorkerPool
{
    // The gate: stage number, closed, joined, active.
    private const int NumberShift = 32;
    private const ulong Closed = 1UL << 31;
    private const int JoinedShift = 16;
    private const ulong JoinedMask = 0x7FFF;
    private const ulong ActiveMask = 0xFFFF;

    // A futex wake costs about 5 us; stages of one call follow each other faster than this.
    private static readonly long SpinTicks = Stopwatch.Frequency / 20_000;

    private const nuint CacheLine = 64;

    private static ulong gate = Closed;
    private static StageState* current;
    private static int limit;
    private static int owned;
    private static int processId;
    private static PoolThreads threads;

    // In memory of our own: a child of a fork may find the collector's lock held, for ever.
    private static Helper** helpers;
    private static int helperCount;

    /// <summary>Runs a stage to its end with up to <paramref name="workers"/> workers, the caller among them.</summary>
    /// <param name="stage">the stage</param>
    /// <param name="workers">at least 2</param>
    /// <param name="runner">whose stage it is: the calling process (a child of the one that made the threads makes its own), and what threads are made of</param>
    public static void Run(StageState* stage, int workers, in StageRunner runner)
    {
        if (Volatile.Read(ref processId) != runner.ProcessId)
        {
            Forget(runner.ProcessId);
        }

        if (Interlocked.CompareExchange(ref owned, 1, 0) != 0)
        {
            stage->Work(0);
            return;
        }

        threads = runner.PoolThreads;
        var available = Math.Min(Start(workers - 1), workers - 1);
        current = stage;
        limit = available;
        var number = (Volatile.Read(ref gate) >> NumberShift) + 1;
        Volatile.Write(ref gate, number << NumberShift);
        Thread.MemoryBarrier();
        for (var i = 0; i < available; i++)
        {
            helpers[i]->WakeUp();
        }

        stage->Work(0);
        Close();
        Volatile.Write(ref owned, 0);
    }

    /// <summary>Ends all threads, and returns when they have ended. Waits while the pool serves a caller.</summary>
    public static void Stop(int process)
    {
        if (Volatile.Read(ref processId) != process)
        {
            Forget(process);
        }

        var spinner = default(SpinWait);
        while (Interlocked.CompareExchange(ref owned, 1, 0) != 0)
        {
            spinner.SpinOnce();
        }

        while (helperCount > 0)
        {
            End(helpers[--helperCount]);
        }

        Volatile.Write(ref owned, 0);
    }

    /// <summary>No thread may join any more; waits for those that have.</summary>
    private static void Close()
    {
        var state = Interlocked.Or(ref gate, Closed);
        var spinner = default(SpinWait);
        while ((state & ActiveMask) != 0)
        {
            spinner.SpinOnce(sleep1Threshold: -1);
            state = Volatile.Read(ref gate);
        }
    }

    /// <summary>
    /// After a fork only the forking thread is left, whatever the others held. The first of the child's threads to come empties the pool, others wait for it;
    /// meanwhile the process is negative, so that a child of the child, forked just then, sees that it is another's.
    /// </summary>
    private static void Forget(int process)
    {
        var spinner = default(SpinWait);
        int seen;
        while ((seen = Volatile.Read(ref processId)) != process)
        {
            if (seen == -process || Interlocked.CompareExchange(ref processId, -process, seen) != seen)
            {
                spinner.SpinOnce(sleep1Threshold: -1);
                continue;
            }

            helpers = null;
            helperCount = 0;
            gate = Closed;
            owned = 0;
            Volatile.Write(ref processId, process);
        }
    }

    /// <summary>Makes threads until there are <paramref name="wanted"/>, or the system gives no more.</summary>
    private static int Start(int wanted)
    {
        if (helperCount >= wanted)
        {
            return helperCount;
        }

        try
        {
            helpers = (Helper**)NativeMemory.Realloc(helpers, (nuint)wanted * (nuint)sizeof(Helper*));
            while (helperCount < wanted && TryStart(out var helper))
            {
                helpers[helperCount++] = helper;
            }
        }
        catch (OutOfMemoryException)
        {
            // Those that there are must do.
        }

        return helperCount;
    }

    private static bool TryStart(out Helper* helper)
    {
        // The word is written by two threads: a cache line for each helper.
        helper = (Helper*)NativeMemory.AlignedAlloc(CacheLine, CacheLine);
        *helper = default;
        if (threads.Start(&Loop, helper, &helper->Handle) != 0)
        {
            return true;
        }

        NativeMemory.AlignedFree(helper);
        return false;
    }

    private static void End(Helper* helper)
    {
        Volatile.Write(ref helper->Ended, 1);
        helper->WakeUp();
        threads.Join(helper->Handle);
        NativeMemory.AlignedFree(helper);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Loop(void* helper)
    {
        ((Helper*)helper)->Loop();
        return null;
    }

    /// <summary>Helps with the stage whose number is in the gate, unless it is closed or has helpers enough.</summary>
    private static void TryHelp(ulong number)
    {
        var state = Volatile.Read(ref gate);
        ulong joined;
        while (true)
        {
            joined = (state >> JoinedShift) & JoinedMask;
            if (state >> NumberShift != number || (state & Closed) != 0 || joined >= (ulong)Volatile.Read(ref limit))
            {
                return;
            }

            var seen = Interlocked.CompareExchange(ref gate, state + (1UL << JoinedShift) + 1, state);
            if (seen == state)
            {
                break;
            }

            state = seen;
        }

        current->Work((int)joined + 1);
        Interlocked.Decrement(ref gate);
    }

    /// <summary>One thread: spins for a while after each stage, then sleeps until it is woken.</summary>
    private struct Helper
    {
        /// <summary>How <see cref="threads"/> calls it.</summary>
        public nint Handle;

        public int Ended;

        // 1: asleep, or about to be.
        private uint asleep;

        public void WakeUp()
        {
            if (Interlocked.Exchange(ref asleep, 0) != 0)
            {
                threads.Wake(Handle, (uint*)Unsafe.AsPointer(ref asleep));
            }
        }

        public void Loop()
        {
            ulong done = 0;
            while (Volatile.Read(ref Ended) == 0)
            {
                var number = Volatile.Read(ref gate) >> NumberShift;
                if (number != done)
                {
                    done = number;
                    TryHelp(number);
                    continue;
                }

                if (!Spin(done))
                {
                    Sleep(done);
                }
            }
        }

        /// <summary>Whether something came up.</summary>
        private bool Spin(ulong done)
        {
            var end = Stopwatch.GetTimestamp() + SpinTicks;
            while (Stopwatch.GetTimestamp() < end)
            {
                for (var i = 0; i < 16; i++)
                {
                    if (IsCalled(done))
                    {
                        return true;
                    }

                    Thread.SpinWait(4);
                }
            }

            return false;
        }

        private void Sleep(ulong done)
        {
            // Announce, then look again: a stage that opened in between has not seen the announcement.
            Interlocked.Exchange(ref asleep, 1);
            if (IsCalled(done) && Interlocked.Exchange(ref asleep, 0) != 0)
            {
                return;
            }

            while (Volatile.Read(ref asleep) != 0)
            {
                threads.Sleep(Handle, (uint*)Unsafe.AsPointer(ref asleep), 1);
            }
        }

        private bool IsCalled(ulong done) => Volatile.Read(ref gate) >> NumberShift != done || Volatile.Read(ref Ended) != 0;
    }
}
