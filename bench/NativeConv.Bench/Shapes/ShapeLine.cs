using System.Globalization;
using System.Text;

namespace NativeConv.Bench.Shapes;

/// <summary>Reads and writes shapes in the one-line grammar of bench/shapes/README.md, which is that of oneDNN's benchdnn.</summary>
public static class ShapeLine
{
    private const string AxisNames = "dhw";
    private const string AxisEntries = "iokspd";
    private static readonly string[] PlainEntries = ["g", "mb", "ic", "oc"];

    /// <summary>The shape that a line describes.</summary>
    /// <exception cref="ShapeFormatException">the line does not follow the grammar; the message says where and why</exception>
    public static Shape Parse(string line)
    {
        var (kind, hasBias, start) = Options(line);
        var entries = Entries(line, start, out var name);
        var (rank, outermost) = Axes(line, entries);

        var axes = new ShapeAxis[3];
        for (var i = 0; i < rank; i++)
        {
            var letter = AxisNames[outermost + i];
            axes[i] = i > 0 && !entries.ContainsKey($"i{letter}") ? axes[i - 1] : Axis(line, kind, entries, letter);
        }

        var (layer, count) = Repeated(name);
        return new Shape(
            kind,
            Get(entries, "mb", least: 0) ?? 2,
            Get(entries, "ic", least: 1) ?? throw Missing(line, "ic"),
            Get(entries, "oc", least: 1) ?? throw Missing(line, "oc"),
            Get(entries, "g", least: 1) ?? 1,
            hasBias,
            rank,
            axes[0],
            axes[1],
            axes[2],
            layer,
            count);
    }

    /// <summary>The shortest line that says everything: <c>Parse(Format(shape))</c> is the shape.</summary>
    public static string Format(Shape shape)
    {
        var line = new StringBuilder();
        line.Append(shape.Kind == ConvKind.Deconv ? "--deconv " : "");
        line.Append(shape.HasBias ? "--bia-dt=f32 " : "");
        line.Append(shape.Groups == 1 ? "" : Invariant($"g{shape.Groups}")).Append(Invariant($"mb{shape.Batch}ic{shape.InChannels}"));
        AppendAxes(line, shape, 'i', axis => axis.Input);
        line.Append(Invariant($"oc{shape.OutChannels}"));
        AppendAxes(line, shape, 'o', axis => axis.Output);
        AppendAxes(line, shape, 'k', axis => axis.Kernel);
        AppendAxes(line, shape, 's', axis => axis.Stride, usual: 1);
        AppendAxes(line, shape, 'p', axis => axis.PadBegin);
        AppendAxes(line, shape, 'd', axis => axis.Dilation - 1, usual: 0);
        if (shape.Name.Length > 0)
        {
            line.Append("n\"").Append(shape.Name).Append(shape.Count == 1 ? "" : Invariant($"*{shape.Count}")).Append('"');
        }

        return line.ToString();
    }

    private static (ConvKind Kind, bool HasBias, int Start) Options(string line)
    {
        var kind = ConvKind.Conv;
        var hasBias = false;
        var at = 0;
        while (true)
        {
            while (at < line.Length && char.IsWhiteSpace(line[at])) at++;
            if (!line.AsSpan(at).StartsWith("--")) return (kind, hasBias, at);

            var end = at;
            while (end < line.Length && !char.IsWhiteSpace(line[end])) end++;
            switch (line[at..end])
            {
                case "--conv": kind = ConvKind.Conv; break;
                case "--deconv": kind = ConvKind.Deconv; break;
                case "--bia-dt=f32": hasBias = true; break;
                case "--bia-dt=undef": hasBias = false; break;
                default: throw new ShapeFormatException(at + 1, $"'{line[at..end]}' is not one of --conv, --deconv, --bia-dt=f32, --bia-dt=undef");
            }

            at = end;
        }
    }

