using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NativeConv.Kernels.Moves;

/// <summary>Cuts rows into groups of a few columns: group after group, and in each group row after row.</summary>
internal unsafe struct Grouping<T>
    where T : unmanaged
{
    /// <summary>Columns of a group.</summary>
    public int Size;

    /// <summary>Elements from one group to the next.</summary>
    public long Pitch;

    /// <summary>Elements behind the last row that are grouped next, and asked for meanwhile.</summary>
    public long Next;

    /// <summary><c>target[(first + c) / Size * Pitch + row * Size + (first + c) % Size] = source[row * rowPitch + c]</c></summary>
    public readonly void Run(T* source, long rowPitch, long rows, long count, long first, T* target)
    {
        var begin = Math.Min(count, (Size - (first % Size)) % Size);
        Rest(source, rowPitch, rows, 0, begin, first, target);
        var column = begin;
        var bytes = Size * sizeof(T);
        var next = new Ahead(source + (rows * rowPitch), 0, 1, Next * sizeof(T), Math.Max(1, (count - begin) / Size));
        for (var group = target + ((first + column) / Size * Pitch); column <= count - Size; column += Size, group += Pitch)
        {
            var from = source + column;
            next.Fetch(long.MaxValue);
            if (bytes == 16)
            {
                Copy<Vector128<byte>>(from, rowPitch, rows, group);
            }
            else if (bytes == 32)
            {
                Copy<Vector256<byte>>(from, rowPitch, rows, group);
            }
            else
            {
                Elements<T>.CopyRows(from, rowPitch, group, Size, rows, Size);
            }
        }

        Rest(source, rowPitch, rows, column, count, first, target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy<TVec>(T* from, long rowPitch, long rows, T* to)
        where TVec : unmanaged
    {
        for (long row = 0; row < rows; row++, from += rowPitch, to += sizeof(TVec) / sizeof(T))
        {
            Unsafe.WriteUnaligned(to, Unsafe.ReadUnaligned<TVec>(from));
        }
    }

    private readonly void Rest(T* source, long rowPitch, long rows, long begin, long end, long first, T* target)
    {
        for (var column = begin; column < end; column++)
        {
            var (group, place) = Math.DivRem(first + column, Size);
            var to = target + (group * Pitch) + place;
            for (long row = 0; row < rows; row++)
            {
                to[row * Size] = source[(row * rowPitch) + column];
            }
        }
    }
}
