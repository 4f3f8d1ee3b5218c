using System.Runtime.CompilerServices;

namespace NativeConv.Native;

/// <summary>What the functions of nativeconv.h do. Methods are not inlined: an export must not get their stack cookies.</summary>
internal static unsafe class Api
{
    /// <summary>The status of a call that threw: nothing but a defect of the library does.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Fail(Exception exception)
    {
        WriteLastError(exception is OutOfMemoryException ? "out of memory"u8 : "internal error"u8);
        return exception is OutOfMemoryException ? NcStatus.OutOfMemory : NcStatus.Internal;
    }

    private static void WriteLastError(ReadOnlySpan<byte> message)
    {
        Span<byte> buffer = new(Gate.LastError(), Gate.LastErrorBytes);
        message.CopyTo(buffer);
        buffer[message.Length] = 0;
    }

    private static int Unsupported()
    {
        WriteLastError("this build has no engine"u8);
        return NcStatus.Unsupported;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int SetNumThreads(int numThreads) => Unsupported();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int GetNumThreads() => 1;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void PlanDestroy(void* plan)
    {
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int ConvDescInit(NcConvDesc* desc, nuint descSize, int kind, int rank) => Unsupported();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int OutputShape(NcConvDesc* desc, long* shape) => Unsupported();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int DescribeTensor(NcConvDesc* desc, int tensor, NcTensor* info) => Unsupported();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int PlanCreate(NcConvDesc* desc, void** plan)
    {
        if (plan != null)
        {
            *plan = null;
        }
        return Unsupported();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int PlanPassInfo(void* plan, int pass, NcPassInfo* info) => Unsupported();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int WorkspaceSize(void* plan, int pass, NcExec* exec, nuint* bytes) => Unsupported();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int PackedWeightsSize(void* plan, int pass, nuint* bytes) => Unsupported();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int PackWeights(void* plan, int pass, void* w, void* packed, nuint packedBytes) => Unsupported();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Explain(void* plan, byte* buffer, nuint capacity, nuint* needed) => Unsupported();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int ConvForward(void* plan, void* x, void* w, void* bias, void* y, NcExec* exec) => Unsupported();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int ConvBackwardData(void* plan, void* dy, void* w, void* y, void* dx, NcExec* exec) => Unsupported();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int ConvBackwardWeights(void* plan, void* x, void* dy, void* y, void* dw, void* db, NcExec* exec) => Unsupported();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int DeconvForward(void* plan, void* x, void* w, void* bias, void* y, NcExec* exec) => Unsupported();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int DeconvBackwardData(void* plan, void* dy, void* w, void* y, void* dx, NcExec* exec) => Unsupported();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int DeconvBackwardWeights(void* plan, void* x, void* dy, void* y, void* dw, void* db, NcExec* exec) => Unsupported();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int ActivationBackward(void* plan, void* dy, void* y, void* delta, NcExec* exec) => Unsupported();
}
