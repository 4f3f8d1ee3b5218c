using System.Runtime.CompilerServices;
using NativeConv.Kernels.Lanes;

namespace NativeConv.Kernels.Tiles;

/// <summary>
/// The sums of a tile, which stay in registers: 8 x 3 vectors, three more and a splat need 28 (AVX-512, NEON have 32), 4 x 3 need 16 (AVX2). Rows beyond
/// <typeparamref name="TRows"/> do not exist in the compiled code.
/// </summary>
internal unsafe struct TileSums<T, TVec, TLanes, TRows, TColumns>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
    where TRows : struct, ISize
    where TColumns : struct, ISize
{
    /// <summary>
    /// Steps that a tile's loop does at once. Counting, and looking up where numbers lie, is a fifth of the instructions of a tile of 4 x 3 that does one: it shows where two
    /// threads share what decodes them (docs/decisions/0005).
    /// </summary>
    public const int StepsAtOnce = 4;

    private TileRow<T, TVec, TLanes, TColumns> r0;
    private TileRow<T, TVec, TLanes, TColumns> r1;
    private TileRow<T, TVec, TLanes, TColumns> r2;
    private TileRow<T, TVec, TLanes, TColumns> r3;
    private TileRow<T, TVec, TLanes, TColumns> r4;
    private TileRow<T, TVec, TLanes, TColumns> r5;
    private TileRow<T, TVec, TLanes, TColumns> r6;
    private TileRow<T, TVec, TLanes, TColumns> r7;

    /// <summary>One step of the chains of all sums: each row adds its number, <paramref name="at"/> elements behind its pointer, times the vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MultiplyAdd(T* p0, T* p1, T* p2, T* p3, T* p4, T* p5, T* p6, T* p7, nint at, TileRow<T, TVec, TLanes, TColumns> vectors)
    {
        r0.MultiplyAdd(p0 + at, vectors);
        if (TRows.Value > 1) r1.MultiplyAdd(p1 + at, vectors);
        if (TRows.Value > 2) r2.MultiplyAdd(p2 + at, vectors);
        if (TRows.Value > 3) r3.MultiplyAdd(p3 + at, vectors);
        if (TRows.Value > 4) r4.MultiplyAdd(p4 + at, vectors);
        if (TRows.Value > 5) r5.MultiplyAdd(p5 + at, vectors);
        if (TRows.Value > 6) r6.MultiplyAdd(p6 + at, vectors);
        if (TRows.Value > 7) r7.MultiplyAdd(p7 + at, vectors);
    }

    /// <summary>The runs of steps of a slice, which begins with step <paramref name="first"/>: each step's numbers lie <paramref name="offsets"/> elements behind the rows' pointers, its vectors side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MultiplyAddSlice(T* p0, T* p1, T* p2, T* p3, T* p4, T* p5, T* p6, T* p7, T* vectors, nint* offsets, nint first, StepRuns* runs)
    {
        nint width = TColumns.Value * TLanes.Count;
        var left = runs->Rows;
        do
        {
            var k = first;
            var end = k + runs->Length;
            var endOfSome = end - StepsAtOnce;
            var v = vectors + (k * width);

            // Tested at the end: the compiler turns no inner loop around.
            if (k <= endOfSome)
            {
                do
                {
                    MultiplyAdd(p0, p1, p2, p3, p4, p5, p6, p7, offsets[k], TileRow<T, TVec, TLanes, TColumns>.Load(v, 0));
                    MultiplyAdd(p0, p1, p2, p3, p4, p5, p6, p7, offsets[k + 1], TileRow<T, TVec, TLanes, TColumns>.Load(v, width));
                    MultiplyAdd(p0, p1, p2, p3, p4, p5, p6, p7, offsets[k + 2], TileRow<T, TVec, TLanes, TColumns>.Load(v, 2 * width));
                    MultiplyAdd(p0, p1, p2, p3, p4, p5, p6, p7, offsets[k + 3], TileRow<T, TVec, TLanes, TColumns>.Load(v, 3 * width));
                    v += StepsAtOnce * width;
                    k += StepsAtOnce;
                }
                while (k <= endOfSome);
            }

            for (; k < end; k++)
            {
                MultiplyAdd(p0, p1, p2, p3, p4, p5, p6, p7, offsets[k], TileRow<T, TVec, TLanes, TColumns>.Load(v, 0));
                v += width;
            }

            first += runs->RowPitch;
        }
        while (--left > 0);
    }

    /// <summary>One step or more, whose vectors all rows share: each row that has weights, one for a step, adds their products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MultiplyAddLine(T* w0, T* w1, T* w2, T* w3, T* w4, T* w5, T* w6, T* w7, T* source, nint* offsets, nint steps)
    {
        nint k = 0;

        // Tested at the end: the compiler turns no inner loop around.
        do
        {
            var vectors = TileRow<T, TVec, TLanes, TColumns>.Load(source + offsets[k], 0);
            if (w0 != null) r0.MultiplyAdd(w0 + k, vectors);
            if (TRows.Value > 1 && w1 != null) r1.MultiplyAdd(w1 + k, vectors);
            if (TRows.Value > 2 && w2 != null) r2.MultiplyAdd(w2 + k, vectors);
            if (TRows.Value > 3 && w3 != null) r3.MultiplyAdd(w3 + k, vectors);
            if (TRows.Value > 4 && w4 != null) r4.MultiplyAdd(w4 + k, vectors);
            if (TRows.Value > 5 && w5 != null) r5.MultiplyAdd(w5 + k, vectors);
            if (TRows.Value > 6 && w6 != null) r6.MultiplyAdd(w6 + k, vectors);
            if (TRows.Value > 7 && w7 != null) r7.MultiplyAdd(w7 + k, vectors);
        }
        while (++k < steps);
    }

    /// <summary>One step of all sums with numbers that lie side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MultiplyAdd(T* numbers, nint at, TileRow<T, TVec, TLanes, TColumns> vectors) =>
        MultiplyAdd(numbers, numbers + 1, numbers + 2, numbers + 3, numbers + 4, numbers + 5, numbers + 6, numbers + 7, at, vectors);

    /// <summary>Writes the sums.</summary>
    /// <param name="sums">rows of <paramref name="pitch"/> elements; written whole vectors at a time</param>
    /// <param name="pitch">elements between rows</param>
    /// <param name="rows">rows that are written</param>
    /// <param name="add">add the chains to what <paramref name="sums"/> holds, else replace it</param>
    /// <param name="bias">for each row what is added last; null: nothing</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddTo(T* sums, nint pitch, nint rows, bool add, T* bias)
    {
        r0.AddTo(sums, add, bias != null, Bias(bias, 0));
        if (TRows.Value > 1 && rows > 1) r1.AddTo(sums + pitch, add, bias != null, Bias(bias, 1));
        if (TRows.Value > 2 && rows > 2) r2.AddTo(sums + (2 * pitch), add, bias != null, Bias(bias, 2));
        if (TRows.Value > 3 && rows > 3) r3.AddTo(sums + (3 * pitch), add, bias != null, Bias(bias, 3));
        if (TRows.Value > 4 && rows > 4) r4.AddTo(sums + (4 * pitch), add, bias != null, Bias(bias, 4));
        if (TRows.Value > 5 && rows > 5) r5.AddTo(sums + (5 * pitch), add, bias != null, Bias(bias, 5));
        if (TRows.Value > 6 && rows > 6) r6.AddTo(sums + (6 * pitch), add, bias != null, Bias(bias, 6));
        if (TRows.Value > 7 && rows > 7) r7.AddTo(sums + (7 * pitch), add, bias != null, Bias(bias, 7));
    }

    /// <summary>Writes the sums of each row to a place of its own.</summary>
    /// <param name="sums">what places are counted from</param>
    /// <param name="places">for each row elements before its sums</param>
    /// <param name="add">add the chains to what is there, else replace it</param>
    /// <param name="bias">for each column what is added last; null: nothing</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddTo(T* sums, nint* places, bool add, T* bias)
    {
        var vectors = bias == null ? default : TileRow<T, TVec, TLanes, TColumns>.Load(bias, 0);
        r0.AddTo(sums + places[0], add, bias != null, vectors);
        if (TRows.Value > 1) r1.AddTo(sums + places[1], add, bias != null, vectors);
        if (TRows.Value > 2) r2.AddTo(sums + places[2], add, bias != null, vectors);
        if (TRows.Value > 3) r3.AddTo(sums + places[3], add, bias != null, vectors);
        if (TRows.Value > 4) r4.AddTo(sums + places[4], add, bias != null, vectors);
        if (TRows.Value > 5) r5.AddTo(sums + places[5], add, bias != null, vectors);
        if (TRows.Value > 6) r6.AddTo(sums + places[6], add, bias != null, vectors);
        if (TRows.Value > 7) r7.AddTo(sums + places[7], add, bias != null, vectors);
    }

    /// <summary>Reads sums, each row from a place of its own.</summary>
    /// <param name="sums">what places are counted from</param>
    /// <param name="places">for each row elements before its sums</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileSums<T, TVec, TLanes, TRows, TColumns> Load(T* sums, nint* places)
    {
        var loaded = default(TileSums<T, TVec, TLanes, TRows, TColumns>);
        loaded.r0 = TileRow<T, TVec, TLanes, TColumns>.Load(sums + places[0], 0);
        if (TRows.Value > 1) loaded.r1 = TileRow<T, TVec, TLanes, TColumns>.Load(sums + places[1], 0);
        if (TRows.Value > 2) loaded.r2 = TileRow<T, TVec, TLanes, TColumns>.Load(sums + places[2], 0);
        if (TRows.Value > 3) loaded.r3 = TileRow<T, TVec, TLanes, TColumns>.Load(sums + places[3], 0);
        if (TRows.Value > 4) loaded.r4 = TileRow<T, TVec, TLanes, TColumns>.Load(sums + places[4], 0);
        if (TRows.Value > 5) loaded.r5 = TileRow<T, TVec, TLanes, TColumns>.Load(sums + places[5], 0);
        if (TRows.Value > 6) loaded.r6 = TileRow<T, TVec, TLanes, TColumns>.Load(sums + places[6], 0);
        if (TRows.Value > 7) loaded.r7 = TileRow<T, TVec, TLanes, TColumns>.Load(sums + places[7], 0);
        return loaded;
    }

    /// <summary>Adds chains.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(TileSums<T, TVec, TLanes, TRows, TColumns> chains)
    {
        r0.Add(chains.r0);
        if (TRows.Value > 1) r1.Add(chains.r1);
        if (TRows.Value > 2) r2.Add(chains.r2);
        if (TRows.Value > 3) r3.Add(chains.r3);
        if (TRows.Value > 4) r4.Add(chains.r4);
        if (TRows.Value > 5) r5.Add(chains.r5);
        if (TRows.Value > 6) r6.Add(chains.r6);
        if (TRows.Value > 7) r7.Add(chains.r7);
    }

    /// <summary>Writes sums to where <see cref="Load"/> reads them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(T* sums, nint* places)
    {
        r0.Store(sums + places[0]);
        if (TRows.Value > 1) r1.Store(sums + places[1]);
        if (TRows.Value > 2) r2.Store(sums + places[2]);
        if (TRows.Value > 3) r3.Store(sums + places[3]);
        if (TRows.Value > 4) r4.Store(sums + places[4]);
        if (TRows.Value > 5) r5.Store(sums + places[5]);
        if (TRows.Value > 6) r6.Store(sums + places[6]);
        if (TRows.Value > 7) r7.Store(sums + places[7]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TileRow<T, TVec, TLanes, TColumns> Bias(T* bias, nint row) => bias == null ? default : TileRow<T, TVec, TLanes, TColumns>.Splat(bias + row);
}
