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
        const int AtOnce = TileSums<T, TVec, TLanes, TRows, TColumns>.StepsAtOnce;
        var tile = default(TileSums<T, TVec, TLanes, TRows, TColumns>);
        nint k = 0;
        for (; k <= steps - AtOnce; k += AtOnce)
        {
            tile.MultiplyAdd(weights, 0, TileRow<T, TVec, TLanes, TColumns>.Load(source + offsets[k], 0));
            tile.MultiplyAdd(weights, TRows.Value, TileRow<T, TVec, TLanes, TColumns>.Load(source + offsets[k + 1], 0));
            tile.MultiplyAdd(weights, 2 * TRows.Value, TileRow<T, TVec, TLanes, TColumns>.Load(source + offsets[k + 2], 0));
            tile.MultiplyAdd(weights, 3 * TRows.Value, TileRow<T, TVec, TLanes, TColumns>.Load(source + offsets[k + 3], 0));
            weights += AtOnce * TRows.Value;
        }

        for (; k < steps; k++)
        {
            tile.MultiplyAdd(weights, 0, TileRow<T, TVec, TLanes, TColumns>.Load(source + offsets[k], 0));
            weights += TRows.Value;
        }

        tile.AddTo(sums, pitch, TRows.Value, add, bias);
    }
}
