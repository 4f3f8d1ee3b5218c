using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeConv.Tests.Published;

/// <summary>parallel_for functions as a .NET job system would give them to the library: by function pointer.</summary>
internal static unsafe class ParallelFor
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Serial(void* user, delegate* unmanaged[Cdecl]<void*, int, void> fn, void* task, int count)
    {
        var log = Note(user, count);
        for (var i = 0; i < count; i++)
        {
            if (i != log->Skipped)
            {
                fn(task, i);
            }
            else if (log->FirstSkip == 0)
            {
                log->FirstSkip = log->Calls;
            }
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Backwards(void* user, delegate* unmanaged[Cdecl]<void*, int, void> fn, void* task, int count)
    {
        Note(user, count);
        for (var i = count - 1; i >= 0; i--)
        {
            fn(task, i);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Threads(void* user, delegate* unmanaged[Cdecl]<void*, int, void> fn, void* task, int count)
    {
        Note(user, count);
        Parallel.For(0, count, i => fn(task, i));
    }

    private static ParallelForLog* Note(void* user, int count)
    {
        var log = (ParallelForLog*)user;
        log->Calls++;
        log->LargestCount = Math.Max(log->LargestCount, count);
        return log;
    }
}