    private static Dictionary<string, Entry> Entries(string line, int start, out string name)
    {
        var entries = new Dictionary<string, Entry>();
        name = "";
        var end = line.AsSpan().TrimEnd().Length;
        for (var at = start; at < end;)
        {
            if (line[at] == '_')
            {
                at++;
                continue;
            }

            var letters = at;
            while (at < end && char.IsAsciiLetterLower(line[at])) at++;
            var key = line[letters..at];
            if (key.StartsWith('n'))
            {
                name = Name(line, letters + 1, end);
                break;
            }

            if (!IsEntry(key))
            {
                throw new ShapeFormatException(letters + 1, $"'{(key.Length > 0 ? key : line[letters])}' is not an entry: g, mb, ic, oc, n, or one of i, o, k, s, p, d with d, h or w");
            }

            if (entries.ContainsKey(key)) throw new ShapeFormatException(letters + 1, $"{key} is given twice");

            var digits = at;
            at += at < end && line[at] == '-' ? 1 : 0;
            while (at < end && char.IsAsciiDigit(line[at])) at++;

            // 31 bits: then no size along one axis passes 63.
            if (!int.TryParse(line.AsSpan(digits, at - digits), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            {
                throw new ShapeFormatException(digits + 1, at > digits && char.IsAsciiDigit(line[at - 1]) ? $"{key} does not fit 31 bits" : $"{key} needs a number");
            }

            entries.Add(key, new Entry(value, letters + 1, digits + 1, key));
        }

        return entries;
    }

    private static bool IsEntry(string key) =>
        Array.IndexOf(PlainEntries, key) >= 0 || (key.Length == 2 && AxisEntries.Contains(key[0]) && AxisNames.Contains(key[1]));

    private static string Name(string line, int start, int end)
    {
        if (start == end || line[start] != '"') return line[start..end];

        var close = line.IndexOf('"', start + 1, end - start - 1);
        if (close < 0) throw new ShapeFormatException(end + 1, "the name's closing quote is missing");
        if (close + 1 < end) throw new ShapeFormatException(close + 2, "nothing may follow the name");
        return line[(start + 1)..close];
    }

    /// <summary>"layer*3": the net has three of them.</summary>
    private static (string Layer, int Count) Repeated(string name)
    {
        var star = name.LastIndexOf('*');
        return star > 0 && int.TryParse(name.AsSpan(star + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? (name[..star], count)
            : (name, 1);
    }

    /// <summary>How many spatial axes, and which is the outermost. An axis without entries of its own is like the one before it.</summary>
    private static (int Rank, int Outermost) Axes(string line, Dictionary<string, Entry> entries)
    {
        var outermost = 0;
        while (outermost < AxisNames.Length && !entries.ContainsKey($"i{AxisNames[outermost]}")) outermost++;
        if (outermost == AxisNames.Length) throw Missing(line, "iw, ih or id");

        var inherits = outermost + 1 < AxisNames.Length && !entries.ContainsKey($"i{AxisNames[outermost + 1]}");
        for (var axis = 0; axis < AxisNames.Length; axis++)
        {
            var size = $"i{AxisNames[axis]}";
            if (entries.ContainsKey(size))
            {
                if (inherits && axis > outermost) throw Missing(line, $"i{AxisNames[outermost + 1]}");
                continue;
            }

            if (axis > outermost && !inherits) throw Missing(line, size);
            foreach (var entry in entries.Values)
            {
                if (entry.Key.Length == 2 && entry.Key[1] == AxisNames[axis])
                {
                    throw new ShapeFormatException(entry.KeyColumn, $"{entry.Key} needs {size}");
                }
            }
        }

        return (AxisNames.Length - outermost, outermost);
    }

    private static ShapeAxis Axis(string line, ConvKind kind, Dictionary<string, Entry> entries, char letter)
    {
        var axis = ShapeAxis.From(
            kind,
            Get(entries, $"i{letter}", least: 1)!.Value,
            Get(entries, $"o{letter}", least: 1),
            Get(entries, $"k{letter}", least: 1) ?? throw Missing(line, $"k{letter}"),
            Get(entries, $"s{letter}", least: 1) ?? 1,
            (Get(entries, $"d{letter}", least: 0) ?? 0) + 1,
            Get(entries, $"p{letter}", least: long.MinValue));
        if (axis.Output < 1)
        {
            throw new ShapeFormatException(entries[$"k{letter}"].ValueColumn, $"the kernel leaves no output along {letter}");
        }

        return axis;
    }

    private static long? Get(Dictionary<string, Entry> entries, string key, long least)
    {
        if (!entries.TryGetValue(key, out var entry)) return null;
        return entry.Value >= least ? entry.Value : throw new ShapeFormatException(entry.ValueColumn, $"{key} must be at least {least}");
    }

    private static ShapeFormatException Missing(string line, string entry) => new(line.AsSpan().TrimEnd().Length + 1, $"{entry} is missing");

    private static void AppendAxes(StringBuilder line, Shape shape, char entry, Func<ShapeAxis, long> value, long? usual = null)
    {
        var alike = true;
        var needed = usual is null;
        for (var i = 0; i < shape.Rank; i++)
        {
            alike &= shape[i] == shape[0];
            needed |= value(shape[i]) != usual;
        }

        for (var i = 0; needed && i < (alike ? 1 : shape.Rank); i++)
        {
            line.Append(Invariant($"{entry}{AxisNames[AxisNames.Length - shape.Rank + i]}{value(shape[i])}"));
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <param name="Value">the number</param>
    /// <param name="KeyColumn">where the entry begins</param>
    /// <param name="ValueColumn">where the number begins</param>
    /// <param name="Key">the entry</param>
    private readonly record struct Entry(long Value, int KeyColumn, int ValueColumn, string Key);
}
