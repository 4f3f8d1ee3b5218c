using System.Runtime.InteropServices;
using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Packing;
using NativeConv.Problem;

namespace NativeConv.Planning;

/// <summary>Makes plans.</summary>
internal static unsafe class Planner
{
    /// <summary>Checks the descriptor and decides everything that does not need data.</summary>
    /// <param name="descriptor">the layer</param>
    /// <param name="options">kernels and, for tests, the algorithm</param>
    /// <param name="plan">to be destroyed by <see cref="Destroy"/>; null after a fault</param>
    /// <param name="message">gets the reason for a fault</param>
    public static Fault Create(in ConvDescriptor descriptor, PlanOptions options, out Plan* plan, ref Message message)
    {
        plan = null;
        var fault = DescriptorCheck.Run(descriptor, out var geometry, ref message);
        if (fault != Fault.None)
        {
            return fault;
        }

        Plan* made = null;
        try
        {
            made = (Plan*)NativeMemory.AllocZeroed((nuint)sizeof(Plan));
            made->Magic = Plan.Alive;
            made->Geometry = geometry;
            made->Isa = options.Isa;
            if (geometry.Element == ElementType.Float64)
            {
                made->Double = KernelSet<double>.Create(options.Isa, geometry.Activation, geometry.GradientRule);
            }
            else
            {
                made->Single = KernelSet<float>.Create(options.Isa, geometry.Activation, geometry.GradientRule);
            }

            for (var pass = ConvPass.Forward; pass <= ConvPass.BackwardWeights; pass++)
            {
                if (!TryPlanPass(made, pass, options.ForcedAlgorithm, ref message))
                {
                    Destroy(made);
                    return Fault.Unsupported;
                }
            }
        }
        catch (OutOfMemoryException)
        {
            Destroy(made);
            message.Clear();
            message.Add("plan: no memory for its tables"u8);
            return Fault.OutOfMemory;
        }

        plan = made;
        return Fault.None;
    }

    /// <summary>Frees a plan; null is fine.</summary>
    public static void Destroy(Plan* plan)
    {
        if (plan != null)
        {
            plan->Magic = 0;
            plan->Arena.Free();
            NativeMemory.Free(plan);
        }
    }

    /// <summary>Why the other algorithms of a pass's list were not chosen, a line each.</summary>
    public static void ExplainRefusals(Plan* plan, ConvPass pass, ref Message text)
    {
        Span<byte> words = stackalloc byte[512];
        var chosen = Plan.Pass(plan, pass);
        foreach (var algorithm in AlgorithmList.For(chosen->Problem.Kind))
        {
            if (algorithm == chosen->Algorithm || algorithm == Algorithm.Plain)
            {
                continue;
            }

            var reason = new Message(words);
            var built = TryBuild(plan, pass, algorithm, out var other, out var tables, ref reason);
            tables.Free();
            text.Add("  not "u8);
            text.Add(AlgorithmList.Name(algorithm));
            text.Add(": "u8);
            if (!built)
            {
                text.Add(reason.Text);
            }
            else if (chosen->Algorithm == Algorithm.Plain || other.Cost < chosen->Cost)
            {
                text.Add("NATIVECONV_ALGORITHM forced another"u8);
            }
            else
            {
                text.Add("about "u8);
                text.Add((long)(100 * other.Cost / chosen->Cost));
                text.Add(" % of the time"u8);
            }

            text.Add("\n"u8);
        }
    }

    private static bool TryPlanPass(Plan* plan, ConvPass pass, string? forced, ref Message message)
    {
        Span<byte> words = stackalloc byte[512];
        var target = Plan.Pass(plan, pass);
        var list = AlgorithmList.For(ConvProblem.From(pass, plan->Geometry).Kind);
        var isForced = false;
        foreach (var algorithm in list)
        {
            isForced |= AlgorithmList.Name(algorithm) == forced;
        }

        var planned = false;
        Arena tables = default;
        foreach (var algorithm in list)
        {
            if (isForced ? AlgorithmList.Name(algorithm) != forced : planned && algorithm == Algorithm.Plain)
            {
                continue;
            }

            var reason = new Message(words);
            if (TryBuild(plan, pass, algorithm, out var candidate, out var ofCandidate, ref reason) && (!planned || candidate.Cost < target->Cost))
            {
                planned = true;
                *target = candidate;
                (tables, ofCandidate) = (ofCandidate, tables);
            }
            else if (isForced)
            {
                message.Add("NATIVECONV_ALGORITHM: "u8);
                message.Add(forced!);
                message.Add(" cannot run this layer: "u8);
                message.Add(reason.Text);
            }

            ofCandidate.Free();
        }

        plan->Arena.Adopt(tables);
        return planned;
    }

