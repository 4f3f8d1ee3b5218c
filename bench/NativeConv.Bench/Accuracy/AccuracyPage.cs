using NativeConv.Bench.Measuring;
using NativeConv.Bench.Reporting;
using NativeConv.Bench.Shapes;
using NativeConv.Kernels;

namespace NativeConv.Bench.Accuracy;

/// <summary>Measures the tables of docs/accuracy.md and writes them there.</summary>
internal static class AccuracyPage
{
    private const string Begin = "<!-- bench accuracy: begin -->";
    private const string End = "<!-- bench accuracy: end -->";

    private static readonly (ElementType Element, bool OneSigned)[] Data =
    [
        (ElementType.Float32, false), (ElementType.Float32, true), (ElementType.Float64, false), (ElementType.Float64, true),
    ];

    private static readonly (string Title, int Width)[] LayerColumns =
    [
        ("layer", 28), ("pass", 16), ("products", -8), ("results", -7),
        .. Data.Select(data => ($"{Vocabulary.Name(data.Element)}, {(data.OneSigned ? "one sign" : "zero mean")}", -16)),
        ("algorithms, all with these bits", 40),
    ];

    private static readonly (string Title, int Width)[] ActivationColumns =
    [
        ("activation", 11), ("layer", 28), ("pass", 16), ("f32", -12), ("f64", -12), ("algorithms, all with these bits", 40),
    ];

    /// <summary>Measures; rows are printed as they come.</summary>
    /// <exception cref="InvalidOperationException">an error is larger than its bound</exception>
    public static void Write(string page, Isa isa)
    {
        var catalog = new ShapeCatalog(Repository.Shapes);
        var layers = Print(LayerColumns, AccuracyLayers.Names.SelectMany(name => OfLayer(AccuracyLayers.Find(catalog, name), isa)));
        var activations = Print(ActivationColumns, AccuracyLayers.ActivatedNames.SelectMany(name => OfActivations(AccuracyLayers.Find(catalog, name), isa)));
        IEnumerable<string> lines =
        [
            "",
            $"{ThisMachine.CpuName()}, {Vocabulary.Name(isa)}.",
            "",
            .. Table.Markdown(LayerColumns, layers),
            "",
            .. Table.Markdown(ActivationColumns, activations),
            "",
        ];
        File.WriteAllText(page, MarkedText.Replace(File.ReadAllText(page), page, Begin, End, lines));
    }

    private static IEnumerable<string[]> OfLayer(Shape shape, Isa isa)
    {
        foreach (var pass in Enum.GetValues<ConvPass>())
        {
            var all = Data.Select(data => Judge(new AccuracyCase(shape.ToDescriptor(data.Element), pass, data.OneSigned), isa)).ToList();
            yield return
            [
                shape.Name.Split('*')[0], Vocabulary.Name(pass), Table.Text($"{all.Max(one => one.Products)}"), Table.Text($"{all.Min(one => one.Results)}"),
                .. all.Select(Text),
                string.Join(", ", all.SelectMany(one => one.Algorithms).Distinct()),
            ];
        }
    }

    private static IEnumerable<string[]> OfActivations(Shape shape, Isa isa)
    {
        foreach (var activation in AccuracyLayers.Activations)
        {
            foreach (var pass in Enum.GetValues<ConvPass>())
            {
                var all = new[] { ElementType.Float32, ElementType.Float64 }
                    .Select(element => Judge(new AccuracyCase(AccuracyLayers.Activate(shape.ToDescriptor(element), activation), pass, OneSigned: false), isa)).ToList();
                yield return [activation.Activation.ToString(), shape.Name, Vocabulary.Name(pass), .. all.Select(Text), string.Join(", ", all.SelectMany(one => one.Algorithms).Distinct())];
            }
        }
    }

    private static ErrorStatistics Judge(AccuracyCase one, Isa isa)
    {
        var errors = one.Run(isa);
        return errors.Largest <= one.Bound ? errors : throw new InvalidOperationException(Table.Text($"{one}: an error of {errors.Largest} units, {one.Bound} allowed"));
    }

    private static string Text(ErrorStatistics errors) => Table.Text($"{errors.Largest:0.000} ({errors.Rms:0.000})");

    private static List<string[]> Print((string Title, int Width)[] columns, IEnumerable<string[]> rows)
    {
        var all = new List<string[]>();
        Console.WriteLine(Table.Head(columns));
        foreach (var row in rows)
        {
            Console.WriteLine(Table.Line(columns, row));
            all.Add(row);
        }

        return all;
    }
}
