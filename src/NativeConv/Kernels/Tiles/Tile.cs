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
    /// <summary>Adds one row of a chain to the sum of the chains before it, or, the first, to +0: a sum is never -0. Then, unless they are null, one of the biases.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(T* sums, TVec s0, TVec s1, TVec s2, bool add, T* bias, nint row)
    {
        TVec t0 = default, t1 = default, t2 = default;
        if (add)
        {
            t0 = TLanes.Load(sums);
            if (TColumns.Value > 1) t1 = TLanes.Load(sums + TLanes.Count);
            if (TColumns.Value > 2) t2 = TLanes.Load(sums + (2 * TLanes.Count));
        }

        t0 = TLanes.Add(t0, s0);
        if (TColumns.Value > 1) t1 = TLanes.Add(t1, s1);
        if (TColumns.Value > 2) t2 = TLanes.Add(t2, s2);
        if (bias != null)
        {
            var b = TLanes.SplatFrom(bias + row);
            t0 = TLanes.Add(t0, b);
            if (TColumns.Value > 1) t1 = TLanes.Add(t1, b);
            if (TColumns.Value > 2) t2 = TLanes.Add(t2, b);
        }

        TLanes.Store(sums, t0);
        if (TColumns.Value > 1) TLanes.Store(sums + TLanes.Count, t1);
        if (TColumns.Value > 2) TLanes.Store(sums + (2 * TLanes.Count), t2);
    }
}
