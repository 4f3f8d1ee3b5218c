using NativeConv.Bench.Library;
using NativeConv.Bench.Reporting;
using NativeConv.Bench.Shapes;
using NativeConv.Native;

namespace NativeConv.Bench.Measuring;

/// <summary>What it costs that x, w and dy are full of denormal numbers, kept or flushed: ratios to the time of ordinary numbers.</summary>
internal static class DenormalRun
{
    private static readonly string[] Layers = ["resnet50:res4b_branch2b", "resnet50:res4b_branch2a", "dcgan_g:deconv3", "mobilenetv2:b4_dw"];

    private static readonly (string Title, int Width)[] Columns =
    [
        ("layer", 24), ("type", 4), ("pass", 16), ("ms", -8), ("kept", -8), ("flushed", -8),
    ];

    /// <summary>Round by round ordinary numbers, denormal ones and flushed ones take their turn; figures are medians of the ratios within a round.</summary>
    public static void Measure(Options options)
    {
        Console.WriteLine($"{ThisMachine.CpuName()}, {PublishedLibrary.Instance.Isa}");
        Console.WriteLine(Table.Head(Columns));
        var catalog = new ShapeCatalog(Repository.Shapes);
        var (mostKept, mostFlushed) = (0.0, 0.0);
        foreach (var shape in Layers.Select(name => catalog.Find(name).First(shape => shape.Batch == 1)))
        {
            foreach (var element in (ReadOnlySpan<ElementType>)[ElementType.Float32, ElementType.Float64])
            {
                using var ordinary = new LayerBuffers(shape, element);
                using var denormal = new LayerBuffers(shape, element, element == ElementType.Float64 ? -1022 : -126);
                foreach (var pass in options.Passes)
                {
                    var (time, kept, flushed) = Ratios(ordinary, denormal, pass, options);
                    (mostKept, mostFlushed) = (Math.Max(mostKept, kept), Math.Max(mostFlushed, flushed));
                    Console.WriteLine(Table.Line(Columns, [shape.Name.Split('*')[0], Vocabulary.Name(element), Vocabulary.Name(pass), Table.Text($"{time * 1e3:0.000}"), Table.Text($"{kept:0.00}x"), Table.Text($"{flushed:0.00}x")]));
                }
            }
        }

        Console.WriteLine(Table.Text($"at most {mostKept:0.00}x kept, {mostFlushed:0.00}x flushed"));
    }

    private static (double Time, double Kept, double Flushed) Ratios(LayerBuffers ordinary, LayerBuffers denormal, ConvPass pass, Options options)
    {
        var threads = options.Threads![0];
        Layer[] subjects =
        [
            new LibraryLayer(ordinary, pass, threads, pack: false),
            new LibraryLayer(denormal, pass, threads, pack: false),
            new LibraryLayer(denormal, pass, threads, pack: false, NcExecFlags.FlushDenormals),
        ];
        foreach (var subject in subjects)
        {
            subject.Run();
            subject.Calibrate(LayerRun.SampleTime);
        }

        var rounds = Enumerable.Range(0, options.Rounds).Select(_ => subjects.Select(subject => subject.Sample()).ToArray()).ToList();
        foreach (var subject in subjects) subject.Dispose();
        return (LayerRun.Quantile(rounds.Select(round => round[0]), 0.5), LayerRun.Quantile(rounds.Select(round => round[1] / round[0]), 0.5), LayerRun.Quantile(rounds.Select(round => round[2] / round[0]), 0.5));
    }
}
