using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace NativeConv.Packing;

/// <summary>Turns rows into columns: <c>target[c, r] = source[r, c]</c>.</summary>
internal static unsafe class Transposition<T>
    where T : unmanaged
{
    // Columns that are turned together: a cache line of floats, read once, whole.
    private const int Strip = 16;

    /// <param name="source">rows of numbers</param>
    /// <param name="sourcePitch">elements from one row of the source to the next</param>
    /// <param name="target">columns of numbers</param>
    /// <param name="targetPitch">elements from one column's numbers to the next column's</param>
    /// <param name="rows">rows of the source</param>
    /// <param name="columns">columns of the source</param>
    public static void Run(T* source, long sourcePitch, T* target, long targetPitch, long rows, long columns)
    {
        for (long first = 0; first < columns; first += Strip)
        {
            var width = Math.Min(Strip, columns - first);
            T* from = source + first, to = target + (first * targetPitch);
            long row = 0;
            for (; row <= rows - Side; row += Side)
            {
                Turn(from + (row * sourcePitch), sourcePitch, to + row, targetPitch, width);
            }

            for (; row < rows; row++)
            {
                TurnOne(from + (row * sourcePitch), to + row, targetPitch, width);
            }
        }
    }

    /// <summary>Numbers of 16 bytes: the side of the squares that are turned in registers.</summary>
    private static int Side => 16 / sizeof(T);

    /// <summary>A few rows at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(T* from, long sourcePitch, T* to, long targetPitch, long columns)
    {
        long column = 0;
        for (; column <= columns - Side; column += Side, from += Side, to += Side * targetPitch)
        {
            if (sizeof(T) == sizeof(float))
            {
                TurnSingles((float*)from, sourcePitch, (float*)to, targetPitch);
            }
            else
            {
                TurnDoubles((double*)from, sourcePitch, (double*)to, targetPitch);
            }
        }

        for (var row = 0; row < Side; row++)
        {
            TurnOne(from + (row * sourcePitch), to + row, targetPitch, columns - column);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnOne(T* from, T* to, long targetPitch, long columns)
    {
        for (long column = 0; column < columns; column++)
        {
            to[column * targetPitch] = from[column];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnSingles(float* from, long sourcePitch, float* to, long targetPitch)
    {
        Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + sourcePitch);
        Vector128<float> c = Vector128.Load(from + (2 * sourcePitch)), d = Vector128.Load(from + (3 * sourcePitch));
        Vector128<double> ab = Low(a, b).AsDouble(), cd = Low(c, d).AsDouble();
        Vector128<double> abHigh = High(a, b).AsDouble(), cdHigh = High(c, d).AsDouble();
        Low(ab, cd).AsSingle().Store(to);
        High(ab, cd).AsSingle().Store(to + targetPitch);
        Low(abHigh, cdHigh).AsSingle().Store(to + (2 * targetPitch));
        High(abHigh, cdHigh).AsSingle().Store(to + (3 * targetPitch));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnDoubles(double* from, long sourcePitch, double* to, long targetPitch)
    {
        Vector128<double> a = Vector128.Load(from), b = Vector128.Load(from + sourcePitch);
        Low(a, b).Store(to);
        High(a, b).Store(to + targetPitch);
    }

    // The lower halves of two vectors, alternating; the upper halves likewise.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Low(Vector128<float> a, Vector128<float> b) =>
        AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b) : Sse.UnpackLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> High(Vector128<float> a, Vector128<float> b) =>
        AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b) : Sse.UnpackHigh(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> Low(Vector128<double> a, Vector128<double> b) =>
        AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b) : Sse2.UnpackLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> High(Vector128<double> a, Vector128<double> b) =>
        AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b) : Sse2.UnpackHigh(a, b);
}
