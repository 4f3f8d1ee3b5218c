using NativeConv.Bench.Library;
using NativeConv.Bench.Limit;
using NativeConv.Bench.Peers;
using NativeConv.Bench.Reporting;
using NativeConv.Bench.Shapes;
using NativeConv.Kernels;

namespace NativeConv.Bench.Measuring;

/// <summary>Measures layers with one instruction set: the one that this process's library runs.</summary>
internal static class LayerRun
{
    // Long against the clock's 20 ns and a call's microsecond, short against a time slice.
    internal static readonly TimeSpan SampleTime = TimeSpan.FromMilliseconds(4);

    // GNU OpenMP spins for some milliseconds by default; after 10 ms samples of two threads were still up to three times too long on a virtual machine.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(10);
    private const double QuietShare = 0.1;
    private const int MostQuiets = 50;
    private const int MostAttempts = 5;
    private static readonly TimeSpan LongRound = TimeSpan.FromSeconds(0.5);

    /// <summary>All figures, layer by layer.</summary>
    /// <exception cref="InvalidOperationException">the library runs another instruction set, refuses a shape, or differs from the managed engine</exception>
    public static IEnumerable<IReadOnlyList<Measurement>> Measure(IReadOnlyList<Shape> shapes, Options options)
    {
        var isa = options.Isas[0];
        if (options.Engines!.Contains(Vocabulary.Library) && PublishedLibrary.Instance.Isa != Vocabulary.Name(isa))
        {
            throw new InvalidOperationException($"the library runs {PublishedLibrary.Instance.Isa}, not {Vocabulary.Name(isa)}: is its companion missing?");
        }

        using var limit = new FmaLimit(isa, options.Element);
        using var cores = new CoreCheck(isa, options.Threads![0]);
        for (var number = options.FirstShape; number < shapes.Count; number++)
        {
            var shape = shapes[number];
            using var buffers = new LayerBuffers(shape, options.Element);
            var layers = options.Passes.SelectMany(pass => Engines(options, number, shape, pass).Select(engine => Create(engine, buffers, pass, isa, options.Threads![0]))).ToList();
            try
            {
                Compare(buffers, layers, number, options);
                layers.ForEach(layer => layer.Calibrate(SampleTime));
                yield return InTurn(limit, cores, layers, shape, options).ToList();
            }
            finally
            {
                layers.ForEach(layer => layer.Dispose());
            }
        }

        if (cores.Shared > 0)
        {
            Console.Error.WriteLine($"bench: {cores.Shared} samples were taken while threads shared a core");
        }
    }

    /// <summary>Who computes a pass of a layer.</summary>
    private static IEnumerable<string> Engines(Options options, int number, Shape shape, ConvPass pass) => options.Engines!.Where(engine =>
        Computes(engine, shape, pass, options.Element) && !options.Fatal.Any(trial => (trial.Number, trial.Pass, trial.Engine) == (number, pass, engine)));

    private static Layer Create(string engine, LayerBuffers buffers, ConvPass pass, Isa isa, int threads) => engine switch
    {
        Vocabulary.Managed => new ManagedLayer(buffers, pass, isa, threads),
        Vocabulary.PyTorch => new TorchLayer(buffers, pass),
        Vocabulary.OnnxRuntime => new OnnxLayer(buffers, threads),
        _ => new LibraryLayer(buffers, pass, threads, pack: engine == Vocabulary.Packed),
    };

    /// <summary>Whether an engine computes this at all.</summary>
    private static bool Computes(string engine, Shape shape, ConvPass pass, ElementType element) => engine switch
    {
        Vocabulary.Packed => pass == ConvPass.Forward,
        Vocabulary.OnnxRuntime => pass == ConvPass.Forward && element == ElementType.Float32,

        // It pads both ends alike.
        Vocabulary.PyTorch => shape.Kind == ConvKind.Deconv || Enumerable.Range(0, shape.Rank).All(i => shape[i].PadBegin == shape[i].PadEnd),
        _ => true,
    };

    /// <summary>Our engines give the same bits, peers the same numbers within rounding: one that does not is marked, for a fast wrong one would be no news.</summary>
    private static void Compare(LayerBuffers buffers, List<Layer> layers, int number, Options options)
    {
        foreach (var pass in layers.GroupBy(layer => layer.Pass))
        {
            double[]? first = null;
            foreach (var layer in pass)
            {
                buffers.Clear();
                PartProcess.Announce(options, Vocabulary.IsPeer(layer.Engine) ? new Trial(number, layer.Pass, layer.Engine, buffers.Shape.ToString()) : null);
                layer.Run();
                PartProcess.Announce(options, null);
                layer.Publish();
                var results = buffers.Results();
                first ??= results;
                var tolerance = Vocabulary.IsPeer(layer.Engine) || Vocabulary.IsPeer(pass.First().Engine) ? Tolerance(buffers, layer) : 0;
                for (var i = 0; i < results.Length; i++)
                {
                    if (Math.Abs(results[i] - first[i]) <= tolerance) continue;
                    var difference = $"{buffers.Shape}: {Vocabulary.Name(pass.Key)} of {layer.Engine} and {pass.First().Engine} differ: {results[i]} and {first[i]}";
                    if (!Vocabulary.IsPeer(layer.Engine)) throw new InvalidOperationException(difference);
                    Console.Error.WriteLine($"bench: {difference}");
                    layer.IsWrong = true;
                    break;
                }
            }
        }
    }

