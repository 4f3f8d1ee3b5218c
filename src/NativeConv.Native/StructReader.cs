using System.Runtime.CompilerServices;
using NativeConv.Problem;

namespace NativeConv.Native;

/// <summary>
/// Reads and writes the caller's structs, whose first field is struct_size: a header older or newer than this library may have made them. A size below
/// version 1's or above <see cref="Largest"/> is refused unread; bytes that this library does not know must be zero; fields that are missing are zero.
/// </summary>
internal static unsafe class StructReader
{
    /// <summary>The largest struct_size that is read.</summary>
    public const uint Largest = 4096;

    /// <summary>Copies an input struct, or says what is wrong with it.</summary>
    public static int TryRead<TStruct>(TStruct* source, uint versionOneSize, scoped ReadOnlySpan<byte> name, out TStruct copy, ref Message message)
        where TStruct : unmanaged
    {
        copy = default;
        var status = CheckSize(source, versionOneSize, name, ref message);
        if (status != NcStatus.Ok)
        {
            return status;
        }

        var size = *(uint*)source;
        var bytes = (byte*)source;
        for (var i = (uint)sizeof(TStruct); i < size; i++)
        {
            if (bytes[i] != 0)
            {
                message.Add("struct_size: byte "u8);
                message.Add(i);
                message.Add(" of "u8);
                message.Add(name);
                message.Add(" is "u8);
                message.Add(bytes[i]);
                message.Add("; this library knows "u8);
                message.Add(sizeof(TStruct));
                message.Add(" bytes and expects 0 beyond"u8);
                return NcStatus.InvalidArgument;
            }
        }

        fixed (TStruct* target = &copy)
        {
            Unsafe.CopyBlockUnaligned(target, source, Math.Min(size, (uint)sizeof(TStruct)));
        }

        return NcStatus.Ok;
    }

    /// <summary>Writes an output struct as far as the caller's struct_size says; what a newer header has beyond is zero.</summary>
    public static int TryWrite<TStruct>(TStruct* target, uint versionOneSize, scoped ReadOnlySpan<byte> name, TStruct value, ref Message message)
        where TStruct : unmanaged
    {
        var status = CheckSize(target, versionOneSize, name, ref message);
        if (status != NcStatus.Ok)
        {
            return status;
        }

        var size = *(uint*)target;
        new Span<byte>(target, (int)size).Clear();
        Unsafe.CopyBlockUnaligned(target, &value, Math.Min(size, (uint)sizeof(TStruct)));
        *(uint*)target = size;
        return NcStatus.Ok;
    }

    /// <summary>Whether the pointer and the size may be used at all.</summary>
    public static int CheckSize<TStruct>(TStruct* pointer, uint versionOneSize, scoped ReadOnlySpan<byte> name, ref Message message)
        where TStruct : unmanaged
    {
        if (pointer == null)
        {
            message.Add(name);
            message.Add(": NULL"u8);
            return NcStatus.NullPointer;
        }

        if ((nuint)pointer % sizeof(long) != 0)
        {
            message.Add(name);
            message.Add(": the pointer is not aligned to 8 bytes"u8);
            return NcStatus.InvalidArgument;
        }

        var size = *(uint*)pointer;
        if (size < versionOneSize || size > Largest)
        {
            message.Add("struct_size: "u8);
            message.Add(size);
            message.Add(" in "u8);
            message.Add(name);
            message.Add("; expected "u8);
            message.Add(versionOneSize);
            message.Add(" to "u8);
            message.Add(Largest);
            return NcStatus.InvalidArgument;
        }

        return NcStatus.Ok;
    }
}
