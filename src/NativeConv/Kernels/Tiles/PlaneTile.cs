using NativeConv.Kernels.Lanes;

namespace NativeConv.Kernels.Tiles;

/// <summary>
/// A block of sums with output channels in rows and pixels in vectors: <c>sum[r, q] = sum over k of weights[k, r] * source[offsets[k] + q]</c>.
/// One chain of fused multiply-adds from +0 for every sum; rows and vectors beyond <typeparamref name="TRows"/> and
/// <typeparamref name="TColumns"/> do not exist in the compiled code.
/// </summary>
/// <remarks>
/// 8 x 3 accumulators, three vectors and a splat need 28 registers (AVX-512, NEON have 32), 4 x 3 need 16 (AVX2). Accumulators are named locals because
/// the compiler keeps nothing else in registers.
/// </remarks>
internal static unsafe class PlaneTile<T, TVec, TLanes, TRows, TColumns>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
    where TRows : struct, ISize
    where TColumns : struct, ISize
{
    /// <param name="weights">packed: for each step the rows' weights side by side</param>
    /// <param name="source">the first pixel of the tile in the first plane</param>
    /// <param name="offsets">for each step the distance, in elements, from <paramref name="source"/> to its vectors</param>
    /// <param name="steps">length of the chain; 0 gives sums of +0</param>
    /// <param name="sums">rows of <paramref name="pitch"/> elements; written whole vectors at a time</param>
    /// <param name="pitch">elements between rows of <paramref name="sums"/></param>
    /// <param name="add">add the chain to what <paramref name="sums"/> holds, else replace it</param>
    /// <param name="bias">for each row what is added last; null: nothing</param>
    public static void Run(T* weights, T* source, nint* offsets, nint steps, T* sums, nint pitch, bool add, T* bias)
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

        for (nint k = 0; k < steps; k++)
        {
            var vectors = source + offsets[k];
            TVec v0 = TLanes.Load(vectors), v1 = zero, v2 = zero, a;
            if (TColumns.Value > 1) v1 = TLanes.Load(vectors + TLanes.Count);
            if (TColumns.Value > 2) v2 = TLanes.Load(vectors + (2 * TLanes.Count));

            a = TLanes.SplatFrom(weights);
            s00 = TLanes.MultiplyAdd(a, v0, s00);
            if (TColumns.Value > 1) s01 = TLanes.MultiplyAdd(a, v1, s01);
            if (TColumns.Value > 2) s02 = TLanes.MultiplyAdd(a, v2, s02);

            if (TRows.Value > 1)
            {
                a = TLanes.SplatFrom(weights + 1);
                s10 = TLanes.MultiplyAdd(a, v0, s10);
                if (TColumns.Value > 1) s11 = TLanes.MultiplyAdd(a, v1, s11);
                if (TColumns.Value > 2) s12 = TLanes.MultiplyAdd(a, v2, s12);
            }

            if (TRows.Value > 2)
            {
                a = TLanes.SplatFrom(weights + 2);
                s20 = TLanes.MultiplyAdd(a, v0, s20);
                if (TColumns.Value > 1) s21 = TLanes.MultiplyAdd(a, v1, s21);
                if (TColumns.Value > 2) s22 = TLanes.MultiplyAdd(a, v2, s22);
            }

            if (TRows.Value > 3)
            {
                a = TLanes.SplatFrom(weights + 3);
                s30 = TLanes.MultiplyAdd(a, v0, s30);
                if (TColumns.Value > 1) s31 = TLanes.MultiplyAdd(a, v1, s31);
                if (TColumns.Value > 2) s32 = TLanes.MultiplyAdd(a, v2, s32);
            }

            if (TRows.Value > 4)
            {
                a = TLanes.SplatFrom(weights + 4);
                s40 = TLanes.MultiplyAdd(a, v0, s40);
                if (TColumns.Value > 1) s41 = TLanes.MultiplyAdd(a, v1, s41);
                if (TColumns.Value > 2) s42 = TLanes.MultiplyAdd(a, v2, s42);
            }

            if (TRows.Value > 5)
            {
                a = TLanes.SplatFrom(weights + 5);
                s50 = TLanes.MultiplyAdd(a, v0, s50);
                if (TColumns.Value > 1) s51 = TLanes.MultiplyAdd(a, v1, s51);
                if (TColumns.Value > 2) s52 = TLanes.MultiplyAdd(a, v2, s52);
            }

            if (TRows.Value > 6)
            {
                a = TLanes.SplatFrom(weights + 6);
                s60 = TLanes.MultiplyAdd(a, v0, s60);
                if (TColumns.Value > 1) s61 = TLanes.MultiplyAdd(a, v1, s61);
                if (TColumns.Value > 2) s62 = TLanes.MultiplyAdd(a, v2, s62);
            }

            if (TRows.Value > 7)
            {
                a = TLanes.SplatFrom(weights + 7);
                s70 = TLanes.MultiplyAdd(a, v0, s70);
                if (TColumns.Value > 1) s71 = TLanes.MultiplyAdd(a, v1, s71);
                if (TColumns.Value > 2) s72 = TLanes.MultiplyAdd(a, v2, s72);
            }

            weights += TRows.Value;
        }

        Tile<T, TVec, TLanes, TColumns>.Write(sums, s00, s01, s02, add, bias, 0);
        if (TRows.Value > 1) Tile<T, TVec, TLanes, TColumns>.Write(sums + pitch, s10, s11, s12, add, bias, 1);
        if (TRows.Value > 2) Tile<T, TVec, TLanes, TColumns>.Write(sums + (2 * pitch), s20, s21, s22, add, bias, 2);
        if (TRows.Value > 3) Tile<T, TVec, TLanes, TColumns>.Write(sums + (3 * pitch), s30, s31, s32, add, bias, 3);
        if (TRows.Value > 4) Tile<T, TVec, TLanes, TColumns>.Write(sums + (4 * pitch), s40, s41, s42, add, bias, 4);
        if (TRows.Value > 5) Tile<T, TVec, TLanes, TColumns>.Write(sums + (5 * pitch), s50, s51, s52, add, bias, 5);
        if (TRows.Value > 6) Tile<T, TVec, TLanes, TColumns>.Write(sums + (6 * pitch), s60, s61, s62, add, bias, 6);
        if (TRows.Value > 7) Tile<T, TVec, TLanes, TColumns>.Write(sums + (7 * pitch), s70, s71, s72, add, bias, 7);
    }
}