    /// <summary>Plans a pass with one algorithm, or writes why that cannot be.</summary>
    private static bool TryBuild(Plan* plan, ConvPass pass, Algorithm algorithm, out PassPlan built, out Arena tables, ref Message reason)
    {
        var attempt = new Plan { Geometry = plan->Geometry, Single = plan->Single, Double = plan->Double };
        var passPlan = Begin(plan, pass);
        passPlan.Algorithm = algorithm;
        bool isBuilt;
        try
        {
            isBuilt = AlgorithmList.TryBuild(algorithm, &attempt, &passPlan, ref reason) && Fits(plan, &passPlan, ref reason);
        }
        catch (OutOfMemoryException)
        {
            attempt.Arena.Free();
            throw;
        }

        passPlan.PackedId = isBuilt ? PackedIdentity.Of(&passPlan) : 0;
        built = passPlan;
        tables = attempt.Arena;
        return isBuilt;
    }

    /// <summary>What every algorithm starts from.</summary>
    private static PassPlan Begin(Plan* plan, ConvPass pass)
    {
        var problem = ConvProblem.From(pass, plan->Geometry);
        var single = plan->Geometry.Element != ElementType.Float64;
        var gather = problem.Kind == ProblemKind.Gather;
        var taps = problem.Kernel.Product;
        return new PassPlan
        {
            Problem = problem,
            ElementSize = plan->Geometry.ElementSize,
            ResultsAreFar = ElementsOfResult(pass, plan->Geometry) * (double)plan->Geometry.ElementSize > Blocking.NearBytes,
            IsSmall = plan->Geometry.MultiplyAdds < Blocking.SmallLayer,
            VectorLength = single ? plan->Single.VectorLength : plan->Double.VectorLength,
            Rows = new RowChainOrder(problem.Coarse),
            TileRows = single ? plan->Single.TileRows : plan->Double.TileRows,
            Weights = new WeightLayout
            {
                Channels = problem.SourceChannels,
                Taps = taps,
                RowStride = gather ? problem.FineChannels * taps : taps,
                ChannelStride = gather ? taps : problem.FineChannels * taps,
                GroupStride = problem.CoarseChannels * problem.FineChannels * taps,
            },
        };
    }

    private static long ElementsOfResult(ConvPass pass, in ConvGeometry geometry) => pass switch
    {
        ConvPass.Forward => geometry.OutputElements,
        ConvPass.BackwardData => geometry.InputElements,
        _ => geometry.WeightElements,
    };

    private static bool Fits(Plan* plan, PassPlan* pass, ref Message reason)
    {
        var bytes = PassWorkspace.Bytes(pass, threads: 1, packed: false);
        if (bytes.Overflowed)
        {
            reason.Add("its workspace does not fit 63 bits"u8);
            return false;
        }

        var geometry = plan->Geometry;
        var tensors = ((double)geometry.InputElements + geometry.OutputElements + geometry.WeightElements) * geometry.ElementSize;
        if (bytes.Value > Blocking.SmallWorkspace && bytes.Value > Blocking.MostWorkspace * tensors)
        {
            reason.Add("it needs "u8);
            reason.Add(bytes.Value);
            reason.Add(" bytes of workspace, more than "u8);
            reason.Add(Blocking.MostWorkspace);
            reason.Add(" times the tensors: nearly all of it is padding"u8);
            return false;
        }

        if (geometry.WorkspaceLimit != 0 && bytes.Value > geometry.WorkspaceLimit)
        {
            reason.Add("it needs "u8);
            reason.Add(bytes.Value);
            reason.Add(" bytes of workspace, workspace_limit is "u8);
            reason.Add(geometry.WorkspaceLimit);
            return false;
        }

        return true;
    }
}
