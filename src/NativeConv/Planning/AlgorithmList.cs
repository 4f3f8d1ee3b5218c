using NativeConv.Engine;
using NativeConv.Problem;

namespace NativeConv.Planning;

/// <summary>
/// For each problem the algorithms that compute it. Of those that accept, the one that should take the least time runs; each refusal says why; the plain
/// loop accepts everything, and runs where nothing else does.
/// </summary>
internal static unsafe class AlgorithmList
{
    /// <summary>The list of a problem.</summary>
    public static ReadOnlySpan<Algorithm> For(ProblemKind kind) => kind == ProblemKind.WeightGrad
        ? [Algorithm.DirectPoints, Algorithm.DirectLanes, Algorithm.Plain]
        : [Algorithm.DirectPoints, Algorithm.DirectTiles, Algorithm.DirectColumns, Algorithm.DirectPlanes, Algorithm.Plain];

    /// <summary>The name in explanations and in NATIVECONV_ALGORITHM.</summary>
    public static string Name(Algorithm algorithm) => algorithm switch
    {
        Algorithm.DirectPlanes => "direct-planes",
        Algorithm.DirectColumns => "direct-columns",
        Algorithm.DirectPoints => "direct-points",
        Algorithm.DirectTiles => "direct-tiles",
        Algorithm.DirectLanes => "direct-lanes",
        _ => "plain",
    };

    /// <summary>Whether any list has an algorithm of this name.</summary>
    public static bool IsKnown(string name)
    {
        for (var algorithm = Algorithm.DirectPlanes; algorithm <= Algorithm.Plain; algorithm++)
        {
            if (Name(algorithm) == name)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Makes the pass's plan with this algorithm, or writes why it cannot be.</summary>
    public static bool TryBuild(Algorithm algorithm, Plan* plan, PassPlan* pass, ref Message reason) => algorithm switch
    {
        Algorithm.DirectPlanes => PlaneBuilder.TryBuildPlanes(plan, pass, ref reason),
        Algorithm.DirectColumns => PlaneBuilder.TryBuildColumns(plan, pass, ref reason),
        Algorithm.DirectPoints when pass->Problem.Kind == ProblemKind.WeightGrad => WeightGradientBuilder.TryBuildPoints(plan, pass, ref reason),
        Algorithm.DirectPoints => PointBuilder.TryBuildPoints(plan, pass, ref reason),
        Algorithm.DirectTiles => PointBuilder.TryBuildTiles(plan, pass, ref reason),
        Algorithm.DirectLanes => WeightGradientBuilder.TryBuildLanes(plan, pass, ref reason),
        _ => BuildPlain(plan, pass),
    };

    private static bool BuildPlain(Plan* plan, PassPlan* pass)
    {
        // dw and db have a stage each.
        pass->Stages = pass->Problem.Kind == ProblemKind.WeightGrad ? 2 : 1;
        if (pass->Problem.Kind != ProblemKind.WeightGrad)
        {
            pass->PackedBytes = plan->Geometry.WeightElements * plan->Geometry.ElementSize;
        }

        return true;
    }
}
