using System.Text.RegularExpressions;

namespace NativeConv.Bench.Reporting;

/// <summary>The results that are kept: bench/results, a folder for each processor, a file for each instruction set and number of threads.</summary>
internal static partial class ResultStore
{
    /// <summary>Writes a run's measurements where they belong.</summary>
    /// <returns>the files</returns>
    public static IEnumerable<string> Write(string root, Report report)
    {
        var folder = Path.Combine(root, Slug(report.Machine.Cpu));
        Directory.CreateDirectory(folder);
        foreach (var part in report.Measurements.GroupBy(m => (m.Isa, m.Threads)))
        {
            var file = Path.Combine(folder, $"{part.Key.Isa}-{part.Key.Threads}t");
            var ofPart = report with { Measurements = [.. part] };
            ofPart.WriteJson(file + ".json");
            var rows = PeerRow.Of(part).ToList();
            string[] lines =
            [
                $"# {part.Key.Isa}, {part.Key.Threads} {(part.Key.Threads == 1 ? "thread" : "threads")}",
                "",
                report.Machine.ToString(),
                "",
                .. Table.Markdown(PeerSummary.Columns, PeerSummary.Rows(rows)),
                "",
                .. Table.Markdown(PeerRow.Columns, rows.Select(row => row.Row())),
            ];
            File.WriteAllLines(file + ".md", lines);
            yield return file + ".md";
        }
    }

    /// <summary>All results, by folder.</summary>
    public static IEnumerable<Report> ReadAll(string root) => Directory.Exists(root)
        ? Directory.GetFiles(root, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Report.ReadJson)
        : [];

    /// <summary>"AMD EPYC (family 25, model 17)" is amd-epyc-family-25-model-17.</summary>
    public static string Slug(string text) => Others().Replace(text.ToLowerInvariant(), "-").Trim('-');

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Others();
}