    /// <summary>64 roundings of a sum of products below one: what docs/design.md allows to sums of one sign.</summary>
    private static double Tolerance(LayerBuffers buffers, Layer layer)
    {
        var results = layer.Pass switch
        {
            ConvPass.Forward => buffers.Shape.OutputElements,
            ConvPass.BackwardData => buffers.Shape.InputElements,
            _ => buffers.Shape.WeightElements,
        };
        var products = Math.Max(1, layer.Flops / 2 / results) + 1;
        return 64 * Math.ScaleB(products, buffers.Element == ElementType.Float64 ? -53 : -24) * Math.Max(1, buffers.Shape.OutputElements / (double)Math.Max(1, results));
    }

    /// <summary>
    /// Round by round each layer takes its turn, and just before it the limit: what else the machine does meets both. Medians, because it does it sometimes; the limit of
    /// a round is the median of its samples: a single one gave up to 145 % of the limit.
    /// </summary>
    private static IEnumerable<Measurement> InTurn(FmaLimit limit, CoreCheck cores, List<Layer> layers, Shape shape, Options options)
    {
        var threads = options.Threads![0];
        var rounds = Rounds(layers, options.Rounds);
        var seconds = new double[layers.Count, rounds];
        var limitRates = new double[rounds];
        for (var round = 0; round < rounds; round++)
        {
            var ofRound = new double[layers.Count];
            for (var i = 0; i < layers.Count; i++)
            {
                ofRound[i] = threads * limit.Flops / limit.Sample();
                seconds[i, round] = threads == 1 ? layers[i].Sample() : SampleApart(cores, layers[i]);
            }

            limitRates[round] = Quantile(ofRound, 0.5);
        }

        var all = Enumerable.Range(0, rounds);
        for (var i = 0; i < layers.Count; i++)
        {
            var layer = layers[i];
            var time = Quantile(all.Select(round => seconds[i, round]), 0.5);
            var ratios = all.Select(round => layer.Flops / seconds[i, round] / limitRates[round]).ToArray();
            yield return new Measurement(
                Vocabulary.Name(options.Isas[0]),
                shape.ToString(),
                shape.Name,
                shape.Batch,
                Family.Of(shape),
                Vocabulary.Name(options.Element),
                Vocabulary.Name(layer.Pass),
                layer.Engine,
                threads,
                time * 1e3,
                layer.Flops / time * 1e-9,
                Quantile(limitRates, 0.5) * 1e-9,
                Quantile(ratios, 0.5),
                Quantile(ratios, 0.75) - Quantile(ratios, 0.25),
                layer.WorkspaceBytes,
                layer.Algorithm,
                Against(i),
                options.Isas[0] == IsaSupport.Best,
                layer.IsWrong);
        }

        Dictionary<string, double> Against(int i) => Enumerable.Range(0, layers.Count)
            .Where(j => j != i && layers[j].Pass == layers[i].Pass && !layers[j].IsWrong)
            .ToDictionary(j => layers[j].Engine, j => Quantile(all.Select(round => seconds[j, round] / seconds[i, round]), 0.5));
    }

    /// <summary>A sample before and after which all threads had cores of their own.</summary>
    private static double SampleApart(CoreCheck cores, Layer layer)
    {
        for (var attempt = 1; ; attempt++)
        {
            WaitForQuiet();
            var apart = cores.Wait();

            // Its threads need to be awake.
            layer.Run();
            var seconds = layer.Sample();
            WaitForQuiet();
            if (apart && cores.AreApart()) return seconds;
            if (apart && attempt < MostAttempts) continue;
            cores.Shared++;
            return seconds;
        }
    }

    /// <summary>Waits until threads of the layer before do not spin for work any more: they would take a core from the next.</summary>
    private static void WaitForQuiet()
    {
        for (var i = 0; i < MostQuiets; i++)
        {
            var cpu = Environment.CpuUsage.TotalTime;
            Thread.Sleep(Quiet);
            if (Environment.CpuUsage.TotalTime - cpu < QuietShare * Quiet) return;
        }
    }

    // Fewer of what takes long: its samples are long against what disturbs them.
    private static int Rounds(List<Layer> layers, int wanted) => layers.Sum(layer => layer.LastSample) > LongRound.TotalSeconds ? Math.Min(wanted, 3) : wanted;

    /// <summary>The value below which this fraction of the values lies, between neighbours in proportion.</summary>
    internal static double Quantile(IEnumerable<double> values, double fraction)
    {
        var sorted = values.Order().ToArray();
        var at = fraction * (sorted.Length - 1);
        var below = (int)at;
        return sorted[below] + ((at - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }
}
