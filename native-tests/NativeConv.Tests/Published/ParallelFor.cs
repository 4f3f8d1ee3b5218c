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
            if (i == log->Skipped)
            {
                log->Skips++;
                continue;
            }

            fn(task, i);
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

    /// <summary>Every index twice, and some that are none.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Twice(void* user, delegate* unmanaged[Cdecl]<void*, int, void> fn, void* task, int count)
    {
        Note(user, count);
        for (var i = -1; i <= count; i++)
        {
            fn(task, i);
            fn(task, i);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Threads(void* user, delegate* unmanaged[Cdecl]<void*, int, void> fn, void* task, int count)
    {
        Note(user, count);
        Parallel.For(0, count, i => fn(task, i));
    }

    /// <summary>The last index alone does all the work: meanwhile nothing may touch the slices of the others.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void LastAlone(void* user, delegate* unmanaged[Cdecl]<void*, int, void> fn, void* task, int count)
    {
        var log = Note(user, count);
        new Span<byte>(log->Slices, (int)log->SliceBytes * (count - 1)).Fill(Untouched);
        fn(task, count - 1);
        log->SlicesTouched |= new ReadOnlySpan<byte>(log->Slices, (int)log->SliceBytes * (count - 1)).ContainsAnyExcept(Untouched);
        for (var i = 0; i < count - 1; i++)
        {
            fn(task, i);
        }
    }

    /// <summary>What the slices hold that nobody has written to.</summary>
    private const byte Untouched = 0xC7;

    private static ParallelForLog* Note(void* user, int count)
    {
        var log = (ParallelForLog*)user;
        log->Calls++;
        log->LargestCount = Math.Max(log->LargestCount, count);
        return log;
    }
}
