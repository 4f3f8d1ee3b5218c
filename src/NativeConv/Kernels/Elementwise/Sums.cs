using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using NativeConv.Kernels.Lanes;
using NativeConv.Kernels.Moves;

namespace NativeConv.Kernels.Elementwise;

/// <summary>
/// Additions: of buffers of sums, and of rows into interleaved partial sums, where lane l of <see cref="LaneConstants{T}.Interleave"/> takes the columns
/// that are l modulo their number. The lanes are the same at every vector width.
/// </summary>
internal static unsafe class Sums<T, TVec, TLanes>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
{
    /// <summary><paramref name="target"/> += <paramref name="source"/>; both of <paramref name="count"/> rounded up to whole vectors.</summary>
    public static void Accumulate(T* target, T* source, nint count)
    {
        for (nint i = 0; i < count; i += TLanes.Count)
        {
            TLanes.Store(target + i, TLanes.Add(TLanes.Load(target + i), TLanes.Load(source + i)));
        }
    }

    /// <summary>Whether all of <paramref name="count"/> numbers are finite: their products with 0 are.</summary>
    public static bool AreFinite(T* numbers, nint count)
    {
        TVec zero = default, a = zero, b = zero, c = zero, d = zero;
        nint i = 0;
        for (; i <= count - (4 * TLanes.Count); i += 4 * TLanes.Count)
        {
            a = TLanes.MultiplyAdd(TLanes.Load(numbers + i), zero, a);
            b = TLanes.MultiplyAdd(TLanes.Load(numbers + i + TLanes.Count), zero, b);
            c = TLanes.MultiplyAdd(TLanes.Load(numbers + i + (2 * TLanes.Count)), zero, c);
            d = TLanes.MultiplyAdd(TLanes.Load(numbers + i + (3 * TLanes.Count)), zero, d);
        }

        for (; i <= count - TLanes.Count; i += TLanes.Count)
        {
            a = TLanes.MultiplyAdd(TLanes.Load(numbers + i), zero, a);
        }

        if (i < count)
        {
            TVec rest = zero;
            Elements<T>.Copy(numbers + i, (T*)&rest, count - i);
            b = TLanes.MultiplyAdd(rest, zero, b);
        }

        // Each lane is +0 or NaN. By its bits: Equals would make an object of what it compares with.
        a = TLanes.Add(TLanes.Add(a, b), TLanes.Add(c, d));
        return new ReadOnlySpan<byte>(&a, sizeof(TVec)).IndexOfAnyExcept((byte)0) < 0;
    }

    /// <summary>Adds rows to the lanes: <c>lanes[c % Interleave] += a[r, c]</c>, rows in order, columns in order.</summary>
    public static void AddRows(T* a, nint pitch, nint rows, nint columns, T* lanes)
    {
        var whole = columns - (columns % LaneConstants<T>.Interleave);
        for (nint r = 0; r < rows; r++, a += pitch)
        {
            for (var l = 0; whole > 0 && l < LaneConstants<T>.Interleave; l += LaneVectors.Length)
            {
                var sums = LaneVectors.Load(lanes + l);
                for (var from = a + l; from < a + whole; from += LaneConstants<T>.Interleave)
                {
                    sums.Add(from);
                }

                sums.Store(lanes + l);
            }

            AddRest(a + whole, columns - whole, lanes);
        }
    }

    /// <summary>Adds products of rows to the lanes: <c>lanes[c % Interleave] = fma(a[r, c], b[r, c], lanes[...])</c>, rows in order, columns in order.</summary>
    public static void MultiplyRows(T* a, nint aPitch, T* b, nint bPitch, nint rows, nint columns, T* lanes)
    {
        var whole = columns - (columns % LaneConstants<T>.Interleave);
        for (nint r = 0; r < rows; r++, a += aPitch, b += bPitch)
        {
            for (var l = 0; whole > 0 && l < LaneConstants<T>.Interleave; l += LaneVectors.Length)
            {
                var sums = LaneVectors.Load(lanes + l);
                for (nint c = l; c < whole; c += LaneConstants<T>.Interleave)
                {
                    sums.MultiplyAdd(a + c, b + c);
                }

                sums.Store(lanes + l);
            }

            MultiplyRest(a + whole, b + whole, columns - whole, lanes);
        }
    }

