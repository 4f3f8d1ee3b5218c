using System.Runtime.CompilerServices;
using NativeConv.Kernels.Lanes;

namespace NativeConv.Kernels.Tiles;

/// <summary>What both kinds of tile do with a finished row of accumulators.</summary>
internal static unsafe class Tile<T, TVec, TLanes, TColumns>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
    where TColumns : struct, ISize
{
    /// <summary>Writes one row of a chain, or adds it to the sum of the chains before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(T* sums, TVec s0, TVec s1, TVec s2, bool add)
    {
        if (add)
        {
            s0 = TLanes.Add(TLanes.Load(sums), s0);
            if (TColumns.Value > 1) s1 = TLanes.Add(TLanes.Load(sums + TLanes.Count), s1);
            if (TColumns.Value > 2) s2 = TLanes.Add(TLanes.Load(sums + (2 * TLanes.Count)), s2);
        }

        TLanes.Store(sums, s0);
        if (TColumns.Value > 1) TLanes.Store(sums + TLanes.Count, s1);
        if (TColumns.Value > 2) TLanes.Store(sums + (2 * TLanes.Count), s2);
    }
}
