using System.Globalization;

namespace NativeConv.Tests.Properties;

/// <summary>Layers as lines of native-tests/conformance/descriptors.tsv.</summary>
internal static class DescriptorLine
{
    private static readonly string[] Columns =
    [
        "id", "kind", "rank", "dtype", "algorithm", "batch", "in_channels", "out_channels", "groups", "input", "kernel", "stride", "dilation", "pad_begin", "pad_end", "output_padding",
        "activation", "activation_alpha", "activation_beta", "gradient_rule", "bias", "alpha", "beta", "addend",
    ];

    /// <summary>The names of the columns.</summary>
    public static string Header { get; } = string.Join('\t', Columns);

    /// <summary>One layer; its calls have a bias and add nothing.</summary>
    public static string Format(in ConvDescriptor d, int id)
    {
        var rank = d.Rank;
        string Axes(SpatialArray values, long least = long.MinValue) => string.Join(',', ((ReadOnlySpan<long>)values)[..rank].ToArray().Select(value => Math.Max(value, least)));
        IEnumerable<object> values =
        [
            id, Word(d.Kind), d.Rank, d.Element == ElementType.Float64 ? "f64" : "f32", Word(d.Algorithm), d.Batch, d.InChannels, d.OutChannels, Math.Max(1, d.Groups),
            Axes(d.Input), Axes(d.Kernel), Axes(d.Stride, least: 1), Axes(d.Dilation, least: 1), Axes(d.PadBegin), Axes(d.PadEnd), Axes(d.OutputPadding),
            Word(d.Activation), d.ActivationAlpha, d.ActivationBeta, Word(d.GradientRule), 1, 1, 0, 0,
        ];
        return string.Join('\t', values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)));
    }

    /// <summary>A line's layer.</summary>
    public static ConvDescriptor Read(IReadOnlyDictionary<string, string> line)
    {
        var d = new ConvDescriptor
        {
            Kind = Value<ConvKind>(line["kind"]),
            Rank = int.Parse(line["rank"], CultureInfo.InvariantCulture),
            Element = line["dtype"] == "f64" ? ElementType.Float64 : ElementType.Float32,
            Algorithm = Value<AlgorithmChoice>(line["algorithm"]),
            Batch = long.Parse(line["batch"], CultureInfo.InvariantCulture),
            InChannels = long.Parse(line["in_channels"], CultureInfo.InvariantCulture),
            OutChannels = long.Parse(line["out_channels"], CultureInfo.InvariantCulture),
            Groups = long.Parse(line["groups"], CultureInfo.InvariantCulture),
            Activation = Value<Activation>(line["activation"]),
            ActivationAlpha = Number(line, "activation_alpha"),
            ActivationBeta = Number(line, "activation_beta"),
            GradientRule = Value<GradientRule>(line["gradient_rule"]),
        };
        Set(ref d.Input, line["input"]);
        Set(ref d.Kernel, line["kernel"]);
        Set(ref d.Stride, line["stride"]);
        Set(ref d.Dilation, line["dilation"]);
        Set(ref d.PadBegin, line["pad_begin"]);
        Set(ref d.PadEnd, line["pad_end"]);
        Set(ref d.OutputPadding, line["output_padding"]);
        return d;
    }

    public static double Number(IReadOnlyDictionary<string, string> line, string column) => double.Parse(line[column], CultureInfo.InvariantCulture);

    /// <summary>Lines by the names of their columns; '#' begins a remark.</summary>
    public static IEnumerable<IReadOnlyDictionary<string, string>> ReadAll(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').ToArray();
        var columns = lines[0].Split('\t');
        return lines.Skip(1).Select(line => columns.Zip(line.Split('\t')).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    /// <summary>"leaky_relu" is LeakyRelu.</summary>
    private static TEnum Value<TEnum>(string word)
        where TEnum : struct, Enum => Enum.Parse<TEnum>(word.Replace("_", string.Empty, StringComparison.Ordinal), ignoreCase: true);

    private static string Word<TEnum>(TEnum value)
        where TEnum : struct, Enum => string.Concat(value.ToString().Select((letter, i) => char.IsUpper(letter) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(letter) : letter.ToString()));

    private static void Set(ref SpatialArray field, string list)
    {
        var axis = 0;
        foreach (var number in list.Split(','))
        {
            field[axis++] = long.Parse(number, CultureInfo.InvariantCulture);
        }
    }
}
