using System.Runtime.InteropServices;

namespace NativeConv.Tests.Engine;

/// <summary>Bytes between two pages that fault when they are touched, reads included (Linux).</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int None = 0;
    private const int ReadWrite = 1 | 2;

    // MAP_PRIVATE | MAP_ANONYMOUS.
    private const int PrivateAnonymous = 0x02 | 0x20;

    private readonly nuint mapped;
    private byte* pages;

    /// <param name="bytes">the size of <see cref="Start"/></param>
    /// <param name="atEnd">the bytes end directly before the upper page; else they begin directly after the lower one</param>
    public GuardedMemory(long bytes, bool atEnd)
    {
        var page = (nuint)Environment.SystemPageSize;
        var inside = ((nuint)bytes + page - 1) / page * page;
        mapped = inside + (2 * page);
        pages = Map(null, mapped, None, PrivateAnonymous, -1, 0);
        if (pages == (byte*)-1 || Protect(pages + page, inside, ReadWrite) != 0)
        {
            throw new OutOfMemoryException("no guarded memory");
        }

        Start = pages + page + (atEnd ? inside - (nuint)bytes : 0);
        Length = checked((int)bytes);

        // All ones is a NaN in either type, and a wild offset as an integer.
        Bytes.Fill(byte.MaxValue);
    }

    public byte* Start { get; }

    public int Length { get; }

    public Span<byte> Bytes => new(Start, Length);

    /// <summary>Numbers copied between the pages.</summary>
    public static GuardedMemory Copy<T>(T[] values, bool atEnd)
        where T : unmanaged
    {
        var memory = new GuardedMemory((long)values.Length * sizeof(T), atEnd);
        MemoryMarshal.AsBytes<T>(values).CopyTo(memory.Bytes);
        return memory;
    }

    public Span<T> Numbers<T>()
        where T : unmanaged => new(Start, Length / sizeof(T));

    public void Dispose()
    {
        if (pages != null)
        {
            _ = Unmap(pages, mapped);
            pages = null;
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint length);
}
