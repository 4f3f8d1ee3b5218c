using System.Runtime.InteropServices;
using NativeConv.Engine;
using NativeConv.Planning;
using NativeConv.Problem;
using NativeConv.Threading;

namespace NativeConv.Native;

/// <summary>The buffers of one execution; which of them a function has depends on the function.</summary>
internal unsafe struct RunArguments
{
    public void* Plan;
    public Execution Execution;
    public void* X;
    public void* Dy;
    public void* Y;
    public void* W;
    public void* Bias;

    /// <summary>y, dx or delta.</summary>
    public void* Result;

    public void* Dw;
    public void* Db;
    public NcExec* Exec;
}

/// <summary>Checks one execution, and runs it.</summary>
internal static unsafe class Run
{
    /// <summary>An execution whose plan is alive and of the right kind.</summary>
    public static int Execute(RunArguments arguments, ref Message message)
    {
        var plan = (Plan*)arguments.Plan;
        var geometry = &plan->Geometry;
        var pass = arguments.Execution switch
        {
            Execution.Forward => ConvPass.Forward,
            Execution.BackwardWeights => ConvPass.BackwardWeights,
            _ => ConvPass.BackwardData,
        };
        int status;
        if ((status = Validate.Exec(arguments.Exec, out var exec, ref message)) != NcStatus.Ok
            || (status = Validate.Scalars(exec, arguments.Execution, geometry->Element, ref message)) != NcStatus.Ok
            || (status = Validate.Packed(exec, plan, pass, ref message)) != NcStatus.Ok)
        {
            return status;
        }

        var threads = Validate.Threads(exec);
        var isDelta = arguments.Execution == Execution.ActivationBackward;
        var passPlan = Engine.Plan.Pass(plan, pass);
        if (!isDelta && (status = Validate.Workspace(exec, passPlan, ref threads, ref message)) != NcStatus.Ok)
        {
            return status;
        }

        if ((status = Buffers(arguments, plan, exec, ref message)) != NcStatus.Ok)
        {
            return status;
        }

        threads = exec.ParallelFor == null && passPlan->IsSmall ? 1 : threads;
        var needed = isDelta ? 0 : PassWorkspace.Bytes(passPlan, threads, exec.PackedWeights != null).Value;
        var allocated = exec.Workspace == null && needed > 0 ? NativeMemory.Alloc((nuint)needed) : null;
        var start = (nuint)(allocated != null ? allocated : exec.Workspace) + (WorkspaceBook.Alignment - 1);
        var call = new CallArguments
        {
            X = arguments.X,
            Dy = arguments.Dy,
            Y = geometry->DeltaReadsY ? arguments.Y : null,
            W = arguments.W,
            Packed = exec.PackedWeights == null ? null : PackedBuffer.Weights(exec.PackedWeights),
            HasInfinite = exec.PackedWeights != null && !PackedBuffer.IsFinite(exec.PackedWeights),
            Bias = arguments.Bias,
            Result = arguments.Result,
            WeightGradient = arguments.Dw,
            BiasGradient = arguments.Db,
            Addend = Addend(arguments, exec),
            Alpha = exec.Alpha,
            Beta = exec.Beta,
            Workspace = (byte*)(start / WorkspaceBook.Alignment * WorkspaceBook.Alignment),
            Runner = new StageRunner
            {
                Threads = threads,
                ParallelFor = exec.ParallelFor,
                ParallelUser = exec.ParallelUser,
                EnterFloatingPoint = &Gate.EnterFloatingPoint,
                LeaveFloatingPoint = &Gate.LeaveFloatingPoint,
                ProcessId = Gate.ProcessId(),
                PoolThreads = Gate.Threads,
                FlushDenormals = (int)(exec.Flags & NcExecFlags.FlushDenormals),
            },
        };
        var mode = Gate.EnterFloatingPoint(call.Runner.FlushDenormals);
        var complete = isDelta ? Executor.RunDelta(plan, call) : Executor.Run(plan, pass, call);
        Gate.LeaveFloatingPoint(mode);
        NativeMemory.Free(allocated);
        if (!complete)
        {
            message.Add("parallel_for: returned before every index had run; the outputs are incomplete"u8);
            return NcStatus.Parallel;
        }

        return NcStatus.Ok;
    }

