using NativeConv.Engine;
using NativeConv.Kernels.Lanes;
using NativeConv.Planning;
using NativeConv.Problem;

namespace NativeConv.Native;

/// <summary>One function of the ABI that executes a plan.</summary>
internal enum Execution
{
    Forward,
    BackwardData,
    BackwardWeights,
    ActivationBackward,
}

/// <summary>Checks the arguments of calls and writes what is wrong: field, what came, what was expected. Never throws, touches no buffer.</summary>
internal static unsafe class Validate
{
    /// <summary>sizeof(nc_exec) in version 1 of the ABI.</summary>
    public const uint ExecVersionOneSize = 88;

    /// <summary>A living plan.</summary>
    public static int Plan(void* plan, ref Message message)
    {
        if (plan == null)
        {
            return Null(ref message, "plan"u8);
        }

        if ((nuint)plan % sizeof(ulong) != 0 || ((Plan*)plan)->Magic != Engine.Plan.Alive)
        {
            message.Add("plan: not a plan, or destroyed"u8);
            return NcStatus.InvalidArgument;
        }

        return NcStatus.Ok;
    }

    /// <summary>A living plan of the kind that the function's name says.</summary>
    public static int Plan(void* plan, ConvKind kind, ref Message message)
    {
        var status = Plan(plan, ref message);
        if (status == NcStatus.Ok && ((Plan*)plan)->Geometry.Kind != kind)
        {
            message.Add("plan: of kind "u8);
            message.Add(kind == ConvKind.Conv ? "NC_DECONV; nc_conv_* functions expect NC_CONV"u8 : "NC_CONV; nc_deconv_* functions expect NC_DECONV"u8);
            return NcStatus.InvalidArgument;
        }

        return status;
    }

    /// <summary>NC_FORWARD, NC_BACKWARD_DATA or NC_BACKWARD_WEIGHTS.</summary>
    public static int Pass(int pass, ref Message message)
    {
        if (pass is >= NcPass.Forward and <= NcPass.BackwardWeights)
        {
            return NcStatus.Ok;
        }

        return Field(ref message, "pass"u8, pass, "expected 0 (forward), 1 (backward_data) or 2 (backward_weights)"u8);
    }

    /// <summary>A pass that has packed weights.</summary>
    public static int PackingPass(int pass, ref Message message)
    {
        if (pass == NcPass.BackwardWeights)
        {
            return Field(ref message, "pass"u8, pass, "backward_weights reads no weights, expected 0 (forward) or 1 (backward_data)"u8);
        }

        return Pass(pass, ref message);
    }

    /// <summary>Reads exec; NULL means all defaults. What depends on the pass or the buffers is not looked at.</summary>
    public static int Exec(NcExec* exec, out NcExec copy, ref Message message)
    {
        copy = default;
        if (exec == null)
        {
            return NcStatus.Ok;
        }

        var status = StructReader.TryRead(exec, ExecVersionOneSize, "exec"u8, out copy, ref message);
        if (status != NcStatus.Ok)
        {
            return status;
        }

        if (copy.NumThreads < 0)
        {
            return Field(ref message, "num_threads"u8, copy.NumThreads, "expected >= 1, or 0 for nc_get_num_threads()"u8);
        }

        if ((copy.Flags & ~NcExecFlags.FlushDenormals) != 0)
        {
            return Field(ref message, "flags"u8, copy.Flags, "expected 0 or NC_EXEC_FLUSH_DENORMALS (1)"u8);
        }

        return copy.Reserved != 0 ? Field(ref message, "reserved"u8, copy.Reserved, "expected 0"u8) : NcStatus.Ok;
    }

    /// <summary>Workers that a call may have.</summary>
    public static int Threads(in NcExec exec) =>
        Math.Min(exec.NumThreads == 0 ? Settings.NumThreads : exec.NumThreads, Settings.MostThreads);

