using BenchmarkDotNet.Running;
using NativeConv.Bench.Accuracy;
using NativeConv.Bench.Limit;
using NativeConv.Bench.Measuring;
using NativeConv.Bench.Micro;
using NativeConv.Bench.Peers;
using NativeConv.Bench.Reporting;
using NativeConv.Bench.Shapes;

namespace NativeConv.Bench;

/// <summary>The verbs of the benchmarks; <see cref="Options.Help"/> lists them.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        // `build.ps1 bench -- limit`: whether the dashes get here depends on who runs the script.
        if (arguments is ["--", ..]) arguments = arguments[1..];
        try
        {
            if (arguments is ["micro", ..])
            {
                BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments[1..], new MicroConfig());
                return 0;
            }

            var options = Options.Parse(arguments);
            var isPeers = options.Verb == "peers";
            options = options with
            {
                Engines = options.Engines ?? (isPeers ? PeerEngines() : [Vocabulary.Library, Vocabulary.Managed]),
                Threads = options.Threads ?? (isPeers && Environment.ProcessorCount > 1 ? [1, 2] : [1]),
            };
            switch (options.Verb)
            {
                case "":
                    options = options with { Passes = [ConvPass.Forward] };
                    var report = Measure([Floor.Shape], options);
                    if (!options.IsPart) Print(["", .. Floor.Lines(report.Measurements)]);
                    return 0;
                case "limit" when options.Arguments.Count == 0:
                    Limits(options);
                    return 0;
                case "shapes" when options.Arguments.Count > 0:
                    Measure(Choose(options), options);
                    return 0;
                case "peers" when options.Arguments.Count > 0:
                    Compare(Choose(options), options);
                    return 0;
                case "accuracy" when options.Arguments.Count == 0:
                    AccuracyPage.Write(Repository.AccuracyPage, options.Isas[0]);
                    return 0;
                case "denormals" when options.Arguments.Count == 0:
                    DenormalRun.Measure(options);
                    return 0;
                case "readme" when options.Arguments.Count == 0:
                    WritePages([.. ResultStore.ReadAll(Repository.Results)]);
                    return 0;
                default:
                    Console.Error.WriteLine(Options.Help);
                    return 2;
            }
        }
        catch (Exception problem) when (problem is FormatException or InvalidOperationException or NotSupportedException or ArgumentException
            or OverflowException or DllNotFoundException or IOException)
        {
            Console.Error.WriteLine($"bench: {problem.Message}");
            return 1;
        }
    }

    /// <summary>README's table and the pages of bench/results, from the kept figures.</summary>
    private static void WritePages(IReadOnlyList<Report> reports)
    {
        File.WriteAllText(Repository.Readme, ReadmeTable.Update(File.ReadAllText(Repository.Readme), reports));
        foreach (var file in reports.SelectMany(report => ResultStore.Write(Repository.Results, report)))
        {
            Console.WriteLine(file);
        }
    }

    private static List<Shape> Choose(Options options)
    {
        var catalog = new ShapeCatalog(Repository.Shapes);
        var shapes = options.Arguments.SelectMany(catalog.Find).Where(shape => options.Batch is null || shape.Batch == options.Batch).ToList();
        return shapes.Count > 0 ? shapes : throw new FormatException($"no shape has batch {options.Batch}");
    }

    private static void Limits(Options options)
    {
        Console.WriteLine(ThisMachine.CpuName());
        foreach (var isa in options.Isas)
        {
            foreach (var element in (ReadOnlySpan<ElementType>)[ElementType.Float32, ElementType.Float64])
            {
                using var limit = new FmaLimit(isa, element);
                var rates = Enumerable.Range(0, 51).Select(_ => limit.Flops / limit.Sample() * 1e-9).Order().ToArray();
                Console.WriteLine(Table.Text($"{Vocabulary.Name(isa),-8} {Vocabulary.Name(element)}  {rates[rates.Length / 2],6:0.0} GFLOP/s  (best {rates[^1]:0.0})"));
            }
        }
    }

    /// <summary>Ours, and those that are there.</summary>
    private static List<string> PeerEngines()
    {
        List<string> engines = [Vocabulary.Library, Vocabulary.Packed];
        foreach (var peer in (string[])[Vocabulary.PyTorch, Vocabulary.OnnxRuntime])
        {
            if (PeerLibraries.Missing(peer) is { } reason) Console.WriteLine($"without {reason}");
            else engines.Add(peer);
        }

        return engines;
    }

    /// <summary>Layers beside their peers; a whole net's results are kept.</summary>
    private static void Compare(IReadOnlyList<Shape> shapes, Options options)
    {
        var report = Measure(shapes, options);
        if (options.IsPart) return;
        foreach (var part in report.Measurements.GroupBy(m => (m.Isa, m.Threads)))
        {
            Print(["", $"{part.Key.Isa}, threads: {part.Key.Threads}", Table.Head(PeerSummary.Columns)]);
            Print(PeerSummary.Rows([.. PeerRow.Of(part)]).Select(row => Table.Line(PeerSummary.Columns, row)));
        }

        Print(["", .. ResultStore.Write(Repository.Results, report)]);
    }

    /// <summary>Measures in one process for each instruction set and number of threads, because libraries choose once for life.</summary>
    private static Report Measure(IReadOnlyList<Shape> shapes, Options options)
    {
        Report report;
        if (options.IsPart)
        {
            // Kept layer by layer: the next may end the process.
            report = new Report(ThisMachine.Describe(), []);
            foreach (var layer in LayerRun.Measure(shapes, options))
            {
                Print(Lines(layer, options));
                report = report with { Measurements = [.. report.Measurements, .. layer] };
                report.WriteJson(options.Json!);
            }

            return report;
        }
        else
        {
            var machine = ThisMachine.Describe();
            var isPeers = options.Verb == "peers";
            Print([machine.ToString(), "", Table.Head(isPeers ? PeerRow.Columns : Table.Columns)]);
            report = new Report(machine, [.. options.Isas.SelectMany(isa => options.Threads!.SelectMany(threads => PartProcess.Measure(isa, threads, options)))]);
            if (shapes.Count > 1 && !isPeers) Print(["", Table.Head(Summary.Columns), .. Summary.Rows(report.Measurements).Select(row => Table.Line(Summary.Columns, row))]);
        }

        if (options.Json is { } json) report.WriteJson(json);
        if (options.Markdown is { } markdown) report.WriteMarkdown(markdown);
        return report;
    }

    /// <summary>What is printed of a layer when it has been measured.</summary>
    private static IEnumerable<string> Lines(IReadOnlyList<Measurement> layer, Options options) => options.Verb == "peers"
        ? PeerRow.Of(layer).Select(row => Table.Line(PeerRow.Columns, row.Row()))
        : layer.Select(m => Table.Line(Table.Columns, Table.Row(m)));

    private static void Print(IEnumerable<string> lines)
    {
        foreach (var line in lines) Console.WriteLine(line);
    }
}
