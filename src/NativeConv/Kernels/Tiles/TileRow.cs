using System.Runtime.CompilerServices;
using NativeConv.Kernels.Lanes;

namespace NativeConv.Kernels.Tiles;

/// <summary>One row of a tile: up to three vectors; those beyond <typeparamref name="TColumns"/> do not exist in the compiled code.</summary>
internal unsafe struct TileRow<T, TVec, TLanes, TColumns>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
    where TColumns : struct, ISize
{
    private TVec first;
    private TVec second;
    private TVec third;

    /// <summary>Vectors that lie side by side.</summary>
    /// <param name="source">what <paramref name="at"/> is counted from</param>
    /// <param name="at">elements before the first vector: a constant becomes part of the instruction</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow<T, TVec, TLanes, TColumns> Load(T* source, nint at)
    {
        var row = default(TileRow<T, TVec, TLanes, TColumns>);
        row.first = TLanes.Load(source + at);
        if (TColumns.Value > 1) row.second = TLanes.Load(source + (at + TLanes.Count));
        if (TColumns.Value > 2) row.third = TLanes.Load(source + (at + (2 * TLanes.Count)));
        return row;
    }

    /// <summary>Adds a number times a row of vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MultiplyAdd(T* number, TileRow<T, TVec, TLanes, TColumns> vectors)
    {
        var a = TLanes.SplatFrom(number);
        first = TLanes.MultiplyAdd(a, vectors.first, first);
        if (TColumns.Value > 1) second = TLanes.MultiplyAdd(a, vectors.second, second);
        if (TColumns.Value > 2) third = TLanes.MultiplyAdd(a, vectors.third, third);
    }

    /// <summary>A number in all vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow<T, TVec, TLanes, TColumns> Splat(T* number)
    {
        var row = default(TileRow<T, TVec, TLanes, TColumns>);
        row.first = row.second = row.third = TLanes.SplatFrom(number);
        return row;
    }

    /// <summary>Adds this row of a chain to the sum of the chains before it, or, the first, to +0: a sum is never -0. Then the bias, if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddTo(T* sums, bool add, bool hasBias, TileRow<T, TVec, TLanes, TColumns> bias)
    {
        TVec t0 = default, t1 = default, t2 = default;
        if (add)
        {
            t0 = TLanes.Load(sums);
            if (TColumns.Value > 1) t1 = TLanes.Load(sums + TLanes.Count);
            if (TColumns.Value > 2) t2 = TLanes.Load(sums + (2 * TLanes.Count));
        }

        t0 = TLanes.Add(t0, first);
        if (TColumns.Value > 1) t1 = TLanes.Add(t1, second);
        if (TColumns.Value > 2) t2 = TLanes.Add(t2, third);
        if (hasBias)
        {
            t0 = TLanes.Add(t0, bias.first);
            if (TColumns.Value > 1) t1 = TLanes.Add(t1, bias.second);
            if (TColumns.Value > 2) t2 = TLanes.Add(t2, bias.third);
        }

        TLanes.Store(sums, t0);
        if (TColumns.Value > 1) TLanes.Store(sums + TLanes.Count, t1);
        if (TColumns.Value > 2) TLanes.Store(sums + (2 * TLanes.Count), t2);
    }

    /// <summary>Adds a row of chains.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(TileRow<T, TVec, TLanes, TColumns> chains)
    {
        first = TLanes.Add(first, chains.first);
        if (TColumns.Value > 1) second = TLanes.Add(second, chains.second);
        if (TColumns.Value > 2) third = TLanes.Add(third, chains.third);
    }

    /// <summary>Writes the vectors side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(T* sums)
    {
        TLanes.Store(sums, first);
        if (TColumns.Value > 1) TLanes.Store(sums + TLanes.Count, second);
        if (TColumns.Value > 2) TLanes.Store(sums + (2 * TLanes.Count), third);
    }
}