    /// <summary>What beta scales; the gradients of weights and bias are their own addends, whichever pointer says so.</summary>
    private static void* Addend(RunArguments arguments, in NcExec exec) => exec.Beta == 0 ? null
        : exec.Addend != null ? exec.Addend
        : arguments.Execution == Execution.BackwardWeights ? (arguments.Dw != null ? arguments.Dw : arguments.Db)
        : arguments.Result;

    private static int Buffers(RunArguments arguments, Plan* plan, in NcExec exec, ref Message message)
    {
        var geometry = &plan->Geometry;
        var list = new BufferList(geometry->ElementSize);
        var y = geometry->DeltaReadsY ? geometry->OutputElements : 0;
        switch (arguments.Execution)
        {
            case Execution.Forward:
                list.Input(arguments.X, geometry->InputElements, "x"u8, ref message);
                list.Input(arguments.W, Weights(geometry, exec), "w"u8, ref message);
                list.Input(arguments.Bias, arguments.Bias == null || geometry->Batch == 0 ? 0 : geometry->OutChannels, "bias"u8, ref message);
                Result(ref list, arguments, exec, geometry->OutputElements, "y"u8, ref message);
                break;
            case Execution.BackwardData:
                list.Input(arguments.Dy, geometry->OutputElements, "dy"u8, ref message);
                list.Input(arguments.W, Weights(geometry, exec), "w"u8, ref message);
                list.Input(arguments.Y, y, "y"u8, ref message);
                Result(ref list, arguments, exec, geometry->InputElements, "dx"u8, ref message);
                break;
            case Execution.BackwardWeights:
                if (arguments.Dw == null && arguments.Db == null)
                {
                    message.Add("dw: NULL, and so is db; expected one of them at least"u8);
                    return NcStatus.NullPointer;
                }

                list.Input(arguments.X, arguments.Dw == null ? 0 : geometry->InputElements, "x"u8, ref message);
                list.Input(arguments.Dy, geometry->OutputElements, "dy"u8, ref message);
                list.Input(arguments.Y, y, "y"u8, ref message);
                list.Output(arguments.Dw, arguments.Dw == null ? 0 : geometry->WeightElements, "dw"u8, ref message);
                list.Output(arguments.Db, arguments.Db == null ? 0 : geometry->OutChannels, "db"u8, ref message);
                break;
            default:
                list.Input(arguments.Dy, geometry->OutputElements, "dy"u8, ref message);
                list.Input(arguments.Y, y, "y"u8, ref message);
                list.Output(arguments.Result, geometry->OutputElements, "delta"u8, ref message);
                break;
        }

        list.Bytes((void*)exec.PackedWeights, exec.PackedWeights == null ? 0 : exec.PackedBytes, written: false, "packed_weights"u8, ref message);
        list.Bytes(exec.Workspace, exec.WorkspaceBytes, written: true, "workspace"u8, ref message);
        return list.Status;
    }

    /// <summary>w is not read if it is packed, or if there is nothing to do.</summary>
    private static long Weights(ConvGeometry* geometry, in NcExec exec) =>
        exec.PackedWeights != null || geometry->Batch == 0 ? 0 : geometry->WeightElements;

    /// <summary>y or dx, and its addend, which may be the output itself.</summary>
    private static void Result(ref BufferList list, RunArguments arguments, in NcExec exec, long elements, scoped ReadOnlySpan<byte> name, ref Message message)
    {
        if (exec.Beta != 0 && exec.Addend != null && exec.Addend != arguments.Result)
        {
            list.Input(exec.Addend, elements, "addend"u8, ref message);
        }

        list.Output(arguments.Result, elements, name, ref message);
    }
}
