using System.Runtime.InteropServices;

namespace NativeConv.Packing;

/// <summary>Runs of elements, of any length.</summary>
internal static unsafe class Elements<T>
    where T : unmanaged
{
    public static void Clear(T* target, long count)
    {
        // Most runs are the few columns of a padding: a call costs more than they do.
        if (count <= 8)
        {
            for (long i = 0; i < count; i++)
            {
                target[i] = default;
            }

            return;
        }

        NativeMemory.Clear(target, (nuint)count * (nuint)sizeof(T));
    }

    public static void Copy(T* source, T* target, long count) =>
        NativeMemory.Copy(source, target, (nuint)count * (nuint)sizeof(T));
}
