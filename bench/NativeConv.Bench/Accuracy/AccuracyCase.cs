using System.Numerics;
using System.Runtime.InteropServices;
using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Planning;

namespace NativeConv.Bench.Accuracy;

/// <summary>One pass of a layer on random data, computed by every algorithm that takes it, its results held against exact ones.</summary>
/// <param name="Descriptor">the layer</param>
/// <param name="Pass">what is computed</param>
/// <param name="OneSigned">data in [0, 1) and not in [-1, 1)</param>
internal sealed record AccuracyCase(ConvDescriptor Descriptor, ConvPass Pass, bool OneSigned)
{
    /// <summary>Of zero-mean data: docs/design.md.</summary>
    public const double ZeroMeanBound = 8;

    /// <summary>Of data of one sign, up to 2^21 products.</summary>
    public const double OneSignedBound = 64;

    /// <summary>h adds this much of its own size, and so do bias and addend.</summary>
    public const double FinishBound = 4;

    // The plain loop takes nanoseconds for each.
    private const double MostPlainProducts = 1 << 27;

    // Results at most and at least.
    private const long DefaultEffort = 1 << 22;
    private const long MostResults = 4096;
    private const long LeastResults = 64;

    /// <summary>Products that are added exactly, about.</summary>
    public long Effort { get; init; } = DefaultEffort;

    /// <summary>What c may be.</summary>
    public double Bound => OneSigned ? OneSignedBound : ZeroMeanBound;

    /// <summary>Computes and judges.</summary>
    /// <param name="isa">the vector width</param>
    /// <exception cref="InvalidOperationException">two algorithms have different bits</exception>
    public ErrorStatistics Run(Isa isa) => Descriptor.Element == ElementType.Float64 ? Run<double>(isa) : Run<float>(isa);

    private ErrorStatistics Run<T>(Isa isa)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var plan = ConvPlan.Create(Descriptor, new PlanOptions(isa));
        var (x, w, dy) = (Fill<T>(plan.InputLength, 1), Fill<T>(plan.WeightLength, 2), Fill<T>(plan.OutputLength, 3));

        // Backward passes read what forward wrote; their sums are of delta, whose bits are the library's own.
        var y = new T[Descriptor.Activation == Activation.Identity ? 0 : plan.OutputLength];
        if (y.Length > 0) plan.Forward<T>(x, w, [], y);
        var delta = dy;
        if (y.Length > 0)
        {
            delta = new T[dy.Length];
            plan.ActivationBackward<T>(dy, y, delta);
        }

        T[]? got = null;
        var algorithms = new List<string>();
        foreach (var name in (string?[])[null, .. Names()])
        {
            if (TryPlan(isa, name) is not { } forced) continue;
            using (forced)
            {
                // Forcing one pass's algorithm leaves the other passes what they were.
                var algorithm = forced.AlgorithmName(Pass);
                if (algorithms.Contains(algorithm)) continue;
                algorithms.Add(algorithm);
                var result = new T[Pass switch { ConvPass.Forward => plan.OutputLength, ConvPass.BackwardData => plan.InputLength, _ => plan.WeightLength }];
                Compute(forced, x, w, dy, y, result);
                got ??= result;
                if (!MemoryMarshal.AsBytes<T>(got).SequenceEqual(MemoryMarshal.AsBytes<T>(result)))
                {
                    throw new InvalidOperationException($"{this}: {algorithm} has other bits than {algorithms[0]}");
                }
            }
        }

        return Judge(plan, got!, algorithms, x, w, delta);
    }

    private ErrorStatistics Judge<T>(ConvPlan plan, T[] got, List<string> algorithms, T[] x, T[] w, T[] delta)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var exact = new ExactResult<T>(Descriptor, plan.OutputShape);
        var rounding = typeof(T) == typeof(float) ? Math.ScaleB(1, -24) : Math.ScaleB(1, -53);
        var activation = new ExactActivation(Descriptor);
        var random = new Random(4);
        var (largest, squares, results, longest) = (0.0, 0.0, 0L, 0L);
        for (long effort = 0; results < Math.Min(MostResults, got.Length) && (effort < Effort || results < LeastResults);)
        {
            var index = got.Length <= LeastResults ? results : random.NextInt64(got.Length);
            var (value, scale, products) = exact.At(Pass, index, x, w, delta);
            effort += Math.Max(products, 1);
            results++;
            longest = Math.Max(longest, products);
            var error = Math.Abs(double.CreateTruncating(got[index]) - (Pass == ConvPass.Forward ? activation.Of(value) : value)) / rounding;
            var size = scale;
            if (Pass == ConvPass.Forward && Descriptor.Activation != Activation.Identity)
            {
                // h itself may add its units.
                error = Math.Max(0, error - (FinishBound * Math.Abs(activation.Of(value))));
                size *= activation.Slope;
            }

            // A sum of nothing is exact.
            var c = error == 0 ? 0 : error / size;
            largest = double.IsNaN(c) ? double.PositiveInfinity : Math.Max(largest, c);
            squares += c * c;
        }

        return new ErrorStatistics(largest, Math.Sqrt(squares / results), results, longest, algorithms);
    }

    private void Compute<T>(ConvPlan plan, T[] x, T[] w, T[] dy, T[] y, T[] result)
        where T : unmanaged
    {
        switch (Pass)
        {
            case ConvPass.Forward: plan.Forward<T>(x, w, [], result); break;
            case ConvPass.BackwardData: plan.BackwardData<T>(dy, w, y, result); break;
            default: plan.BackwardWeights<T>(x, dy, y, result, []); break;
        }
    }

    /// <summary>Every algorithm of the pass.</summary>
    private IEnumerable<string> Names()
    {
        var list = Enum.GetValues<Algorithm>().Where(algorithm => algorithm != Algorithm.Plain || Products() <= MostPlainProducts);
        return list.Select(AlgorithmList.Name);
    }

    private ConvPlan? TryPlan(Isa isa, string? name)
    {
        try
        {
            return ConvPlan.Create(Descriptor, new PlanOptions(isa, name));
        }
        catch (NotSupportedException) when (name is not null)
        {
            return null;
        }
    }

    private double Products()
    {
        var products = (double)Descriptor.Batch * Descriptor.InChannels * Descriptor.OutChannels / Math.Max(1, Descriptor.Groups);
        using var plan = ConvPlan.Create(Descriptor);
        for (var axis = 0; axis < Descriptor.Rank; axis++)
        {
            products *= Descriptor.Kernel[axis] * (Descriptor.Kind == ConvKind.Conv ? plan.OutputShape[axis] : Descriptor.Input[axis]);
        }

        return products;
    }

    private T[] Fill<T>(long count, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new Random(seed);
        var values = new T[count];
        for (long i = 0; i < count; i++)
        {
            // Rounding in the conversion is no error of the library: the exact sums are of what it reads.
            values[i] = T.CreateTruncating(OneSigned ? random.NextDouble() : (2 * random.NextDouble()) - 1);
        }

        return values;
    }
}
