using System.Diagnostics;
using System.Reflection;
using NativeConv.Bench.Peers;
using NativeConv.Bench.Reporting;
using NativeConv.Kernels;

namespace NativeConv.Bench.Measuring;

/// <summary>
/// Measures one instruction set and number of threads in a process of its own, because libraries choose once for life. A peer that ends the process, by a fault of its own, costs that
/// pass of that layer, not the run: the rest is measured by another process.
/// </summary>
internal static class PartProcess
{
    // What the process is about to run, beside its report.
    private const string TrialSuffix = ".trial";

    /// <exception cref="InvalidOperationException">the process ended with an error that no peer made</exception>
    public static List<Measurement> Measure(Isa isa, int threads, Options options)
    {
        var json = Path.GetTempFileName();
        var trial = json + TrialSuffix;
        var measurements = new List<Measurement>();
        try
        {
            while (true)
            {
                File.WriteAllText(json, "");
                var exitCode = Run(isa, threads, options, json);
                var report = new FileInfo(json).Length > 0 ? Report.ReadJson(json) : null;
                measurements.AddRange(report?.Measurements ?? []);
                if (exitCode == 0) return measurements;
                if (!File.Exists(trial)) throw new InvalidOperationException($"{Vocabulary.Name(isa)}: not measured");
                var fatal = Trial.Parse(File.ReadAllText(trial));
                File.Delete(trial);
                Console.Error.WriteLine($"bench: {fatal.Engine} ended the process, exit code {exitCode}: {fatal.Shape}, {Vocabulary.Name(fatal.Pass)}");
                options = options with { FirstShape = fatal.Number, Fatal = [.. options.Fatal, fatal] };
            }
        }
        finally
        {
            File.Delete(json);
            File.Delete(trial);
        }
    }

    /// <summary>Says, in the process that measures, what a peer is about to run for the first time; null: it has.</summary>
    public static void Announce(Options options, Trial? trial)
    {
        if (!options.IsPart) return;
        if (trial is null) File.Delete(options.Json + TrialSuffix);
        else File.WriteAllText(options.Json + TrialSuffix, trial.ToString());
    }

    private static int Run(Isa isa, int threads, Options options, string json)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program);
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        foreach (var argument in options.ForPart(isa, threads, json)) start.ArgumentList.Add(argument);
        start.Environment[Options.IsaVariable] = Vocabulary.Name(isa);
        foreach (var (name, value) in PeerLibraries.Environment(isa, threads)) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
