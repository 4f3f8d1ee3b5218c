using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NativeConv.Kernels.Moves;

/// <summary>Rows of numbers into one row, a number of each in turn.</summary>
internal static unsafe class Interleaving<T>
    where T : unmanaged
{
    /// <summary>Rows that it is made for: more are turned.</summary>
    public const int MostRows = 4;

    /// <summary><c>target[i * rows + row] = source[row * pitch + i]</c></summary>
    public static void Run(T* source, long pitch, int rows, T* target, long count)
    {
        long done = 0;
        if (rows == 2)
        {
            for (; done <= count - Vector128<T>.Count; done += Vector128<T>.Count)
            {
                Store(Vector128.Load(source + done), Vector128.Load(source + pitch + done), target + (2 * done));
            }
        }
        else if (rows == 4)
        {
            for (; done <= count - Vector128<T>.Count; done += Vector128<T>.Count)
            {
                var from = source + done;
                Vector128<T> a = Vector128.Load(from), b = Vector128.Load(from + pitch), c = Vector128.Load(from + (2 * pitch)), d = Vector128.Load(from + (3 * pitch));

                // Rows 0 and 2 alternate, and rows 1 and 3; then these two do.
                Store(Zip.Low(a, c), Zip.Low(b, d), target + (4 * done));
                Store(Zip.High(a, c), Zip.High(b, d), target + (4 * done) + (2 * Vector128<T>.Count));
            }
        }

        for (long row = 0; row < rows; row++)
        {
            for (var i = done; i < count; i++)
            {
                target[(i * rows) + row] = source[(row * pitch) + i];
            }
        }
    }

    /// <summary>Two vectors, a number of each in turn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<T> a, Vector128<T> b, T* target)
    {
        Zip.Low(a, b).Store(target);
        Zip.High(a, b).Store(target + Vector128<T>.Count);
    }
}
