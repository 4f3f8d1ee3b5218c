namespace NativeConv.Threading;

/// <summary>What the pool's threads are made of: <see cref="ManagedThreads"/>, or what the C code of the shared library offers.</summary>
internal unsafe struct PoolThreads
{
    /// <summary>Starts a thread that calls body(argument), and says how it is called here. 0: the system gives no more threads.</summary>
    public delegate*<delegate* unmanaged[Cdecl]<void*, void*>, void*, nint*, int> Start;

    /// <summary>Waits until the thread has ended.</summary>
    public delegate*<nint, void> Join;

    /// <summary>By the thread itself: sleeps while the word has this value and nobody wakes it; may return early.</summary>
    public delegate*<nint, uint*, uint, void> Sleep;

    /// <summary>Wakes the thread, which sleeps on this word.</summary>
    public delegate*<nint, uint*, void> Wake;
}
