using System.Runtime.InteropServices;

namespace NativeConv.Tests.Published;

/// <summary>nc_pass_info.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NcPassInfo
{
    public uint StructSize;
    public int Stages;
    public double Flops;
    public ulong WorkspaceBytes;
    public ulong WorkspacePerThread;
    public ulong PackedBytes;
    public ulong PackedId;
    public fixed byte Algorithm[32];

    public string AlgorithmName
    {
        get
        {
            fixed (byte* name = Algorithm)
            {
                return Marshal.PtrToStringUTF8((nint)name)!;
            }
        }
    }
}
