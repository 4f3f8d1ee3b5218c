using NativeConv.Bench;
using NativeConv.Bench.Reporting;
using Xunit;

namespace NativeConv.Tests.Bench;

/// <summary>What is made of measurements: ratios, means, files and README's table.</summary>
public class ReportTests
{
    private static readonly Machine Machine = new("Some CPU (family 1, model 2)", 2, "system", ".NET", "0.1.0", 1, "2.0", "1.0", "2026-01-01");

    [Fact]
    public void LikeIsComparedWithLike()
    {
        var row = Assert.Single(PeerRow.Of(Layer("3x3", torch: 2, onnx: 0.5)));
        Assert.Equal(2, row.AgainstTorch);
        Assert.Equal(0.5, row.AgainstOnnx);
        Assert.Equal(0.5, row.AgainstBest);

        // ONNX Runtime is held against packed weights, and where it cannot be held to an instruction set not at all.
        Assert.Null(Assert.Single(PeerRow.Of(Layer("3x3", torch: 2, onnx: 0.5).Where(m => m.Engine != Vocabulary.Packed))).AgainstOnnx);
        Assert.Equal(2, Assert.Single(PeerRow.Of(Layer("3x3", torch: 2, onnx: 0.5, isa: "avx2"))).AgainstBest);
        Assert.Equal(0.5, Assert.Single(PeerRow.Of(Layer("3x3", torch: 2, onnx: 0.5, isa: "avx2").Select(m => m with { IsWidest = true }))).AgainstBest);
    }

    [Fact]
    public void WrongOnesAreNamedNotRanked()
    {
        // What is measured of a pass whose PyTorch is wrong: nobody is compared with it.
        var layer = Layer("3x3", torch: 2, onnx: 0.5).Select(m => m.Engine == Vocabulary.PyTorch ? m with { IsWrong = true } : m with { Against = Without(m.Against) });
        var row = Assert.Single(PeerRow.Of(layer));
        Assert.Null(row.AgainstTorch);
        Assert.Equal(0.5, row.AgainstBest);
        var column = Array.FindIndex(PeerRow.Columns, column => column.Title == Vocabulary.PyTorch);
        Assert.Equal("wrong", row.Row()[column]);
        Assert.Equal("50.0", row.Row()[column + 1]);

        static IReadOnlyDictionary<string, double> Without(IReadOnlyDictionary<string, double> against) =>
            against.Where(pair => pair.Key != Vocabulary.PyTorch).ToDictionary();
    }

    [Fact]
    public void MeansAreGeometric()
    {
        PeerRow[] rows = [.. PeerRow.Of(Layer("3x3", torch: 2, onnx: 8)), .. PeerRow.Of(Layer("1x1", torch: 0.5, onnx: 8))];
        Assert.Equal(1, PeerSummary.Mean(rows, row => row.AgainstTorch)!.Value, 12);
        Assert.Null(PeerSummary.Mean(rows, _ => null));

        var table = PeerSummary.Rows(rows).ToList();
        Assert.Equal(["1x1", "3x3", PeerSummary.All], table.Select(row => row[0]));
        Assert.All(table, row => Assert.Equal(PeerSummary.Columns.Length, row.Length));
        Assert.Equal(["all", "forward", "2", "50.0 %", "1.00x", "8.00x", "1.00x", "0.50x", "net:1x1 mb1"], table[^1]);
    }

    [Fact]
    public void ResultsComeBackFromTheirFiles()
    {
        var root = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var report = new Report(Machine, Layer("3x3", torch: 2, onnx: 1));
            var file = Assert.Single(ResultStore.Write(root, report));
            Assert.Equal(Path.Combine(root, "some-cpu-family-1-model-2", "avx512-1t.md"), file);
            Assert.Contains("net:3x3", File.ReadAllText(file), StringComparison.Ordinal);
            var read = Assert.Single(ResultStore.ReadAll(root));
            Assert.Equal(Machine, read.Machine);
            Assert.Equal(report.Measurements.Select(m => m with { Against = null! }), read.Measurements.Select(m => m with { Against = null! }));
            Assert.Equal(2, read.Measurements[0].Against[Vocabulary.PyTorch]);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        Assert.Empty(ResultStore.ReadAll(root));
    }

    [Fact]
    public void ReadmeKeepsWhatIsAroundItsTable()
    {
        var readme = $"before\n{ReadmeTable.Begin}\nold\n{ReadmeTable.End}\nafter\n";
        Report[] reports = [new Report(Machine, Layer("3x3", torch: 2, onnx: 1)), new Report(Machine, Layer("3x3", torch: 3, onnx: 1, isa: "avx2"))];
        var updated = ReadmeTable.Update(readme, reports);
        Assert.StartsWith($"before\n{ReadmeTable.Begin}\n", updated, StringComparison.Ordinal);
        Assert.EndsWith($"\n{ReadmeTable.End}\nafter\n", updated, StringComparison.Ordinal);
        Assert.DoesNotContain("old", updated, StringComparison.Ordinal);
        Assert.Contains("| 3x3 | forward | 1 | 50 %, 1.00x | 50 %, 3.00x |", updated, StringComparison.Ordinal);
        Assert.Equal(updated, ReadmeTable.Update(updated, reports));
        Assert.Throws<FormatException>(() => ReadmeTable.Update("no marks", reports));
    }

    private static Measurement[] Layer(string family, double torch, double onnx, string isa = "avx512")
    {
        return [One(Vocabulary.Library), One(Vocabulary.Packed), One(Vocabulary.PyTorch), One(Vocabulary.OnnxRuntime)];

        Measurement One(string engine) => new(
            isa, "mb1ic1ih1oc1oh1kh1ph0", $"net:{family}", 1, family, "f32", "forward", engine, 1, 1.0, 50, 100, 0.5, 0, 1024, "direct-points",
            Vocabulary.IsPeer(engine) ? new() : new Dictionary<string, double> { [Vocabulary.PyTorch] = torch, [Vocabulary.OnnxRuntime] = onnx });
    }
}
