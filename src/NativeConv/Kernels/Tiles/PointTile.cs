using NativeConv.Kernels.Lanes;

namespace NativeConv.Kernels.Tiles;

/// <summary>
/// A block of sums with points in rows and channels in vectors: <c>sum[r, m] = sum over k of source[rows[r] + offsets[k]] * vectors[k, m]</c>. In the
/// gradient of the weights a row is one (channel, tap) pair and k runs over pixels; elsewhere a row is a pixel and k runs over channels and taps. The chains and the registers are those of <see cref="PlaneTile{T, TVec, TLanes, TRows, TColumns}"/>.
/// </summary>
internal static unsafe class PointTile<T, TVec, TLanes, TRows, TColumns>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
    where TRows : struct, ISize
    where TColumns : struct, ISize
{
    /// <param name="source">what rows and steps are counted from</param>
    /// <param name="rows">for each row its distance, in elements, from <paramref name="source"/></param>
    /// <param name="vectors">packed: for each step the vectors of the tile side by side</param>
    /// <param name="offsets">for each step the distance, in elements, from each row to its number</param>
    /// <param name="steps">length of the chain; 0 gives sums of +0</param>
    /// <param name="sums">rows of <paramref name="pitch"/> elements; written whole vectors at a time</param>
    /// <param name="pitch">elements between rows of <paramref name="sums"/></param>
    /// <param name="add">add the chain to what <paramref name="sums"/> holds, else replace it</param>
    public static void Run(T* source, nint* rows, T* vectors, nint* offsets, nint steps, T* sums, nint pitch, bool add)
    {
        T* p0 = source + rows[0];
        T* p1 = TRows.Value > 1 ? source + rows[1] : null;
        T* p2 = TRows.Value > 2 ? source + rows[2] : null;
        T* p3 = TRows.Value > 3 ? source + rows[3] : null;
        T* p4 = TRows.Value > 4 ? source + rows[4] : null;
        T* p5 = TRows.Value > 5 ? source + rows[5] : null;
        T* p6 = TRows.Value > 6 ? source + rows[6] : null;
        T* p7 = TRows.Value > 7 ? source + rows[7] : null;

        const int AtOnce = TileSums<T, TVec, TLanes, TRows, TColumns>.StepsAtOnce;
        nint width = TColumns.Value * TLanes.Count;
        var tile = default(TileSums<T, TVec, TLanes, TRows, TColumns>);
        nint k = 0;
        for (; k <= steps - AtOnce; k += AtOnce)
        {
            tile.MultiplyAdd(p0, p1, p2, p3, p4, p5, p6, p7, offsets[k], TileRow<T, TVec, TLanes, TColumns>.Load(vectors, 0));
            tile.MultiplyAdd(p0, p1, p2, p3, p4, p5, p6, p7, offsets[k + 1], TileRow<T, TVec, TLanes, TColumns>.Load(vectors, width));
            tile.MultiplyAdd(p0, p1, p2, p3, p4, p5, p6, p7, offsets[k + 2], TileRow<T, TVec, TLanes, TColumns>.Load(vectors, 2 * width));
            tile.MultiplyAdd(p0, p1, p2, p3, p4, p5, p6, p7, offsets[k + 3], TileRow<T, TVec, TLanes, TColumns>.Load(vectors, 3 * width));
            vectors += AtOnce * width;
        }

        for (; k < steps; k++)
        {
            tile.MultiplyAdd(p0, p1, p2, p3, p4, p5, p6, p7, offsets[k], TileRow<T, TVec, TLanes, TColumns>.Load(vectors, 0));
            vectors += width;
        }

        tile.AddTo(sums, pitch, add, null);
    }
}
