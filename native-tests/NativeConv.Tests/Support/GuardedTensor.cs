namespace NativeConv.Tests.Support;

/// <summary>A tensor, or a workspace, directly before or behind a page that faults.</summary>
internal sealed unsafe class GuardedTensor<T> : IDisposable
    where T : unmanaged
{
    private readonly GuardedMemory<T> memory;
    private readonly T* start;
    private readonly int length;

    /// <summary>All ones: a NaN in either type, and a wild offset as an integer.</summary>
    public GuardedTensor(long length, bool atEnd)
    {
        memory = new GuardedMemory<T>(length);
        start = memory.Place(length, atEnd);
        this.length = checked((int)length);
        new Span<byte>(start, this.length * sizeof(T)).Fill(byte.MaxValue);
    }

    public GuardedTensor(T[] values, bool atEnd)
        : this(values.Length, atEnd)
    {
        values.CopyTo(Numbers);
    }

    public Span<T> Numbers => new(start, length);

    public void Dispose() => memory.Dispose();
}
