using System.Diagnostics;
using System.Reflection;
using BenchmarkDotNet.Running;
using NativeConv.Bench.Limit;
using NativeConv.Bench.Measuring;
using NativeConv.Bench.Micro;
using NativeConv.Bench.Reporting;
using NativeConv.Bench.Shapes;
using NativeConv.Kernels;

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

    private static List<Shape> Choose(Options options)
    {
        var catalog = new ShapeCatalog(Repository.Shapes);
        var shapes = options.Arguments.SelectMany(catalog.Find).Where(shape => options.Batch is null || shape.Batch == options.Batch).ToList();
        return shapes.Count > 0 ? shapes : throw new FormatException($"no shape has batch {options.Batch}");
    }

    private static void Limits(Options options)
    {
        Console.WriteLine(Machine.CpuName());
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

    /// <summary>Measures in one process for each instruction set, because a library runs one for life.</summary>
    private static Report Measure(IReadOnlyList<Shape> shapes, Options options)
    {
        Report report;
        if (options.IsPart)
        {
            report = new Report(Machine.Here(), LayerRun.Measure(shapes, options, m => Console.WriteLine(Table.Line(Table.Columns, Table.Row(m)))));
        }
        else
        {
            var machine = Machine.Here();
            Print([machine.ToString(), "", Table.Head(Table.Columns)]);
            report = new Report(machine, [.. options.Isas.SelectMany(isa => MeasureApart(isa, options).Measurements)]);
            if (shapes.Count > 1) Print(["", Table.Head(Summary.Columns), .. Summary.Rows(report.Measurements).Select(row => Table.Line(Summary.Columns, row))]);
        }

        if (options.Json is { } json) report.WriteJson(json);
        if (options.Markdown is { } markdown) report.WriteMarkdown(markdown);
        return report;
    }

    private static Report MeasureApart(Isa isa, Options options)
    {
        var json = Path.GetTempFileName();
        try
        {
            var program = Environment.ProcessPath!;
            var start = new ProcessStartInfo(program);
            if (Path.GetFileNameWithoutExtension(program) == "dotnet") start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
            foreach (var argument in options.ForIsa(isa, json)) start.ArgumentList.Add(argument);
            start.Environment[Options.IsaVariable] = Vocabulary.Name(isa);
            using var process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode == 0 ? Report.ReadJson(json) : throw new InvalidOperationException($"{Vocabulary.Name(isa)}: not measured");
        }
        finally
        {
            File.Delete(json);
        }
    }

    private static void Print(IEnumerable<string> lines)
    {
        foreach (var line in lines) Console.WriteLine(line);
    }
}