    /// <summary>The sum of the lanes by a fixed tree: halves added until one is left.</summary>
    public static T Fold(T* lanes)
    {
        T* tree = stackalloc T[LaneConstants<T>.Interleave];
        Unsafe.CopyBlockUnaligned(tree, lanes, (uint)(LaneConstants<T>.Interleave * sizeof(T)));
        for (var half = LaneConstants<T>.Interleave / 2; half > 0; half /= 2)
        {
            AddRest(tree + half, half, tree);
        }

        return *tree;
    }

    /// <summary>Fewer numbers than there are lanes, by short vectors and one by one.</summary>
    private static void AddRest(T* a, nint count, T* lanes)
    {
        nint l = 0;
        for (; l <= count - Lanes128<T>.Count; l += Lanes128<T>.Count)
        {
            Lanes128<T>.Store(lanes + l, Lanes128<T>.Add(Lanes128<T>.Load(lanes + l), Lanes128<T>.Load(a + l)));
        }

        for (; l < count; l++)
        {
            lanes[l] = Lanes128<T>.Add(Lanes128<T>.SplatFrom(lanes + l), Lanes128<T>.SplatFrom(a + l)).ToScalar();
        }
    }

    private static void MultiplyRest(T* a, T* b, nint count, T* lanes)
    {
        nint l = 0;
        for (; l <= count - Lanes128<T>.Count; l += Lanes128<T>.Count)
        {
            Lanes128<T>.Store(lanes + l, Lanes128<T>.MultiplyAdd(Lanes128<T>.Load(a + l), Lanes128<T>.Load(b + l), Lanes128<T>.Load(lanes + l)));
        }

        for (; l < count; l++)
        {
            lanes[l] = Lanes128<T>.MultiplyAdd(Lanes128<T>.SplatFrom(a + l), Lanes128<T>.SplatFrom(b + l), Lanes128<T>.SplatFrom(lanes + l)).ToScalar();
        }
    }

    /// <summary>The lanes, or some of them where vectors are short, in registers.</summary>
    private struct LaneVectors
    {
        private TVec first;
        private TVec second;
        private TVec third;
        private TVec fourth;

        /// <summary>Lanes that are held.</summary>
        public static int Length => Math.Min(4 * TLanes.Count, LaneConstants<T>.Interleave);

        private static bool HasSecond => Length > TLanes.Count;

        private static bool HasFourth => Length > 2 * TLanes.Count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static LaneVectors Load(T* lanes)
        {
            var held = default(LaneVectors);
            held.first = TLanes.Load(lanes);
            if (HasSecond) held.second = TLanes.Load(lanes + TLanes.Count);
            if (HasFourth) held.third = TLanes.Load(lanes + (2 * TLanes.Count));
            if (HasFourth) held.fourth = TLanes.Load(lanes + (3 * TLanes.Count));
            return held;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(T* lanes)
        {
            TLanes.Store(lanes, first);
            if (HasSecond) TLanes.Store(lanes + TLanes.Count, second);
            if (HasFourth) TLanes.Store(lanes + (2 * TLanes.Count), third);
            if (HasFourth) TLanes.Store(lanes + (3 * TLanes.Count), fourth);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(T* a)
        {
            first = TLanes.Add(first, TLanes.Load(a));
            if (HasSecond) second = TLanes.Add(second, TLanes.Load(a + TLanes.Count));
            if (HasFourth) third = TLanes.Add(third, TLanes.Load(a + (2 * TLanes.Count)));
            if (HasFourth) fourth = TLanes.Add(fourth, TLanes.Load(a + (3 * TLanes.Count)));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void MultiplyAdd(T* a, T* b)
        {
            first = TLanes.MultiplyAdd(TLanes.Load(a), TLanes.Load(b), first);
            if (HasSecond) second = TLanes.MultiplyAdd(TLanes.Load(a + TLanes.Count), TLanes.Load(b + TLanes.Count), second);
            if (HasFourth) third = TLanes.MultiplyAdd(TLanes.Load(a + (2 * TLanes.Count)), TLanes.Load(b + (2 * TLanes.Count)), third);
            if (HasFourth) fourth = TLanes.MultiplyAdd(TLanes.Load(a + (3 * TLanes.Count)), TLanes.Load(b + (3 * TLanes.Count)), fourth);
        }
    }
}
