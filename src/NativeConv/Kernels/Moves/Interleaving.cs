using System.Runtime.Intrinsics;

namespace NativeConv.Kernels.Moves;

/// <summary>Rows of numbers into one row, a number of each in turn.</summary>
internal static unsafe class Interleaving<T>
    where T : unmanaged
{
    /// <summary><c>target[i * rows + row] = source[row * pitch + i]</c></summary>
    public static void Run(T* source, long pitch, int rows, T* target, long count)
    {
        long done = 0;
        if (rows == 2)
        {
            for (; done <= count - Vector128<T>.Count; done += Vector128<T>.Count)
            {
                Vector128<T> a = Vector128.Load(source + done), b = Vector128.Load(source + pitch + done);
                Zip.Low(a, b).Store(target + (2 * done));
                Zip.High(a, b).Store(target + (2 * done) + Vector128<T>.Count);
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
}
