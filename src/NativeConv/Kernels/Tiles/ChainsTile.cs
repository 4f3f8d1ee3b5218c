using NativeConv.Kernels.Lanes;

namespace NativeConv.Kernels.Tiles;

/// <summary>
/// <see cref="PointTile{T, TVec, TLanes, TRows, TColumns}"/> for several short chains in turn, each slice of the steps one: half as many rows, since both a chain and the sum of all of them
/// stay in registers, in place of reading and writing sums for each.
/// </summary>
internal static unsafe class ChainsTile<T, TVec, TLanes, TRows, TColumns>
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
    /// <param name="runs">the chains: slices</param>
    /// <param name="sums">what is written, whole vectors at a time</param>
    /// <param name="places">for each row the distance, in elements, from <paramref name="sums"/> to its sums</param>
    /// <param name="add">add the chains to what <paramref name="sums"/> holds, else to +0</param>
    public static void Run(T* source, nint* rows, T* vectors, nint* offsets, StepRuns* runs, T* sums, nint* places, bool add)
    {
        T* p0 = source + rows[0];
        T* p1 = TRows.Value > 1 ? source + rows[1] : null;
        T* p2 = TRows.Value > 2 ? source + rows[2] : null;
        T* p3 = TRows.Value > 3 ? source + rows[3] : null;

        var totals = default(TileSums<T, TVec, TLanes, TRows, TColumns>);
        if (add) totals = TileSums<T, TVec, TLanes, TRows, TColumns>.Load(sums, places);
        var (first, slices) = (runs->First, runs->Slices);
        do
        {
            var chain = default(TileSums<T, TVec, TLanes, TRows, TColumns>);
            chain.MultiplyAddSlice(p0, p1, p2, p3, null, null, null, null, vectors, offsets, first, runs);
            totals.Add(chain);
            first += runs->SlicePitch;
        }
        while (--slices > 0);

        totals.Store(sums, places);
    }
}
