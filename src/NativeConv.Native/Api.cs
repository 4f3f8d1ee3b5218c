using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NativeConv.Engine;
using NativeConv.Planning;
using NativeConv.Problem;
using NativeConv.Threading;

namespace NativeConv.Native;

/// <summary>
/// What the functions of nativeconv.h do, in its order: check, work, and the status with its message. Methods are not inlined: an export must not get
/// their stack cookies.
/// </summary>
internal static unsafe class Api
{
    // Messages are cut where the thread's last error is.
    private const int MessageBytes = Gate.LastErrorBytes;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int SetNumThreads(int numThreads)
    {
        if (numThreads < 0)
        {
            return LastError.Set(NcStatus.InvalidArgument, "num_threads: negative; expected >= 1, or 0 for the cores that this process may use"u8);
        }

        // 0 means what the machine has, whatever the environment said.
        Settings.NumThreads = numThreads == 0 ? Environment.ProcessorCount : numThreads;
        if (Settings.NumThreads == 1)
        {
            WorkerPool.Stop(Gate.ProcessId());
        }

        return NcStatus.Ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int GetNumThreads() => Settings.NumThreads;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int ConvDescInit(NcConvDesc* desc, nuint descSize, int kind, int rank)
    {
        var message = new Message(stackalloc byte[MessageBytes]);
        var status = DescriptorWriter.Init(desc, descSize, kind, rank, ref message);
        return status == NcStatus.Ok ? status : LastError.Set(status, message);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int OutputShape(NcConvDesc* desc, long* shape)
    {
        var message = new Message(stackalloc byte[MessageBytes]);
        if (shape == null)
        {
            return LastError.Set(Validate.Null(ref message, "shape"u8), message);
        }

        var status = DescriptorReader.TryRead(desc, out ConvGeometry geometry, ref message);
        if (status != NcStatus.Ok)
        {
            return LastError.Set(status, message);
        }

        for (var axis = 0; axis < Axes.Count; axis++)
        {
            shape[axis] = axis < geometry.Rank ? geometry.Output[Axes.Count - geometry.Rank + axis] : 1;
        }

        return NcStatus.Ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int DescribeTensor(NcConvDesc* desc, int tensor, NcTensor* info)
    {
        var message = new Message(stackalloc byte[MessageBytes]);
        var status = DescriptorWriter.DescribeTensor(desc, tensor, info, ref message);
        return status == NcStatus.Ok ? status : LastError.Set(status, message);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int PlanCreate(NcConvDesc* desc, void** plan)
    {
        var message = new Message(stackalloc byte[MessageBytes]);
        if (plan == null)
        {
            return LastError.Set(Validate.Null(ref message, "plan"u8), message);
        }

        *plan = null;
        int status;
        if ((status = DescriptorReader.TryRead(desc, out ConvDescriptor descriptor, ref message)) != NcStatus.Ok
            || (status = Settings.TryGetPlanOptions(out var options, ref message)) != NcStatus.Ok
            || (status = DescriptorReader.Status(Planner.Create(descriptor, options, out var made, ref message))) != NcStatus.Ok)
        {
            return LastError.Set(status, message);
        }

        *plan = made;
        return NcStatus.Ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void PlanDestroy(void* plan)
    {
        var message = new Message(stackalloc byte[MessageBytes]);
        if (plan == null)
        {
            return;
        }

        var status = Validate.Plan(plan, ref message);
        if (status == NcStatus.Ok)
        {
            Planner.Destroy((Plan*)plan);
        }
        else
        {
            LastError.Set(status, message);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int PlanPassInfo(void* plan, int pass, NcPassInfo* info)
    {
        var message = new Message(stackalloc byte[MessageBytes]);
        int status;
        if ((status = Validate.Plan(plan, ref message)) != NcStatus.Ok
            || (status = Validate.Pass(pass, ref message)) != NcStatus.Ok
            || (status = PlanQueries.PassInfo((Plan*)plan, (ConvPass)pass, info, ref message)) != NcStatus.Ok)
        {
            return LastError.Set(status, message);
        }

        return NcStatus.Ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int WorkspaceSize(void* plan, int pass, NcExec* exec, nuint* bytes)
    {
        var message = new Message(stackalloc byte[MessageBytes]);
        int status;
        if ((status = Validate.Plan(plan, ref message)) != NcStatus.Ok
            || (status = Validate.Pass(pass, ref message)) != NcStatus.Ok
            || (status = bytes == null ? Validate.Null(ref message, "bytes"u8) : NcStatus.Ok) != NcStatus.Ok
            || (status = PlanQueries.WorkspaceSize((Plan*)plan, (ConvPass)pass, exec, bytes, ref message)) != NcStatus.Ok)
        {
            return LastError.Set(status, message);
        }

        return NcStatus.Ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int PackedWeightsSize(void* plan, int pass, nuint* bytes)
    {
        var message = new Message(stackalloc byte[MessageBytes]);
        int status;
        if ((status = Validate.Plan(plan, ref message)) != NcStatus.Ok
            || (status = Validate.PackingPass(pass, ref message)) != NcStatus.Ok
            || (status = bytes == null ? Validate.Null(ref message, "bytes"u8) : NcStatus.Ok) != NcStatus.Ok)
        {
            return LastError.Set(status, message);
        }

        *bytes = (nuint)PackedBuffer.Bytes(Plan.Pass((Plan*)plan, (ConvPass)pass));
        return NcStatus.Ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int PackWeights(void* plan, int pass, void* w, void* packed, nuint packedBytes)
    {
        var message = new Message(stackalloc byte[MessageBytes]);
        int status;
        if ((status = Validate.Plan(plan, ref message)) != NcStatus.Ok
            || (status = Validate.PackingPass(pass, ref message)) != NcStatus.Ok
            || (status = PlanQueries.CheckPacking((Plan*)plan, (ConvPass)pass, w, packed, packedBytes, ref message)) != NcStatus.Ok)
        {
            return LastError.Set(status, message);
        }

        PackedBuffer.Write((Plan*)plan, (ConvPass)pass, w, packed);
        return NcStatus.Ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Explain(void* plan, byte* buffer, nuint capacity, nuint* needed)
    {
        var message = new Message(stackalloc byte[MessageBytes]);
        int status;
        if ((status = Validate.Plan(plan, ref message)) != NcStatus.Ok
            || (status = buffer == null && capacity != 0 ? Validate.Null(ref message, "buffer"u8) : NcStatus.Ok) != NcStatus.Ok)
        {
            return LastError.Set(status, message);
        }

        var text = new Message(new Span<byte>(buffer, (int)nuint.Min(capacity, int.MaxValue)));
        Explanation.Write((Plan*)plan, MemoryMarshal.CreateReadOnlySpanFromNullTerminated(Gate.Process()->IsaNote), ref text);
        if (needed != null)
        {
            *needed = (nuint)text.Length + 1;
        }

        return NcStatus.Ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int ConvForward(void* plan, void* x, void* w, void* bias, void* y, NcExec* exec) => Execute(
        ConvKind.Conv, new RunArguments { Plan = plan, Execution = Execution.Forward, X = x, W = w, Bias = bias, Result = y, Exec = exec });

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int ConvBackwardData(void* plan, void* dy, void* w, void* y, void* dx, NcExec* exec) => Execute(
        ConvKind.Conv, new RunArguments { Plan = plan, Execution = Execution.BackwardData, Dy = dy, W = w, Y = y, Result = dx, Exec = exec });

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int ConvBackwardWeights(void* plan, void* x, void* dy, void* y, void* dw, void* db, NcExec* exec) => Execute(
        ConvKind.Conv, new RunArguments { Plan = plan, Execution = Execution.BackwardWeights, X = x, Dy = dy, Y = y, Dw = dw, Db = db, Exec = exec });

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int DeconvForward(void* plan, void* x, void* w, void* bias, void* y, NcExec* exec) => Execute(
        ConvKind.Deconv, new RunArguments { Plan = plan, Execution = Execution.Forward, X = x, W = w, Bias = bias, Result = y, Exec = exec });

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int DeconvBackwardData(void* plan, void* dy, void* w, void* y, void* dx, NcExec* exec) => Execute(
        ConvKind.Deconv, new RunArguments { Plan = plan, Execution = Execution.BackwardData, Dy = dy, W = w, Y = y, Result = dx, Exec = exec });

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int DeconvBackwardWeights(void* plan, void* x, void* dy, void* y, void* dw, void* db, NcExec* exec) => Execute(
        ConvKind.Deconv, new RunArguments { Plan = plan, Execution = Execution.BackwardWeights, X = x, Dy = dy, Y = y, Dw = dw, Db = db, Exec = exec });

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int ActivationBackward(void* plan, void* dy, void* y, void* delta, NcExec* exec) => Execute(
        kind: null, new RunArguments { Plan = plan, Execution = Execution.ActivationBackward, Dy = dy, Y = y, Result = delta, Exec = exec });

    private static int Execute(ConvKind? kind, RunArguments arguments)
    {
        var message = new Message(stackalloc byte[MessageBytes]);
        var status = kind is { } expected ? Validate.Plan(arguments.Plan, expected, ref message) : Validate.Plan(arguments.Plan, ref message);
        if (status != NcStatus.Ok || (status = Run.Execute(arguments, ref message)) != NcStatus.Ok)
        {
            return LastError.Set(status, message);
        }

        return NcStatus.Ok;
    }
}
