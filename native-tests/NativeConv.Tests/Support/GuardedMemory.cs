using System.Runtime.InteropServices;
using Xunit;

namespace NativeConv.Tests.Support;

/// <summary>
/// Memory between two pages that fault on any access, reads included. Numbers are placed either directly behind the first page or directly before the
/// last; a test that wants both ends watched runs twice.
/// </summary>
internal sealed unsafe partial class GuardedMemory<T> : IDisposable
    where T : unmanaged
{
    private const int ReadWrite = 3;

    // MAP_PRIVATE | MAP_ANONYMOUS on Linux.
    private const int PrivateAnonymous = 0x22;

    private readonly nuint pageSize = (nuint)Environment.SystemPageSize;
    private readonly nuint bytes;
    private byte* mapping;

    /// <param name="capacity">numbers that <see cref="Place(long, bool)"/> can be asked for</param>
    public GuardedMemory(long capacity)
    {
        bytes = (((nuint)Math.Max(1, capacity) * (nuint)sizeof(T)) + pageSize - 1) / pageSize * pageSize;
        var address = GuardedMemory.Map(0, bytes + (2 * pageSize), 0, PrivateAnonymous, -1, 0);
        Assert.True(address != -1, "mmap failed");
        mapping = (byte*)address;
        Assert.Equal(0, GuardedMemory.Protect((nint)(mapping + pageSize), bytes, ReadWrite));
    }

    /// <summary>Room for <paramref name="count"/> numbers that begin right behind the first guard page or end right before the second.</summary>
    public T* Place(long count, bool atEnd)
    {
        var size = (nuint)count * (nuint)sizeof(T);
        Assert.True(size <= bytes, "more than the capacity");
        return (T*)(mapping + pageSize + (atEnd ? bytes - size : 0));
    }

    /// <summary>The same, filled.</summary>
    public T* Place(ReadOnlySpan<T> values, bool atEnd)
    {
        var place = Place(values.Length, atEnd);
        values.CopyTo(new Span<T>(place, values.Length));
        return place;
    }

    public void Dispose()
    {
        if (mapping != null)
        {
            GuardedMemory.Unmap((nint)mapping, bytes + (2 * pageSize));
            mapping = null;
        }
    }
}

/// <summary>The system calls.</summary>
internal static partial class GuardedMemory
{
    [LibraryImport("libc", EntryPoint = "mmap")]
    public static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    public static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    public static partial int Unmap(nint address, nuint length);
}
