using NativeConv.Engine;
using NativeConv.Problem;

namespace NativeConv.Planning;

/// <summary>A number for the form of packed weights: equal numbers, same form.</summary>
internal static unsafe class PackedIdentity
{
    /// <summary>FNV-1a (64 bits) over all that the order of packed weights depends on; 0 for passes that have none.</summary>
    public static ulong Of(PassPlan* pass)
    {
        var problem = pass->Problem;
        if (problem.Kind == ProblemKind.WeightGrad)
        {
            return 0;
        }

        var hash = 0xCBF29CE484222325;
        Add(ref hash, pass->Algorithm == Algorithm.Plain ? 0 : pass->Weights.Blocks.Most);
        Add(ref hash, pass->ElementSize);
        Add(ref hash, (long)problem.Kind);
        Add(ref hash, problem.Groups);
        Add(ref hash, problem.FineChannels);
        Add(ref hash, problem.CoarseChannels);
        Add(ref hash, pass->Algorithm == Algorithm.Plain ? 0 : pass->Weights.Blocks.Unit);
        for (var axis = 0; axis < Axes.Count; axis++)
        {
            // A Gather problem's taps lie in one set, whatever the stride; the taps of a Phase problem are sorted by residue.
            var phases = problem.Kind == ProblemKind.Phase && pass->Algorithm != Algorithm.Plain;
            Add(ref hash, problem.Kernel[axis]);
            Add(ref hash, phases ? problem.Stride[axis] : 0);
            Add(ref hash, phases ? problem.Dilation[axis] : 0);
        }

        return hash;
    }

    private static void Add(ref ulong hash, long value)
    {
        for (var i = 0; i < sizeof(long); i++, value >>= 8)
        {
            hash = (hash ^ (byte)value) * 0x100000001B3;
        }
    }
}
