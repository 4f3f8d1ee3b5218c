using NativeConv.Kernels;
using NativeConv.Kernels.Lanes;

namespace NativeConv.Engine;

/// <summary>Interleaved partial sums above the level of chains: groups and totals, lane by lane, and their fold into one number.</summary>
internal readonly unsafe struct LaneSums<T>(KernelSet<T>* kernels, T* group, T* totals)
    where T : unmanaged
{
    /// <summary>Adds the lanes of chain number <paramref name="index"/> of <paramref name="chains"/>.</summary>
    public void AddChain(T* lanes, long index, long chains) =>
        ChainGroups<T>.AddChain(kernels, totals, group, lanes, LaneConstants<T>.Interleave, index, chains);

    /// <summary>The sum; +0 of no chains.</summary>
    public T Fold(long chains) => chains == 0 ? default : kernels->Fold(totals);
}
