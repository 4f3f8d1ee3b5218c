using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NativeConv.Kernels.Moves;

/// <summary>Rows of numbers into one, a number of each in turn: groups of them, which may be apart.</summary>
internal static unsafe class Interleaving<T>
    where T : unmanaged
{
    /// <summary>Rows that it is made for: more are turned.</summary>
    public const int MostRows = 4;

    /// <summary><c>target[i * targetPitch + row] = source[row * pitch + i]</c></summary>
    public static void Run(T* source, long pitch, int rows, T* target, long targetPitch, long count)
    {
        var last = count - Vector128<T>.Count;
        if (last >= 0 && rows == MostRows)
        {
            // The last vectors overlap those before.
            for (long i = 0; i < last; i += Vector128<T>.Count)
            {
                Four(source + i, pitch, target + (i * targetPitch), targetPitch);
            }

            Four(source + last, pitch, target + (last * targetPitch), targetPitch);
        }
        else if (last >= 0 && rows == 2 && targetPitch == 2)
        {
            for (long i = 0; i < last; i += Vector128<T>.Count)
            {
                Two(source + i, pitch, target + (i * 2));
            }

            Two(source + last, pitch, target + (last * 2));
        }
        else
        {
            for (long row = 0; row < rows; row++)
            {
                for (long i = 0; i < count; i++)
                {
                    target[(i * targetPitch) + row] = source[(row * pitch) + i];
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(T* from, long pitch, T* to, long toPitch)
    {
        Vector128<T> a = Vector128.Load(from), b = Vector128.Load(from + pitch), c = Vector128.Load(from + (2 * pitch)), d = Vector128.Load(from + (3 * pitch));

        // Rows 0 and 2 alternate, and rows 1 and 3; then these two do.
        Vector128<T> ac = Zip.Low(a, c), bd = Zip.Low(b, d), acHigh = Zip.High(a, c), bdHigh = Zip.High(b, d);
        Zip.Low(ac, bd).Store(to);
        Zip.High(ac, bd).Store(to + Place(1, toPitch));
        Zip.Low(acHigh, bdHigh).Store(to + Place(2, toPitch));
        Zip.High(acHigh, bdHigh).Store(to + Place(3, toPitch));
    }

    /// <summary>Where a vector of four rows begins: a number of each is one vector of floats, two of doubles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Place(int vector, long pitch)
    {
        var (column, row) = Math.DivRem(vector * Vector128<T>.Count, MostRows);
        return (column * pitch) + row;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Two(T* from, long pitch, T* to)
    {
        Vector128<T> a = Vector128.Load(from), b = Vector128.Load(from + pitch);
        Zip.Low(a, b).Store(to);
        Zip.High(a, b).Store(to + Vector128<T>.Count);
    }
}
