using System.Diagnostics;

namespace NativeConv.Bench.Measuring;

/// <summary>Something whose speed is measured: it can be run again and again.</summary>
internal abstract class Subject : IDisposable
{
    private const int Attempts = 5;

    // Interrupts take that much on an idle machine.
    private const double TolerableLoss = 0.01;

    private int repetitions = 1;

    /// <summary>Floating-point operations of one run.</summary>
    public abstract double Flops { get; }

    /// <summary>Seconds that the last sample took in all.</summary>
    public double LastSample { get; private set; }

    /// <summary>Once.</summary>
    public abstract void Run();

    /// <summary>Frees what it holds.</summary>
    public abstract void Dispose();

    /// <summary>Chooses how often a sample runs so that it takes about this long. The subject has run before: caches are warm.</summary>
    public void Calibrate(TimeSpan sample)
    {
        repetitions = 1;
        for (var seconds = Sample(); seconds * repetitions < sample.TotalSeconds; seconds = Sample())
        {
            // At most tenfold at once: the first samples of a fast subject are too short to judge by.
            repetitions = (int)Math.Min(10.0 * repetitions, Math.Ceiling(1.05 * sample.TotalSeconds / seconds));
        }
    }

    /// <summary>As often as a sample takes.</summary>
    public void Repeat()
    {
        for (var i = 0; i < repetitions; i++)
        {
            Run();
        }
    }

    /// <summary>Seconds of one run, from a sample of them.</summary>
    /// <remarks>
    /// A sample in which the process did not get its core all the time says nothing about the subject: it is taken again, and after some attempts the one with
    /// the least loss counts. (Where the system counts processor time in ticks longer than a sample, the first one does.)
    /// </remarks>
    public double Sample()
    {
        var (best, leastLoss) = (double.PositiveInfinity, double.PositiveInfinity);
        for (var attempt = 0; attempt < Attempts && leastLoss > TolerableLoss; attempt++)
        {
            var cpu = Environment.CpuUsage.TotalTime;
            var begin = Stopwatch.GetTimestamp();
            Repeat();
            var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            var loss = 1 - ((Environment.CpuUsage.TotalTime - cpu).TotalSeconds / seconds);
            if (loss < leastLoss) (best, leastLoss) = (seconds, loss);
        }

        LastSample = best;
        return best / repetitions;
    }
}
