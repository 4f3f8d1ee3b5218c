using System.Runtime.InteropServices;
using NativeConv.Threading;

namespace NativeConv.Native;

/// <summary>Which instruction set plans are made for; the numbers of gate.h.</summary>
internal enum GateIsa
{
    None = 0,
    Portable = 1,
    Avx2 = 2,
    Avx512 = 3,
    Neon = 4,
}

/// <summary>What the gate found out about the process at the first call; nativeconv_process in gate.h. Strings are UTF-8, terminated, permanent, never null.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GateProcess
{
    public GateIsa Isa;

    /// <summary>Not 0: NATIVECONV_MAX_ISA is not one of its words.</summary>
    public int MaxIsaMalformed;

    /// <summary>Why nothing wider is used, for nc_explain; empty if there is nothing wider.</summary>
    public byte* IsaNote;

    /// <summary>NATIVECONV_MAX_ISA, empty if unset; these three are cut to 63 bytes.</summary>
    public byte* MaxIsa;

    /// <summary>NATIVECONV_NUM_THREADS.</summary>
    public byte* NumThreads;

    /// <summary>NATIVECONV_ALGORITHM.</summary>
    public byte* Algorithm;
}

/// <summary>What the gate (gate/gate.h) does for managed code. Linked in directly; calls that cannot block stay in managed mode, a few nanoseconds each.</summary>
internal static unsafe class Gate
{
    /// <summary>Bytes of <see cref="LastError"/>, terminator included.</summary>
    public const int LastErrorBytes = 512;

    private const string Library = "nativeconv_gate";

    /// <summary>This thread's last error message: write UTF-8 and a terminator into it.</summary>
    [DllImport(Library, EntryPoint = "nativeconv_last_error"), SuppressGCTransition]
    public static extern byte* LastError();

    [DllImport(Library, EntryPoint = "nativeconv_process"), SuppressGCTransition]
    public static extern GateProcess* Process();

    /// <summary>Round to nearest, no traps, denormals kept, or flushed if the argument is not 0. Returns what <see cref="LeaveFloatingPoint"/> needs.</summary>
    [DllImport(Library, EntryPoint = "nativeconv_enter_fp"), SuppressGCTransition]
    public static extern ulong EnterFloatingPoint(int flushDenormals);

    /// <summary>Restores the thread's mode, its sticky flags included.</summary>
    [DllImport(Library, EntryPoint = "nativeconv_leave_fp"), SuppressGCTransition]
    public static extern void LeaveFloatingPoint(ulong mode);

    /// <summary>The process, not the one that it was forked from.</summary>
    [DllImport(Library, EntryPoint = "nativeconv_process_id"), SuppressGCTransition]
    public static extern int ProcessId();

    /// <summary>The pool's threads are the operating system's: to start one allocates nothing managed.</summary>
    public static PoolThreads Threads => new() { Start = &StartThread, Join = &JoinThread, Sleep = &Sleep, Wake = &Wake };

    [DllImport(Library, EntryPoint = "nativeconv_thread_start")]
    private static extern int StartThread(delegate* unmanaged[Cdecl]<void*, void*> body, void* argument, nint* thread);

    [DllImport(Library, EntryPoint = "nativeconv_thread_join")]
    private static extern void JoinThread(nint thread);

    [DllImport(Library, EntryPoint = "nativeconv_thread_sleep")]
    private static extern void Sleep(nint thread, uint* word, uint value);

    [DllImport(Library, EntryPoint = "nativeconv_thread_wake"), SuppressGCTransition]
    private static extern void Wake(nint thread, uint* word);
}
