using NativeConv.Bench.Library;
using NativeConv.Bench.Limit;
using NativeConv.Bench.Reporting;
using NativeConv.Bench.Shapes;
using NativeConv.Kernels;

namespace NativeConv.Bench.Measuring;

/// <summary>Measures layers with one instruction set: the one that this process's library runs.</summary>
internal static class LayerRun
{
    // Long against the clock's 20 ns and a call's microsecond, short against a time slice.
    private static readonly TimeSpan SampleTime = TimeSpan.FromMilliseconds(4);

    /// <summary>All figures, each reported as soon as it is there.</summary>
    /// <exception cref="InvalidOperationException">the library runs another instruction set, refuses a shape, or differs from the managed engine</exception>
    public static List<Measurement> Measure(IEnumerable<Shape> shapes, Options options, Action<Measurement> report)
    {
        var isa = options.Isas[0];
        if (options.Engines.Contains("library") && PublishedLibrary.Instance.Isa != Vocabulary.Name(isa))
        {
            throw new InvalidOperationException($"the library runs {PublishedLibrary.Instance.Isa}, not {Vocabulary.Name(isa)}: is its companion missing?");
        }

        var measurements = new List<Measurement>();
        using var limit = new FmaLimit(isa, options.Element);
        foreach (var shape in shapes)
        {
            using var buffers = new LayerBuffers(shape, options.Element);
            var layers = options.Passes.SelectMany(pass => options.Engines.Select(engine => Create(engine, buffers, pass, isa))).ToList();
            try
            {
                Compare(buffers, layers);
                layers.ForEach(layer => layer.Calibrate(SampleTime));
                foreach (var measurement in InTurn(limit, layers, options.Rounds, shape, options))
                {
                    measurements.Add(measurement);
                    report(measurement);
                }
            }
            finally
            {
                layers.ForEach(layer => layer.Dispose());
            }
        }

        return measurements;
    }

    private static Layer Create(string engine, LayerBuffers buffers, ConvPass pass, Isa isa) =>
        engine == "library" ? new LibraryLayer(buffers, pass) : new ManagedLayer(buffers, pass, isa);

    /// <summary>All engines give the same bits; a fast wrong one would be no news.</summary>
    private static void Compare(LayerBuffers buffers, List<Layer> layers)
    {
        foreach (var pass in layers.GroupBy(layer => layer.Pass))
        {
            byte[]? first = null;
            foreach (var layer in pass)
            {
                buffers.Clear();
                layer.Run();
                var digest = buffers.Digest();
                first ??= digest;
                if (!digest.AsSpan().SequenceEqual(first))
                {
                    throw new InvalidOperationException($"{buffers.Shape}: {Vocabulary.Name(pass.Key)} of {layer.Engine} and {pass.First().Engine} differ");
                }
            }
        }
    }

    /// <summary>
    /// Round by round each layer takes its turn, and just before it the limit: what else the machine does meets both. Medians, because it does it sometimes.
    /// </summary>
    private static IEnumerable<Measurement> InTurn(FmaLimit limit, List<Layer> layers, int rounds, Shape shape, Options options)
    {
        var seconds = new double[layers.Count, rounds];
        var limitRates = new double[layers.Count, rounds];
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < layers.Count; i++)
            {
                limitRates[i, round] = limit.Flops / limit.Sample();
                seconds[i, round] = layers[i].Sample();
            }
        }

        for (var i = 0; i < layers.Count; i++)
        {
            var layer = layers[i];
            var all = Enumerable.Range(0, rounds);
            var time = Quantile(all.Select(round => seconds[i, round]), 0.5);
            var ratios = all.Select(round => layer.Flops / seconds[i, round] / limitRates[i, round]).ToArray();
            yield return new Measurement(
                Vocabulary.Name(options.Isas[0]),
                shape.ToString(),
                shape.Name,
                shape.Batch,
                Family.Of(shape),
                Vocabulary.Name(options.Element),
                Vocabulary.Name(layer.Pass),
                layer.Engine,
                time * 1e3,
                layer.Flops / time * 1e-9,
                Quantile(all.Select(round => limitRates[i, round]), 0.5) * 1e-9,
                Quantile(ratios, 0.5),
                Quantile(ratios, 0.75) - Quantile(ratios, 0.25),
                layer.WorkspaceBytes,
                layer.Algorithm);
        }
    }

    /// <summary>The value below which this fraction of the values lies, between neighbours in proportion.</summary>
    private static double Quantile(IEnumerable<double> values, double fraction)
    {
        var sorted = values.Order().ToArray();
        var at = fraction * (sorted.Length - 1);
        var below = (int)at;
        return sorted[below] + ((at - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }
}
