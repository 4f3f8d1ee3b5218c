using System.Text.Encodings.Web;
using System.Text.Json;

namespace NativeConv.Bench.Reporting;

/// <summary>All figures of a run.</summary>
/// <param name="Machine">where</param>
/// <param name="Measurements">what</param>
internal sealed record Report(Machine Machine, IReadOnlyList<Measurement> Measurements)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Reads what <see cref="WriteJson"/> wrote.</summary>
    public static Report ReadJson(string path)
    {
        using var file = File.OpenRead(path);
        return JsonSerializer.Deserialize<Report>(file, Json) ?? throw new FormatException($"{path} holds no report");
    }

    public void WriteJson(string path)
    {
        using var file = File.Create(path);
        JsonSerializer.Serialize(file, this, Json);
    }

    public void WriteMarkdown(string path)
    {
        var lines = new List<string> { Machine.ToString(), "" };
        lines.AddRange(Table.Markdown(Table.Columns, Measurements.Select(Table.Row)));
        lines.Add("");
        lines.AddRange(Table.Markdown(Summary.Columns, Summary.Rows(Measurements)));
        File.WriteAllLines(path, lines);
    }
}
