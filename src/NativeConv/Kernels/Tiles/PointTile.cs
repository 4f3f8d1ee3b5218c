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
        var zero = default(TVec);
        TVec s00 = zero, s01 = zero, s02 = zero;
        TVec s10 = zero, s11 = zero, s12 = zero;
        TVec s20 = zero, s21 = zero, s22 = zero;
        TVec s30 = zero, s31 = zero, s32 = zero;
        TVec s40 = zero, s41 = zero, s42 = zero;
        TVec s50 = zero, s51 = zero, s52 = zero;
        TVec s60 = zero, s61 = zero, s62 = zero;
        TVec s70 = zero, s71 = zero, s72 = zero;

        T* p0 = source + rows[0];
        T* p1 = TRows.Value > 1 ? source + rows[1] : null;
        T* p2 = TRows.Value > 2 ? source + rows[2] : null;
        T* p3 = TRows.Value > 3 ? source + rows[3] : null;
        T* p4 = TRows.Value > 4 ? source + rows[4] : null;
        T* p5 = TRows.Value > 5 ? source + rows[5] : null;
        T* p6 = TRows.Value > 6 ? source + rows[6] : null;
        T* p7 = TRows.Value > 7 ? source + rows[7] : null;

        for (nint k = 0; k < steps; k++)
        {
            var offset = offsets[k];
            TVec v0 = TLanes.Load(vectors), v1 = zero, v2 = zero, a;
            if (TColumns.Value > 1) v1 = TLanes.Load(vectors + TLanes.Count);
            if (TColumns.Value > 2) v2 = TLanes.Load(vectors + (2 * TLanes.Count));

            a = TLanes.SplatFrom(p0 + offset);
            s00 = TLanes.MultiplyAdd(a, v0, s00);
            if (TColumns.Value > 1) s01 = TLanes.MultiplyAdd(a, v1, s01);
            if (TColumns.Value > 2) s02 = TLanes.MultiplyAdd(a, v2, s02);

            if (TRows.Value > 1)
            {
                a = TLanes.SplatFrom(p1 + offset);
                s10 = TLanes.MultiplyAdd(a, v0, s10);
                if (TColumns.Value > 1) s11 = TLanes.MultiplyAdd(a, v1, s11);
                if (TColumns.Value > 2) s12 = TLanes.MultiplyAdd(a, v2, s12);
            }

            if (TRows.Value > 2)
            {
                a = TLanes.SplatFrom(p2 + offset);
                s20 = TLanes.MultiplyAdd(a, v0, s20);
                if (TColumns.Value > 1) s21 = TLanes.MultiplyAdd(a, v1, s21);
                if (TColumns.Value > 2) s22 = TLanes.MultiplyAdd(a, v2, s22);
            }

            if (TRows.Value > 3)
            {
                a = TLanes.SplatFrom(p3 + offset);
                s30 = TLanes.MultiplyAdd(a, v0, s30);
                if (TColumns.Value > 1) s31 = TLanes.MultiplyAdd(a, v1, s31);
                if (TColumns.Value > 2) s32 = TLanes.MultiplyAdd(a, v2, s32);
            }

            if (TRows.Value > 4)
            {
                a = TLanes.SplatFrom(p4 + offset);
                s40 = TLanes.MultiplyAdd(a, v0, s40);
                if (TColumns.Value > 1) s41 = TLanes.MultiplyAdd(a, v1, s41);
                if (TColumns.Value > 2) s42 = TLanes.MultiplyAdd(a, v2, s42);
            }

            if (TRows.Value > 5)
            {
                a = TLanes.SplatFrom(p5 + offset);
                s50 = TLanes.MultiplyAdd(a, v0, s50);
                if (TColumns.Value > 1) s51 = TLanes.MultiplyAdd(a, v1, s51);
                if (TColumns.Value > 2) s52 = TLanes.MultiplyAdd(a, v2, s52);
            }

            if (TRows.Value > 6)
            {
                a = TLanes.SplatFrom(p6 + offset);
                s60 = TLanes.MultiplyAdd(a, v0, s60);
                if (TColumns.Value > 1) s61 = TLanes.MultiplyAdd(a, v1, s61);
                if (TColumns.Value > 2) s62 = TLanes.MultiplyAdd(a, v2, s62);
            }

            if (TRows.Value > 7)
            {
                a = TLanes.SplatFrom(p7 + offset);
                s70 = TLanes.MultiplyAdd(a, v0, s70);
                if (TColumns.Value > 1) s71 = TLanes.MultiplyAdd(a, v1, s71);
                if (TColumns.Value > 2) s72 = TLanes.MultiplyAdd(a, v2, s72);
            }

            vectors += TColumns.Value * TLanes.Count;
        }

        Tile<T, TVec, TLanes, TColumns>.Write(sums, s00, s01, s02, add, null, 0);
        if (TRows.Value > 1) Tile<T, TVec, TLanes, TColumns>.Write(sums + pitch, s10, s11, s12, add, null, 0);
        if (TRows.Value > 2) Tile<T, TVec, TLanes, TColumns>.Write(sums + (2 * pitch), s20, s21, s22, add, null, 0);
        if (TRows.Value > 3) Tile<T, TVec, TLanes, TColumns>.Write(sums + (3 * pitch), s30, s31, s32, add, null, 0);
        if (TRows.Value > 4) Tile<T, TVec, TLanes, TColumns>.Write(sums + (4 * pitch), s40, s41, s42, add, null, 0);
        if (TRows.Value > 5) Tile<T, TVec, TLanes, TColumns>.Write(sums + (5 * pitch), s50, s51, s52, add, null, 0);
        if (TRows.Value > 6) Tile<T, TVec, TLanes, TColumns>.Write(sums + (6 * pitch), s60, s61, s62, add, null, 0);
        if (TRows.Value > 7) Tile<T, TVec, TLanes, TColumns>.Write(sums + (7 * pitch), s70, s71, s72, add, null, 0);
    }
}
