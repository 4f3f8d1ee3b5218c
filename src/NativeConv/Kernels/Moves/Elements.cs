using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NativeConv.Kernels.Moves;

/// <summary>Runs of elements, of any length. Nothing else is read or written.</summary>
internal static unsafe class Elements<T>
    where T : unmanaged
{
    // Runs of more than this many bytes are left to the system's own copying and clearing, whose call costs more than a short run does.
    private const long Short = 1024;

    private const int Vector = 32;

    // Rows after a row that is copied which are asked for: it copies faster than lines come from memory one after the other.
    private const int RowsAhead = 16;

    public static void Clear(T* target, long count)
    {
        var start = (byte*)target;
        var bytes = count * sizeof(T);
        if (bytes > Short)
        {
            NativeMemory.Clear(start, (nuint)bytes);
        }
        else if (bytes >= Vector)
        {
            // The last vector overlaps the one before.
            var last = bytes - Vector;
            for (long at = 0; at < last; at += Vector)
            {
                Vector256<byte>.Zero.Store(start + at);
            }

            Vector256<byte>.Zero.Store(start + last);
        }
        else
        {
            for (long i = 0; i < count; i++)
            {
                target[i] = default;
            }
        }
    }

    public static void Copy(T* source, T* target, long count) => CopyBytes((byte*)source, (byte*)target, count * sizeof(T));

    /// <summary>A run of each of some rows.</summary>
    public static void CopyRows(T* source, long sourcePitch, T* target, long targetPitch, long rows, long count)
    {
        for (long row = 0; row < rows; row++, source += sourcePitch, target += targetPitch)
        {
            Ahead.Fetch(source + (RowsAhead * sourcePitch), count * sizeof(T));
            CopyBytes((byte*)source, (byte*)target, count * sizeof(T));
        }
    }

    /// <summary>Every <paramref name="step"/>th element of the source.</summary>
    public static void CopyEvery(long step, T* source, T* target, long count)
    {
        long i = 0;
        if (step == 2 && sizeof(T) == sizeof(float))
        {
            // The last vector would read the element behind the run's last.
            for (; i < count - Vector256<uint>.Count; i += Vector256<uint>.Count)
            {
                var from = (ulong*)(source + (2 * i));
                Vector256.Narrow(Vector256.Load(from), Vector256.Load(from + Vector256<ulong>.Count)).Store((uint*)(target + i));
            }
        }

        for (; i < count; i++)
        {
            target[i] = source[i * step];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyBytes(byte* source, byte* target, long bytes)
    {
        if (bytes > Short)
        {
            NativeMemory.Copy(source, target, (nuint)bytes);
        }
        else if (bytes >= Vector)
        {
            // The last vector overlaps the one before.
            var last = bytes - Vector;
            for (long at = 0; at < last; at += Vector)
            {
                Vector256.Load(source + at).Store(target + at);
            }

            Vector256.Load(source + last).Store(target + last);
        }
        else
        {
            for (long at = 0; at < bytes; at += sizeof(T))
            {
                *(T*)(target + at) = *(T*)(source + at);
            }
        }
    }
}
