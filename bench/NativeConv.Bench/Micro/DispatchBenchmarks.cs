using BenchmarkDotNet.Attributes;
using NativeConv.Threading;

namespace NativeConv.Bench.Micro;

/// <summary>What a stage costs besides its work: by the calling thread alone, and by the pool, whose thread has just been used and has not gone to sleep.</summary>
public unsafe class DispatchBenchmarks
{
    private const int Workers = 2;
    private int begun;

    /// <summary>Two pieces that do nothing, one thread.</summary>
    [Benchmark(Baseline = true)]
    public void OneThread() => Run(1, &Nothing, null);

    /// <summary>The same offered to the pool: the caller does not wait for help.</summary>
    [Benchmark]
    public void TwoThreads() => Run(Workers, &Nothing, null);

    /// <summary>Two pieces that wait for each other: until the pool's thread has come, worked and left.</summary>
    [Benchmark]
    public void TwoThreadsMeet()
    {
        begun = 0;
        fixed (int* count = &begun)
        {
            Run(Workers, &Meet, count);
        }
    }

    private static void Run(int threads, delegate*<void*, long, int, void> body, void* job)
    {
        var runner = new StageRunner { Threads = threads, ProcessId = Environment.ProcessId, PoolThreads = ManagedThreads.Calls };
        runner.Run(body, job, Workers);
    }

    private static void Nothing(void* job, long piece, int worker)
    {
    }

    private static void Meet(void* job, long piece, int worker)
    {
        Interlocked.Increment(ref *(int*)job);
        while (Volatile.Read(ref *(int*)job) < Workers)
        {
        }
    }
}
