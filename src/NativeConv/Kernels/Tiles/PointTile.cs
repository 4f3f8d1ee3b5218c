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
    /// <param name="vectors">packed: for each step of the chain the vectors of the tile side by side</param>
    /// <param name="offsets">for each step of the chain the distance, in elements, from each row to its number</param>
    /// <param name="runs">the steps that are done; none gives sums of +0</param>
    /// <param name="sums">what is written, whole vectors at a time</param>
    /// <param name="places">for each row the distance, in elements, from <paramref name="sums"/> to its sums</param>
    /// <param name="add">add the chain to what <paramref name="sums"/> holds, else replace it</param>
    /// <param name="bias">for each column what is added last; null: nothing</param>
    public static void Run(T* source, nint* rows, T* vectors, nint* offsets, StepRuns* runs, T* sums, nint* places, bool add, T* bias)
    {
        T* p0 = source + rows[0];
        T* p1 = TRows.Value > 1 ? source + rows[1] : null;
        T* p2 = TRows.Value > 2 ? source + rows[2] : null;
        T* p3 = TRows.Value > 3 ? source + rows[3] : null;
        T* p4 = TRows.Value > 4 ? source + rows[4] : null;
        T* p5 = TRows.Value > 5 ? source + rows[5] : null;
        T* p6 = TRows.Value > 6 ? source + rows[6] : null;
        T* p7 = TRows.Value > 7 ? source + rows[7] : null;

        var tile = default(TileSums<T, TVec, TLanes, TRows, TColumns>);
        var (first, slices) = (runs->First, runs->Slices);
        do
        {
            tile.MultiplyAddSlice(p0, p1, p2, p3, p4, p5, p6, p7, vectors, offsets, first, runs);
            first += runs->SlicePitch;
        }
        while (--slices > 0);

        tile.AddTo(sums, places, add, bias);
    }
}
