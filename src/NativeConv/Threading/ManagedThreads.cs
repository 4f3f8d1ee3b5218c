using System.Runtime.InteropServices;

namespace NativeConv.Threading;

/// <summary>The runtime's threads: for the engine as a .NET assembly, on every platform. Each sleeps under the lock of its own object, which nobody else has.</summary>
internal static unsafe class ManagedThreads
{
    public static PoolThreads Calls => new() { Start = &Start, Join = &Join, Sleep = &Sleep, Wake = &Wake };

    private static int Start(delegate* unmanaged[Cdecl]<void*, void*> body, void* argument, nint* handle)
    {
        var (address, value) = ((nint)body, (nint)argument);
        var thread = new Thread(() => ((delegate* unmanaged[Cdecl]<void*, void*>)address)((void*)value)) { IsBackground = true, Name = "nativeconv" };
        var owner = GCHandle.Alloc(thread);
        *handle = GCHandle.ToIntPtr(owner);
        try
        {
            thread.Start();
            return 1;
        }
        catch (Exception exception) when (exception is ThreadStartException or OutOfMemoryException)
        {
            owner.Free();
            return 0;
        }
    }

    private static void Join(nint handle)
    {
        Owner(handle).Join();
        GCHandle.FromIntPtr(handle).Free();
    }

    private static void Sleep(nint handle, uint* word, uint value)
    {
        var thread = Owner(handle);
        lock (thread)
        {
            if (Volatile.Read(ref *word) == value)
            {
                Monitor.Wait(thread);
            }
        }
    }

    private static void Wake(nint handle, uint* word)
    {
        var thread = Owner(handle);
        lock (thread)
        {
            Monitor.Pulse(thread);
        }
    }

    private static Thread Owner(nint handle) => (Thread)GCHandle.FromIntPtr(handle).Target!;
}
