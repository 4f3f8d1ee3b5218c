namespace NativeConv.Bench.Reporting;

/// <summary>Geometric means by family and pass: of the limit, and against the peers.</summary>
internal static class PeerSummary
{
    /// <summary>What is not in a family: every layer.</summary>
    public const string All = "all";

    public static readonly (string Title, int Width)[] Columns =
    [
        ("family", 12), ("pass", 16), ("layers", -6), ("of limit", -8), ("pytorch", -8), ("onnxrt", -8), ("best peer", -9), ("worst", -7), ("at", 40),
    ];

    /// <summary>A row for each family and pass, and for all layers of a pass.</summary>
    public static IEnumerable<string[]> Rows(IReadOnlyList<PeerRow> rows) =>
        Groups(rows).Select(group =>
        {
            var worst = group.Rows.Where(row => row.AgainstBest is not null).MinBy(row => row.AgainstBest);
            return (string[])
            [
                group.Family,
                group.Pass,
                Table.Text($"{group.Rows.Count}"),
                Table.Text($"{100 * Mean(group.Rows, row => row.Library.OfLimit):0.0} %"),
                PeerRow.Times(Mean(group.Rows, row => row.AgainstTorch)),
                PeerRow.Times(Mean(group.Rows, row => row.AgainstOnnx)),
                PeerRow.Times(Mean(group.Rows, row => row.AgainstBest)),
                PeerRow.Times(worst?.AgainstBest),
                worst is null ? "" : Table.Text($"{Table.Name(worst.Library)} mb{worst.Library.Batch}"),
            ];
        });

    /// <summary>Rows by family and pass, families in the order of the alphabet, all layers last.</summary>
    public static IEnumerable<(string Family, string Pass, IReadOnlyList<PeerRow> Rows)> Groups(IReadOnlyList<PeerRow> rows)
    {
        var passes = Enum.GetValues<ConvPass>().Select(Vocabulary.Name).ToArray();
        return rows.Select(row => row.Library.Family).Distinct().Order(StringComparer.Ordinal).Append(All)
            .SelectMany(family => passes.Select(pass => (family, pass, (IReadOnlyList<PeerRow>)
                [.. rows.Where(row => row.Library.Pass == pass && (family == All || row.Library.Family == family))])))
            .Where(group => group.Item3.Count > 0);
    }

    /// <summary>The geometric mean of what there is; null of nothing.</summary>
    public static double? Mean(IEnumerable<PeerRow> rows, Func<PeerRow, double?> value)
    {
        var logarithms = rows.Select(row => value(row)).OfType<double>().Select(ratio => Math.Log(ratio)).ToArray();
        return logarithms.Length == 0 ? null : Math.Exp(logarithms.Average());
    }
}
