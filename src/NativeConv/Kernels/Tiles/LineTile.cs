using NativeConv.Kernels.Lanes;

namespace NativeConv.Kernels.Tiles;

/// <summary>
/// A block of sums of one output channel, lines of its image in rows and pixels in vectors: <c>sum[r, q] = sum over k of weights[k] * source[r * pitch + offsets[k] + q]</c>.
/// What row r reads with one line of taps row r - 1 reads with the next: each vector is loaded once for all of them. The chains are those of
/// <see cref="PlaneTile{T, TVec, TLanes, TRows, TColumns}"/>, which has no other rows for one channel.
/// </summary>
internal static unsafe class LineTile<T, TVec, TLanes, TRows, TColumns>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
    where TRows : struct, ISize
    where TColumns : struct, ISize
{
    /// <param name="weights">one for each step</param>
    /// <param name="source">the first row's first pixel in the first plane</param>
    /// <param name="offsets">for each step the distance, in elements, from <paramref name="source"/> to its vectors</param>
    /// <param name="taps">the steps</param>
    /// <param name="rows">rows that are computed, and written</param>
    /// <param name="sums">rows of <paramref name="pitch"/> elements; written whole vectors at a time</param>
    /// <param name="pitch">elements between rows of <paramref name="sums"/>; may be negative</param>
    /// <param name="add">add the chain to what <paramref name="sums"/> holds, else replace it</param>
    public static void Run(T* weights, T* source, nint* offsets, TapLines* taps, nint rows, T* sums, nint pitch, bool add)
    {
        var tile = default(TileSums<T, TVec, TLanes, TRows, TColumns>);
        var (length, lines) = (taps->Length, taps->Lines);
        for (var slices = taps->Slices; slices > 0; slices--)
        {
            var from = source;
            for (nint line = 0; line < lines + rows - 1; line++, from += taps->Pitch)
            {
                tile.MultiplyAddLine(
                    Weights(0), Weights(1), Weights(2), Weights(3), Weights(4), Weights(5), Weights(6), Weights(7), from, offsets, length);

                // Those of the tap with which a row reads this line; null: none does.
                T* Weights(nint row) => row < TRows.Value && row < rows && (nuint)(line - row) < (nuint)lines ? weights + ((line - row) * length) : null;
            }

            weights += lines * length;
            offsets += lines * length;
        }

        tile.AddTo(sums, pitch, rows, add, bias: null);
    }
}