    /// <summary>alpha, beta and addend, as far as the function takes them.</summary>
    public static int Scalars(in NcExec exec, Execution execution, ElementType element, ref Message message)
    {
        if (!IsFinite(exec.Alpha, element))
        {
            return Field(ref message, "alpha"u8, exec.Alpha, "expected a number that is finite in the layer's type"u8);
        }

        if (!IsFinite(exec.Beta, element))
        {
            return Field(ref message, "beta"u8, exec.Beta, "expected a number that is finite in the layer's type"u8);
        }

        if (execution is Execution.Forward or Execution.ActivationBackward && exec.Alpha is not (0 or 1))
        {
            return Field(ref message, "alpha"u8, exec.Alpha, "only backward_data and backward_weights scale: expected 0 or 1"u8);
        }

        if (execution == Execution.ActivationBackward && exec.Beta != 0)
        {
            return Field(ref message, "beta"u8, exec.Beta, "nc_activation_backward adds nothing: expected 0"u8);
        }

        if (execution is Execution.BackwardWeights or Execution.ActivationBackward)
        {
            if (exec.Addend != null)
            {
                message.Add("addend: set; only forward and backward_data have one, expected NULL"u8);
                return NcStatus.InvalidArgument;
            }

            if (exec.PackedWeights != null)
            {
                message.Add("packed_weights: set; only forward and backward_data read weights, expected NULL"u8);
                return NcStatus.InvalidArgument;
            }
        }

        return NcStatus.Ok;
    }

    /// <summary>Workspace for one thread at least, or none given at all; and how many threads it is enough for.</summary>
    public static int Workspace(in NcExec exec, PassPlan* pass, ref int threads, ref Message message)
    {
        var packed = exec.PackedWeights != null;
        if (exec.Workspace == null)
        {
            if (exec.WorkspaceBytes != 0)
            {
                message.Add("workspace: NULL, but workspace_bytes is "u8);
                message.Add((long)exec.WorkspaceBytes);
                return NcStatus.NullPointer;
            }

            return NcStatus.Ok;
        }

        var one = PassWorkspace.Bytes(pass, 1, packed).Value;
        if (exec.WorkspaceBytes < (nuint)one)
        {
            message.Add("workspace_bytes: "u8);
            message.Add((long)exec.WorkspaceBytes);
            message.Add("; one thread needs "u8);
            message.Add(one);
            return NcStatus.Workspace;
        }

        if (pass->WorkerBytes > 0)
        {
            var further = (exec.WorkspaceBytes - (nuint)one) / (nuint)pass->WorkerBytes;
            threads = further + 1 < (nuint)threads ? (int)further + 1 : threads;
        }

        return NcStatus.Ok;
    }

    /// <summary>Packed weights of this very pass.</summary>
    public static int Packed(in NcExec exec, Plan* plan, ConvPass pass, ref Message message)
    {
        if (exec.PackedWeights == null)
        {
            if (exec.PackedBytes != 0)
            {
                message.Add("packed_weights: NULL, but packed_bytes is "u8);
                message.Add((long)exec.PackedBytes);
                return NcStatus.NullPointer;
            }

            return NcStatus.Ok;
        }

        var expected = PackedBuffer.Bytes(Engine.Plan.Pass(plan, pass));
        if (exec.PackedBytes < expected)
        {
            message.Add("packed_bytes: "u8);
            message.Add((long)exec.PackedBytes);
            message.Add("; this pass's packed weights have "u8);
            message.Add((long)expected);
            return NcStatus.InvalidArgument;
        }

        if ((nuint)exec.PackedWeights % (nuint)plan->Geometry.ElementSize != 0)
        {
            return Misaligned(ref message, "packed_weights"u8, plan->Geometry.ElementSize);
        }

        if (!PackedBuffer.IsFor(plan, pass, exec.PackedWeights))
        {
            message.Add("packed_weights: packed for another layer, pass, instruction set or version, or not by nc_pack_weights"u8);
            return NcStatus.InvalidArgument;
        }

        return NcStatus.Ok;
    }

    public static int Null(ref Message message, scoped ReadOnlySpan<byte> name)
    {
        message.Add(name);
        message.Add(": NULL"u8);
        return NcStatus.NullPointer;
    }

    public static int Misaligned(ref Message message, scoped ReadOnlySpan<byte> name, int elementSize)
    {
        message.Add(name);
        message.Add(": the pointer is not aligned to its element's "u8);
        message.Add(elementSize);
        message.Add(" bytes"u8);
        return NcStatus.InvalidArgument;
    }

    private static bool IsFinite(double value, ElementType element) =>
        element == ElementType.Float64 ? double.IsFinite(LaneConstants<double>.From(value)) : float.IsFinite(LaneConstants<float>.From(value));

    private static int Field(ref Message message, scoped ReadOnlySpan<byte> field, long value, scoped ReadOnlySpan<byte> expected)
    {
        message.AddField(field, value, expected);
        return NcStatus.InvalidArgument;
    }

    private static int Field(ref Message message, scoped ReadOnlySpan<byte> field, double value, scoped ReadOnlySpan<byte> expected)
    {
        message.AddField(field, value, expected);
        return NcStatus.InvalidArgument;
    }
}
