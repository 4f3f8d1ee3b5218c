using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NativeConv.Kernels.Moves;

/// <summary>Turns rows into columns, as many rows at a time as fill a vector.</summary>
internal static unsafe class Transposition<T>
    where T : unmanaged
{
    // Columns of a strip that is turned for all rows: a cache line of floats, read once, whole.
    private const int Strip = 16;

    // Rows of a result that are written side by side: those that lie whole pages apart share a set of a first-level cache, which has eight places or more.
    private const int ResultRows = 8;

    // Strips that are asked for ahead of the one that is turned: one comes too late from memory; of 3, 4 and 8 the best (docs/decisions/0005).
    private const int FarStrips = 3;

    // Rows of floats that fill a vector of 512 bits, and a line of the target.
    private const int Wide = 16;

    // Rows this far apart share a set of a first-level cache: not more than eight are turned at once.
    private const int Page = 4096;

    private interface IPlaces
    {
        /// <summary>Where the numbers of a column begin in the target.</summary>
        long this[long column] { get; }
    }

    /// <summary>Rows and columns of a square.</summary>
    private static int Side => sizeof(T) == sizeof(float) && Avx.IsSupported ? 8 : 16 / sizeof(T);

    private static bool HasWide => sizeof(T) == sizeof(float) && Avx512F.IsSupported;

    /// <summary><c>target[c * targetPitch + r] = source[r * sourcePitch + c]</c></summary>
    /// <param name="source">rows</param>
    /// <param name="sourcePitch">from one of them to the next</param>
    /// <param name="target">rows of what were columns</param>
    /// <param name="targetPitch">from one of these to the next</param>
    /// <param name="rows">of the source</param>
    /// <param name="columns">of the source</param>
    public static void Run(T* source, long sourcePitch, T* target, long targetPitch, long rows, long columns) =>
        Run(source, sourcePitch, target, new Pitched(targetPitch), rows, columns, Strip, Strip, columns, default(NoWatch<T>));

    /// <summary>The same from near to where results belong: a few of their rows after the other, so that each of their lines is written at once.</summary>
    /// <param name="source">rows</param>
    /// <param name="sourcePitch">from one of them to the next</param>
    /// <param name="target">rows of what were columns</param>
    /// <param name="targetPitch">from one of these to the next</param>
    /// <param name="rows">of the source</param>
    /// <param name="columns">of the source</param>
    /// <param name="isFar">the target is in no near cache: its lines are asked for while those before are written</param>
    public static void RunToResult(T* source, long sourcePitch, T* target, long targetPitch, long rows, long columns, bool isFar)
    {
        Ask(0);
        for (long first = 0; first < columns; first += ResultRows)
        {
            Ask(first + ResultRows);
            var some = Math.Min(ResultRows, columns - first);
            Run(source + first, sourcePitch, target + (first * targetPitch), new Pitched(targetPitch), rows, some, ResultRows, 0, 0, default(NoWatch<T>));
        }

        void Ask(long first)
        {
            if (isFar)
            {
                Ahead.Fetch(target + (first * targetPitch), targetPitch * sizeof(T), Math.Min(ResultRows, columns - first), rows * sizeof(T));
            }
        }
    }

    /// <summary>The same out of memory, from rows that are read on after these columns: lines are asked for further ahead, those behind the last column too.</summary>
    public static void RunFromFar(T* source, long sourcePitch, T* target, long targetPitch, long rows, long columns) =>
        Run(source, sourcePitch, target, new Pitched(targetPitch), rows, columns, Strip, FarStrips * Strip, long.MaxValue, default(NoWatch<T>));

    /// <summary><c>target[places[c] + r] = source[r * sourcePitch + c]</c></summary>
    public static void Run<TWatch>(T* source, long sourcePitch, T* target, nint* places, long rows, long columns, ref TWatch watch)
        where TWatch : struct, IWatch<T> =>
        watch = Run(source, sourcePitch, target, new Placed(places), rows, columns, Strip, Strip, columns, watch);

    /// <param name="source">rows</param>
    /// <param name="sourcePitch">from one of them to the next</param>
    /// <param name="target">rows of what were columns</param>
    /// <param name="places">where these begin</param>
    /// <param name="rows">of the source</param>
    /// <param name="columns">of the source</param>
    /// <param name="strip">columns that are turned for all rows before the next</param>
    /// <param name="lead">columns from a strip to the one that is asked for meanwhile</param>
    /// <param name="wanted">columns that are worth asking for; 0: none</param>
    /// <param name="watch">sees all numbers; by value, to stay in registers</param>
    /// <returns>the watch</returns>
    private static TWatch Run<TPlaces, TWatch>(T* source, long sourcePitch, T* target, TPlaces places, long rows, long columns, long strip, long lead, long wanted, TWatch watch)
        where TPlaces : struct, IPlaces
        where TWatch : struct, IWatch<T>
    {
        var isWide = HasWide && sourcePitch * sizeof(T) % Page != 0;
        for (long first = 0; first < columns; first += strip)
        {
            var end = Math.Min(first + strip, columns);
            long row = 0;
            for (; isWide && row <= rows - Wide; row += Wide)
            {
                var from = source + (row * sourcePitch);
                if (first + lead < wanted)
                {
                    // A line of a strip that follows, which no prefetcher expects where there are many rows.
                    Ahead.FetchLines(from + first + lead, sourcePitch * sizeof(T), Wide);
                }

                var column = first;
                for (; column <= end - 4; column += 4)
                {
                    TurnSixteen((float*)(from + column), sourcePitch, (float*)(target + row), places, column, ref watch);
                }

                TurnRest(from, sourcePitch, target + row, places, column, end, Wide, ref watch);
            }

            for (; row <= rows - Side; row += Side)
            {
                var from = source + (row * sourcePitch);
                if (first + lead < wanted)
                {
                    Ahead.FetchLines(from + first + lead, sourcePitch * sizeof(T), Side);
                }

                var column = first;
                for (; column <= end - Side; column += Side)
                {
                    TurnSquare(from + column, sourcePitch, target + row, places, column, ref watch);
                }

                TurnRest(from, sourcePitch, target + row, places, column, end, Side, ref watch);
            }

            if (Side == 8 && row <= rows - 4)
            {
                // Half a square: the rows of a tile, where that has four.
                var from = source + (row * sourcePitch);
                var column = first;
                for (; column <= end - 4; column += 4)
                {
                    TurnFour((float*)(from + column), sourcePitch, (float*)(target + row), places, column, ref watch);
                }

                TurnRest(from, sourcePitch, target + row, places, column, end, 4, ref watch);
                row += 4;
            }

            if (row < rows)
            {
                TurnRest(source + (row * sourcePitch), sourcePitch, target + row, places, first, end, rows - row, ref watch);
            }
        }

        return watch;
    }

    /// <summary>Columns [first, end) of a few rows, number by number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnRest<TPlaces, TWatch>(T* from, long sourcePitch, T* to, TPlaces places, long first, long end, long rows, ref TWatch watch)
        where TPlaces : struct, IPlaces
        where TWatch : struct, IWatch<T>
    {
        for (var column = first; column < end; column++)
        {
            var place = to + places[column];
            for (long row = 0; row < rows; row++)
            {
                var number = from[(row * sourcePitch) + column];
                watch.See(number);
                place[row] = number;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnSquare<TPlaces, TWatch>(T* from, long pitch, T* to, TPlaces places, long column, ref TWatch watch)
        where TPlaces : struct, IPlaces
        where TWatch : struct, IWatch<T>
    {
        if (Side == 8)
        {
            TurnEight((float*)from, pitch, (float*)to, places, column, ref watch);
        }
        else if (Side == 4)
        {
            TurnFour((float*)from, pitch, (float*)to, places, column, ref watch);
        }
        else
        {
            Vector128<double> a = Vector128.Load((double*)from), b = Vector128.Load((double*)from + pitch);
            watch.See(a.As<double, T>());
            watch.See(b.As<double, T>());
            Zip.Low(a, b).Store((double*)to + places[column]);
            Zip.High(a, b).Store((double*)to + places[column + 1]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnFour<TPlaces, TWatch>(float* from, long pitch, float* to, TPlaces places, long column, ref TWatch watch)
        where TPlaces : struct, IPlaces
        where TWatch : struct, IWatch<T>
    {
        Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + pitch);
        Vector128<float> c = Vector128.Load(from + (2 * pitch)), d = Vector128.Load(from + (3 * pitch));
        watch.See(a.As<float, T>());
        watch.See(b.As<float, T>());
        watch.See(c.As<float, T>());
        watch.See(d.As<float, T>());
        Vector128<double> ab = Zip.Low(a, b).AsDouble(), cd = Zip.Low(c, d).AsDouble();
        Vector128<double> abHigh = Zip.High(a, b).AsDouble(), cdHigh = Zip.High(c, d).AsDouble();
        Zip.Low(ab, cd).AsSingle().Store(to + places[column]);
        Zip.High(ab, cd).AsSingle().Store(to + places[column + 1]);
        Zip.Low(abHigh, cdHigh).AsSingle().Store(to + places[column + 2]);
        Zip.High(abHigh, cdHigh).AsSingle().Store(to + places[column + 3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnEight<TPlaces, TWatch>(float* from, long pitch, float* to, TPlaces places, long column, ref TWatch watch)
        where TPlaces : struct, IPlaces
        where TWatch : struct, IWatch<T>
    {
        // Rows r and r + 4 share a vector, so that halves need not be exchanged: columns 0..3, then 4..7.
        for (var half = 0; half < 2; half++, from += 4, column += 4)
        {
            Vector256<float> a = Pair(from, 4 * pitch), b = Pair(from + pitch, 4 * pitch);
            Vector256<float> c = Pair(from + (2 * pitch), 4 * pitch), d = Pair(from + (3 * pitch), 4 * pitch);
            watch.See(a.As<float, T>());
            watch.See(b.As<float, T>());
            watch.See(c.As<float, T>());
            watch.See(d.As<float, T>());
            Vector256<double> ab = Avx.UnpackLow(a, b).AsDouble(), cd = Avx.UnpackLow(c, d).AsDouble();
            Vector256<double> abHigh = Avx.UnpackHigh(a, b).AsDouble(), cdHigh = Avx.UnpackHigh(c, d).AsDouble();
            Avx.UnpackLow(ab, cd).AsSingle().Store(to + places[column]);
            Avx.UnpackHigh(ab, cd).AsSingle().Store(to + places[column + 1]);
            Avx.UnpackLow(abHigh, cdHigh).AsSingle().Store(to + places[column + 2]);
            Avx.UnpackHigh(abHigh, cdHigh).AsSingle().Store(to + places[column + 3]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnSixteen<TPlaces, TWatch>(float* from, long pitch, float* to, TPlaces places, long column, ref TWatch watch)
        where TPlaces : struct, IPlaces
        where TWatch : struct, IWatch<T>
    {
        // Rows r, r + 4, r + 8 and r + 12 share a vector.
        Vector512<float> a = Four(from, 4 * pitch), b = Four(from + pitch, 4 * pitch);
        Vector512<float> c = Four(from + (2 * pitch), 4 * pitch), d = Four(from + (3 * pitch), 4 * pitch);
        watch.See(a.As<float, T>());
        watch.See(b.As<float, T>());
        watch.See(c.As<float, T>());
        watch.See(d.As<float, T>());
        Vector512<double> ab = Avx512F.UnpackLow(a, b).AsDouble(), cd = Avx512F.UnpackLow(c, d).AsDouble();
        Vector512<double> abHigh = Avx512F.UnpackHigh(a, b).AsDouble(), cdHigh = Avx512F.UnpackHigh(c, d).AsDouble();
        Avx512F.UnpackLow(ab, cd).AsSingle().Store(to + places[column]);
        Avx512F.UnpackHigh(ab, cd).AsSingle().Store(to + places[column + 1]);
        Avx512F.UnpackLow(abHigh, cdHigh).AsSingle().Store(to + places[column + 2]);
        Avx512F.UnpackHigh(abHigh, cdHigh).AsSingle().Store(to + places[column + 3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Pair(float* lower, long distance) => Vector256.Create(Vector128.Load(lower), Vector128.Load(lower + distance));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Four(float* lowest, long distance)
    {
        var three = Avx512F.InsertVector128(Pair(lowest, distance).ToVector512Unsafe(), Vector128.Load(lowest + (2 * distance)), 2);
        return Avx512F.InsertVector128(three, Vector128.Load(lowest + (3 * distance)), 3);
    }

    private readonly struct Pitched(long pitch) : IPlaces
    {
        public long this[long column] => column * pitch;
    }

    private readonly struct Placed(nint* places) : IPlaces
    {
        public long this[long column] => places[column];
    }
}
