namespace NativeConv.Bench.Reporting;

/// <summary>Figures by family of layers: the geometric mean of the fractions of the limit, and the worst.</summary>
internal static class Summary
{
    public static readonly (string Title, int Width)[] Columns =
    [
        ("isa", 8), ("family", 12), ("pass", 16), ("engine", 7), ("layers", -6), ("mean", -6), ("worst", -6), ("at", 40),
    ];

    /// <summary>A row for each family, pass, engine and instruction set that there are figures of.</summary>
    public static IEnumerable<string[]> Rows(IReadOnlyList<Measurement> measurements) => measurements
        .GroupBy(m => (m.Isa, m.Family, m.Pass, m.Engine))
        .Select(group =>
        {
            var mean = Math.Exp(group.Average(m => Math.Log(m.OfLimit)));
            var worst = group.MinBy(m => m.OfLimit)!;
            return (string[])
            [
                group.Key.Isa,
                group.Key.Family,
                group.Key.Pass,
                group.Key.Engine,
                Table.Text($"{group.Count()}"),
                Table.Text($"{100 * mean:0.0} %"),
                Table.Text($"{100 * worst.OfLimit:0.0} %"),
                Table.Text($"{Table.Name(worst)} mb{worst.Batch}"),
            ];
        });
}
