using NativeConv.Kernels;
using NativeConv.Kernels.Moves;
using NativeConv.Packing;

namespace NativeConv.Engine;

/// <summary>The two upper levels of the one order of summation: chains into groups of <see cref="ChainOrder.ChainsPerGroup"/>, groups into totals.</summary>
internal static unsafe class ChainGroups<T>
    where T : unmanaged
{
    /// <summary>The first addend replaces what the sums hold, so that nothing needs to be cleared.</summary>
    public static void Add(KernelSet<T>* kernels, T* sums, T* addend, long count, bool isFirst)
    {
        if (isFirst)
        {
            Elements<T>.Copy(addend, sums, count);
        }
        else
        {
            kernels->Accumulate(sums, addend, (nint)count);
        }
    }

    /// <summary>Chain number <paramref name="index"/> of <paramref name="chains"/> joins its group, and a full or last group the totals.</summary>
    public static void AddChain(KernelSet<T>* kernels, T* totals, T* group, T* chain, long count, long index, long chains)
    {
        Add(kernels, group, chain, count, isFirst: index % ChainOrder.ChainsPerGroup == 0);
        if (index + 1 == chains || (index + 1) % ChainOrder.ChainsPerGroup == 0)
        {
            Add(kernels, totals, group, count, isFirst: index < ChainOrder.ChainsPerGroup);
        }
    }
}
