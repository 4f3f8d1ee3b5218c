using System.Diagnostics;

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

    private static ulong gate = Closed;
    private static StageState* current;
    private static int limit;
    private static int owned;
    private static int processId;
    private static Helper[] helpers = [];

    /// <summary>Runs a stage to its end with up to <paramref name="workers"/> workers, the caller among them.</summary>
    /// <param name="stage">the stage</param>
    /// <param name="workers">at least 2</param>
    /// <param name="process">the calling process; a child of the one that made the threads makes its own</param>
    public static void Run(StageState* stage, int workers, int process)
    {
        if (Volatile.Read(ref processId) != process)
        {
            Forget(process);
        }

        if (Interlocked.CompareExchange(ref owned, 1, 0) != 0)
        {
            stage->Work(0);
            return;
        }

        var available = Math.Min(Start(workers - 1), workers - 1);
        current = stage;
        limit = available;
        var number = (Volatile.Read(ref gate) >> NumberShift) + 1;
        Volatile.Write(ref gate, number << NumberShift);
        Thread.MemoryBarrier();
        for (var i = 0; i < available; i++)
        {
            helpers[i].Wake();
        }

        stage->Work(0);
        Close();
        Volatile.Write(ref owned, 0);
    }

    /// <summary>Ends all threads. Waits while the pool serves a caller.</summary>
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

        foreach (var helper in helpers)
        {
            helper.End();
        }

        helpers = [];
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

    /// <summary>After a fork only the calling thread is left, whatever the others held.</summary>
    private static void Forget(int process)
    {
        if (processId != 0)
        {
            helpers = [];
            gate = Closed;
            owned = 0;
        }

        Volatile.Write(ref processId, process);
    }

    /// <summary>Makes threads until there are <paramref name="wanted"/>, or the system gives no more.</summary>
    private static int Start(int wanted)
    {
        while (helpers.Length < wanted)
        {
            var helper = new Helper();
            if (!helper.TryStart())
            {
                break;
            }

            helpers = [.. helpers, helper];
        }

        return helpers.Length;
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
    private sealed class Helper
    {
        private readonly object bell = new();
        private bool rung;
        private int asleep;
        private bool ended;

        public bool TryStart()
        {
            try
            {
                new Thread(Loop) { IsBackground = true, Name = "nativeconv" }.Start();
                return true;
            }
            catch (Exception exception) when (exception is ThreadStartException or OutOfMemoryException)
            {
                return false;
            }
        }

        public void Wake()
        {
            if (Interlocked.Exchange(ref asleep, 0) != 0)
            {
                lock (bell)
                {
                    rung = true;
                    Monitor.Pulse(bell);
                }
            }
        }

        public void End()
        {
            Volatile.Write(ref ended, true);
            Wake();
        }

        private void Loop()
        {
            ulong done = 0;
            while (!Volatile.Read(ref ended))
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
                    if (Volatile.Read(ref gate) >> NumberShift != done || Volatile.Read(ref ended))
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
            var changed = Volatile.Read(ref gate) >> NumberShift != done || Volatile.Read(ref ended);
            if (changed && Interlocked.Exchange(ref asleep, 0) != 0)
            {
                return;
            }

            lock (bell)
            {
                while (!rung)
                {
                    Monitor.Wait(bell);
                }

                rung = false;
            }
        }
    }
}
