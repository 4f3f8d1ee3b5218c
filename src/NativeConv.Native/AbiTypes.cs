using System.Runtime.InteropServices;

namespace NativeConv.Native;

/// <summary>What a call returns: 0 is success, errors are negative. The values of nativeconv.h, pinned.</summary>
internal static class NcStatus
{
    public const int Ok = 0;
    public const int NullPointer = -1;
    public const int InvalidArgument = -2;
    public const int InvalidShape = -3;
    public const int Overflow = -4;
    public const int Unsupported = -5;
    public const int Workspace = -6;
    public const int Overlap = -7;
    public const int OutOfMemory = -8;
    public const int Parallel = -9;
    public const int Internal = -99;
}

/// <summary>nc_conv_desc.kind.</summary>
internal static class NcKind
{
    public const int Conv = 0;
    public const int Deconv = 1;
}

/// <summary>nc_conv_desc.dtype and w_dtype; 0 has the default that the header gives.</summary>
internal static class NcType
{
    public const int F32 = 1;
    public const int F64 = 2;
    public const int F16 = 3;
    public const int BF16 = 4;
}

/// <summary>nc_conv_desc.layout.</summary>
internal static class NcLayout
{
    public const int ChannelsFirst = 0;
    public const int ChannelsLast = 1;
}

/// <summary>nc_conv_desc.activation.</summary>
internal static class NcActivation
{
    public const int Identity = 0;
    public const int Relu = 1;
    public const int LeakyRelu = 2;
    public const int Clip = 3;
    public const int Sigmoid = 4;
    public const int Tanh = 5;
    public const int Elu = 6;
}

/// <summary>nc_conv_desc.gradient_rule.</summary>
internal static class NcRule
{
    public const int Backprop = 0;
    public const int Deconvnet = 1;
    public const int Guided = 2;
}

/// <summary>The pass argument of the plan queries and of packing.</summary>
internal static class NcPass
{
    public const int Forward = 0;
    public const int BackwardData = 1;
    public const int BackwardWeights = 2;
}

/// <summary>nc_conv_desc.algorithm.</summary>
internal static class NcAlgorithm
{
    public const int Auto = 0;
    public const int Direct = 1;
}

/// <summary>The tensor argument of nc_describe_tensor.</summary>
internal static class NcTensorId
{
    public const int X = 0;
    public const int W = 1;
    public const int Bias = 2;
    public const int Y = 3;
    public const int DX = 4;
    public const int DY = 5;
}

/// <summary>nc_exec.flags.</summary>
internal static class NcExecFlags
{
    public const uint FlushDenormals = 1;
}

/// <summary>
/// nc_conv_desc: a layer as its caller describes it. 424 bytes, no padding; the header says what each field means.
/// It has fixed buffers, so an exported method may hold a pointer to one, never one itself (see README.md).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NcConvDesc
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
    public fixed long DXStrides[5];
    public fixed long DYStrides[5];
}

/// <summary>nc_exec: how to run one call. 88 bytes, no padding.</summary>
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

    /// <summary>(user, fn, task, count): calls fn(task, i) once for every i below count, and returns when all are done.</summary>
    public delegate* unmanaged[Cdecl]<void*, delegate* unmanaged[Cdecl]<void*, int, void>, void*, int, void> ParallelFor;
    public void* ParallelUser;
}

/// <summary>nc_tensor: what nc_describe_tensor writes. 104 bytes, no padding.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NcTensor
{
    public uint StructSize;
    public int Ndim;
    public fixed long Shape[5];
    public fixed long Strides[5];
    public ulong BytesBefore;
    public ulong Bytes;
}

/// <summary>nc_pass_info: what nc_plan_pass_info writes. 80 bytes, no padding.</summary>
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

    /// <summary>A name from nc_explain, terminated.</summary>
    public fixed byte Algorithm[32];
}
