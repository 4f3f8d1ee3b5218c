namespace NativeConv.Bench.Reporting;

/// <summary>The table of README.md, between two marks, from the results that are kept.</summary>
internal static class ReadmeTable
{
    public const string Begin = "<!-- bench readme: begin -->";
    public const string End = "<!-- bench readme: end -->";

    /// <summary>README's text with its table made anew.</summary>
    /// <exception cref="FormatException">the marks are not there</exception>
    public static string Update(string readme, IReadOnlyList<Report> reports) => MarkedText.Replace(readme, "README.md", Begin, End, Lines(reports));

    /// <summary>A table for each processor: of the limit, and how many times as fast as the best peer, by family and pass.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<Report> reports)
    {
        foreach (var processor in reports.GroupBy(report => report.Machine.Cpu))
        {
            var parts = processor.SelectMany(report => report.Measurements.GroupBy(m => (m.Isa, m.Threads)))
                .OrderByDescending(part => part.Key.Isa, StringComparer.Ordinal).ThenBy(part => part.Key.Threads)
                .Select(part => (Title: $"{part.Key.Isa}, {part.Key.Threads}t", Groups: PeerSummary.Groups([.. PeerRow.Of(part)]).ToDictionary(group => (group.Family, group.Pass), group => group.Rows)))
                .ToList();
            yield return "";
            yield return processor.First().Machine.ToString();
            yield return "";
            (string, int)[] columns = [("family", 12), ("pass", 16), ("layers", -6), .. parts.Select(part => (part.Title, -20))];
            var keys = parts.SelectMany(part => part.Groups.Keys).Distinct();
            foreach (var line in Table.Markdown(columns, keys.Select(key => Row(key, parts)))) yield return line;
        }

        yield return "";
    }

    private static string[] Row((string Family, string Pass) key, List<(string Title, Dictionary<(string, string), IReadOnlyList<PeerRow>> Groups)> parts) =>
    [
        key.Family,
        key.Pass,
        Table.Text($"{parts.Max(part => part.Groups.GetValueOrDefault(key)?.Count ?? 0)}"),
        .. parts.Select(part => part.Groups.TryGetValue(key, out var rows)
            ? Table.Text($"{100 * PeerSummary.Mean(rows, row => row.Library.OfLimit):0} %, {PeerRow.Times(PeerSummary.Mean(rows, row => row.AgainstBest))}")
            : ""),
    ];
}
