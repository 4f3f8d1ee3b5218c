#nullable enable
using System;
using System.Runtime.InteropServices;

namespace NativeConv.Interop
{
    /// <summary>nc_conv_desc of nativeconv.h, the manual: a layer. <see cref="Layer"/> fills one in.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct NcConvDesc
    {
        public uint StructSize;
        public int Kind;
        public int Rank;
        public int Dtype;
        public int WDtype;
        public int Layout;
        public int Activation;
        public int GradientRule;
        public int Algorithm;
        public uint Flags;
        public double ActivationAlpha;
        public double ActivationBeta;
        public long WorkspaceLimit;
        public long Batch;
        public long InChannels;
        public long OutChannels;
        public long Groups;
        public fixed long Input[3];
        public fixed long Kernel[3];
        public fixed long Stride[3];
        public fixed long Dilation[3];
        public fixed long PadBegin[3];
        public fixed long PadEnd[3];
        public fixed long OutputPadding[3];
        public fixed long XStrides[5];
        public fixed long YStrides[5];
        public fixed long DxStrides[5];
        public fixed long DyStrides[5];
    }

    /// <summary>nc_tensor: what nc_describe_tensor writes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct NcTensor
    {
        public uint StructSize;
        public int Ndim;
        public fixed long Shape[5];
        public fixed long Strides[5];
        public ulong BytesBefore;
        public ulong Bytes;
    }

    /// <summary>nc_pass_info: what a pass does and costs.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct NcPassInfo
    {
        public uint StructSize;
        public int Stages;
        public double Flops;
        public ulong WorkspaceBytes;
        public ulong WorkspacePerThread;
        public ulong PackedBytes;
        public ulong PackedId;
        public fixed byte Algorithm[32];

        /// <summary>The algorithm's name.</summary>
        public string AlgorithmName
        {
            get
            {
                fixed (byte* name = Algorithm)
                {
                    return Text.Of(name);
                }
            }
        }
    }

    /// <summary>nc_exec: how to run one call.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct NcExec
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
        public IntPtr ParallelFor;
        public void* ParallelUser;
    }

    /// <summary>nc_task_fn.</summary>
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public unsafe delegate void NcTaskFn(void* task, int index);

    /// <summary>nc_parallel_for_fn; fn is an <see cref="NcTaskFn"/>.</summary>
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public unsafe delegate void NcParallelForFn(void* user, IntPtr fn, void* task, int count);
}
