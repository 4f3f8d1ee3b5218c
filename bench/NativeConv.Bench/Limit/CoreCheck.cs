using System.Diagnostics;
using NativeConv.Kernels;

namespace NativeConv.Bench.Limit;

/// <summary>
/// Whether threads have cores of their own. Processors of a virtual machine may be two hyperthreads of one core, and which ones they are may change many times in a
/// minute: what is measured then with two threads is what one core does.
/// </summary>
internal sealed class CoreCheck : IDisposable
{
    // Sharing a core doubles the time; an interrupt takes a few percent of it.
    private const double Tolerance = 1.25;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly FmaLimit[] loops;
    private readonly Thread[] helpers;
    private readonly double[] seconds;
    private readonly Barrier begin;
    private readonly Barrier end;
    private volatile bool ended;

    // Nothing, after it was waited for in vain, until threads are apart again.
    private TimeSpan patience = Patience;

    /// <param name="isa">of the loop that each thread runs</param>
    /// <param name="threads">the caller's included</param>
    public CoreCheck(Isa isa, int threads)
    {
        loops = [.. Enumerable.Range(0, threads).Select(_ => new FmaLimit(isa, ElementType.Float32))];
        (begin, end) = (new Barrier(threads), new Barrier(threads));
        seconds = new double[threads];
        helpers = [.. Enumerable.Range(1, threads - 1).Select(number => new Thread(() => Help(number)) { IsBackground = true })];
        Array.ForEach(helpers, helper => helper.Start());
    }

    /// <summary>Samples that were taken though threads had no cores of their own.</summary>
    public int Shared { get; set; }

    /// <summary>Waits until all threads have cores of their own, but not for ever.</summary>
    /// <returns>whether they have</returns>
    public bool Wait()
    {
        var start = Stopwatch.GetTimestamp();
        while (!AreApart())
        {
            if (Stopwatch.GetElapsedTime(start) > patience)
            {
                patience = TimeSpan.Zero;
                return false;
            }

            Thread.Sleep(Pause);
        }

        patience = Patience;
        return true;
    }

    /// <summary>Whether all threads at once take no longer than one alone; true without a look if there are more threads than processors.</summary>
    public bool AreApart()
    {
        if (helpers.Length == 0 || helpers.Length >= Environment.ProcessorCount) return true;
        Time(0);
        var alone = seconds[0];
        begin.SignalAndWait();
        Time(0);
        end.SignalAndWait();
        return seconds.Max() < Tolerance * alone;
    }

    public void Dispose()
    {
        ended = true;
        begin.SignalAndWait();
        Array.ForEach(helpers, helper => helper.Join());
        Array.ForEach(loops, loop => loop.Dispose());
        begin.Dispose();
        end.Dispose();
    }

    private void Help(int number)
    {
        while (true)
        {
            begin.SignalAndWait();
            if (ended) return;
            Time(number);
            end.SignalAndWait();
        }
    }

    private void Time(int number)
    {
        var start = Stopwatch.GetTimestamp();
        loops[number].Repeat();
        seconds[number] = Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
