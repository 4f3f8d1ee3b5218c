namespace NativeConv.Bench.Reporting;

/// <summary>A pass of a layer beside its peers. Like is compared with like: PyTorch gets w anew in every call, ONNX Runtime has packed it before.</summary>
internal sealed record PeerRow(Measurement Library, Measurement? Packed, Measurement? Torch, Measurement? Onnx)
{
    public static readonly (string Title, int Width)[] Columns =
    [
        ("shape", 30), ("mb", -3), ("pass", 16), ("ms", -9), ("GFLOP/s", -7), ("of limit", -8), ("packed", -7), ("pytorch", -7), ("onnxrt", -7),
        ("best peer", -9), ("workspace", -10), ("algorithm", 14),
    ];

    /// <summary>PyTorch's time in units of ours; null if it did not run.</summary>
    public double? AgainstTorch => Ratio(Library, Vocabulary.PyTorch);

    /// <summary>ONNX Runtime's time in units of ours, weights packed before in both; null if it did not run.</summary>
    public double? AgainstOnnx => Packed is null ? null : Ratio(Packed, Vocabulary.OnnxRuntime);

    /// <summary>The least of the ratios: below 1 some peer is faster. ONNX Runtime cannot be held to fewer instructions than the machine has: it counts at the widest, which AVX-512 always is.</summary>
    public double? AgainstBest => Library.Isa == "avx2" && !Library.IsWidest ? AgainstTorch : Least(AgainstTorch, AgainstOnnx);

    /// <summary>The rows of a report, in its order.</summary>
    public static IEnumerable<PeerRow> Of(IEnumerable<Measurement> measurements) => measurements
        .GroupBy(m => (m.Isa, m.Threads, m.Shape, m.Name, m.Type, m.Pass))
        .Where(group => group.Any(m => m.Engine == Vocabulary.Library))
        .Select(group =>
        {
            var engines = group.ToDictionary(m => m.Engine);
            return new PeerRow(
                engines[Vocabulary.Library],
                engines.GetValueOrDefault(Vocabulary.Packed),
                engines.GetValueOrDefault(Vocabulary.PyTorch),
                engines.GetValueOrDefault(Vocabulary.OnnxRuntime));
        });

    /// <summary>Cells.</summary>
    public string[] Row() =>
    [
        Table.Name(Library),
        Table.Text($"{Library.Batch}"),
        Library.Pass,
        Table.Text($"{Library.Milliseconds:0.0000}"),
        Table.Text($"{Library.Gflops:0.0}"),
        Table.Text($"{100 * Library.OfLimit:0.0} %"),
        Rate(Packed),
        Rate(Torch),
        Rate(Onnx),
        Times(AgainstBest),
        Table.Size(Library.WorkspaceBytes),
        Library.Algorithm,
    ];

    /// <summary>"1.25x"; "-" for nothing.</summary>
    public static string Times(double? ratio) => ratio is { } value ? Table.Text($"{value:0.00}x") : "-";

    private static string Rate(Measurement? measurement) => measurement is null ? "-" : measurement.IsWrong ? "wrong" : Table.Text($"{measurement.Gflops:0.0}");

    private static double? Ratio(Measurement ours, string peer) => ours.Against.TryGetValue(peer, out var ratio) ? ratio : null;

    private static double? Least(double? a, double? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);
}
