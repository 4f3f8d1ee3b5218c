using System.Runtime.InteropServices;

namespace NativeConv.Tests.Published;

/// <summary>nc_exec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NcExec
{
    public uint StructSize;
    public int NumThreads;
    public uint Flags;
    public uint Reserved;
    public double Alpha;
    public double Beta;
    public void* Addend;
    public void* Workspace;
    public nuint WorkspaceBytes;
    public void* PackedWeights;
    public nuint PackedBytes;
    public delegate* unmanaged[Cdecl]<void*, delegate* unmanaged[Cdecl]<void*, int, void>, void*, int, void> ParallelFor;
    public void* ParallelUser;

    /// <summary>NC_EXEC_INIT.</summary>
    public static NcExec Init => new() { StructSize = (uint)sizeof(NcExec) };
}
