using System.Globalization;

namespace NativeConv.Bench.Reporting;

/// <summary>Figures as rows of text.</summary>
internal static class Table
{
    /// <summary>The columns of <see cref="Row"/> and their widths; negative: numbers, which align right.</summary>
    public static readonly (string Title, int Width)[] Columns =
    [
        ("isa", 8), ("shape", 30), ("mb", -3), ("type", 4), ("pass", 16), ("engine", 7), ("ms", -9), ("GFLOP/s", -7), ("limit", -6), ("of limit", -8), ("spread", -6), ("workspace", -10), ("algorithm", 14),
    ];

    /// <summary>A figure's cells.</summary>
    public static string[] Row(Measurement m) =>
    [
        m.Isa,
        Name(m),
        Text($"{m.Batch}"),
        m.Type,
        m.Pass,
        m.Engine,
        Text($"{m.Milliseconds:0.0000}"),
        Text($"{m.Gflops:0.0}"),
        Text($"{m.LimitGflops:0.0}"),
        Text($"{100 * m.OfLimit:0.0} %"),
        Text($"{100 * m.Spread:0.0} %"),
        Size(m.WorkspaceBytes),
        m.Algorithm,
    ];

    /// <summary>What a layer is called: its name, or the line of a nameless one.</summary>
    public static string Name(Measurement m) => m.Name.Length > 0 ? m.Name : m.Shape;

    /// <summary>One line of the console.</summary>
    public static string Line((string Title, int Width)[] columns, string[] cells) =>
        string.Join("  ", columns.Select((column, i) => column.Width < 0 ? cells[i].PadLeft(-column.Width) : cells[i].PadRight(column.Width))).TrimEnd();

    /// <summary>The head of the console's table.</summary>
    public static string Head((string Title, int Width)[] columns) => Line(columns, [.. columns.Select(column => column.Title)]);

    /// <summary>A table in Markdown.</summary>
    public static IEnumerable<string> Markdown((string Title, int Width)[] columns, IEnumerable<string[]> rows)
    {
        yield return $"| {string.Join(" | ", columns.Select(column => column.Title))} |";
        yield return $"|{string.Join("|", columns.Select(column => column.Width < 0 ? "---:" : "---"))}|";
        foreach (var row in rows)
        {
            yield return $"| {string.Join(" | ", row)} |";
        }
    }

    /// <summary>A number, the same in every country.</summary>
    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>"1.5 KB"</summary>
    public static string Size(long bytes) => bytes < 1 << 20 ? Text($"{bytes / 1024.0:0.0} KB") : Text($"{bytes / (1024.0 * 1024):0.00} MB");
}
