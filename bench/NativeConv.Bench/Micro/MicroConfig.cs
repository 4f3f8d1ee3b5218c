using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace NativeConv.Bench.Micro;

/// <summary>How micro-benchmarks run: in this process, whose settings are those of the other benchmarks.</summary>
internal sealed class MicroConfig : ManualConfig
{
    public MicroConfig()
    {
        AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).WithIterationCount(9));
        AddLogger(ConsoleLogger.Default);
        AddColumnProvider(DefaultColumnProviders.Instance);
        AddColumn(StatisticColumn.Median);
        AddExporter(MarkdownExporter.GitHub);
        HideColumns("Error", "StdDev", "Job", "IterationCount", "LaunchCount", "WarmupCount", "Toolchain", "RatioSD");
        SummaryStyle = SummaryStyle.Default.WithMaxParameterColumnWidth(40);
        ArtifactsPath = Path.Combine(Repository.Root, "artifacts", "bench");
    }
}
