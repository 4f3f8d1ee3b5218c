using Xunit;

namespace NativeConv.Tests.Published;

/// <summary>Each wrong argument of a call: status, a message that begins with the argument, and an output as it was.</summary>
public unsafe class CallMessageTests
{
    [Fact]
    public void Names_a_missing_tensor()
    {
        MustRefuse("plan", NcStatus.NullPointer, (plan, x, w, y, exec) => NcLibrary.Forward(ConvKind.Conv)(null, x, w, null, y, exec));
        MustRefuse("x", NcStatus.NullPointer, (plan, x, w, y, exec) => NcLibrary.Forward(ConvKind.Conv)(plan, null, w, null, y, exec));
        MustRefuse("w", NcStatus.NullPointer, (plan, x, w, y, exec) => NcLibrary.Forward(ConvKind.Conv)(plan, x, null, null, y, exec));
        MustRefuse("y", NcStatus.NullPointer, (plan, x, w, y, exec) => NcLibrary.Forward(ConvKind.Conv)(plan, x, w, null, null, exec));
        MustRefuse("dw", NcStatus.NullPointer, (plan, x, w, y, exec) => NcLibrary.BackwardWeights(ConvKind.Conv)(plan, x, y, y, null, null, exec));
    }

    [Fact]
    public void Names_the_plan_of_the_wrong_kind() =>
        MustRefuse("plan", NcStatus.InvalidArgument, (plan, x, w, y, exec) => NcLibrary.Forward(ConvKind.Deconv)(plan, x, w, null, y, exec));

    [Fact]
    public void Names_a_misaligned_tensor() =>
        MustRefuse("x", NcStatus.InvalidArgument, (plan, x, w, y, exec) => NcLibrary.Forward(ConvKind.Conv)(plan, (byte*)x + 1, w, null, y, exec));

    [Fact]
    public void Names_an_output_that_overlaps() =>
        MustRefuse("y", NcStatus.Overlap, (plan, x, w, y, exec) => NcLibrary.Forward(ConvKind.Conv)(plan, y, w, null, y, exec));

    [Fact]
    public void Names_the_field_of_exec()
    {
        MustRefuse("struct_size", NcStatus.InvalidArgument, NcExec.Init with { StructSize = 87 });
        MustRefuse("num_threads", NcStatus.InvalidArgument, NcExec.Init with { NumThreads = -1 });
        MustRefuse("flags", NcStatus.InvalidArgument, NcExec.Init with { Flags = 2 });
        MustRefuse("reserved", NcStatus.InvalidArgument, NcExec.Init with { Reserved = 1 });
        MustRefuse("alpha", NcStatus.InvalidArgument, NcExec.Init with { Alpha = 2 });
        MustRefuse("alpha", NcStatus.InvalidArgument, NcExec.Init with { Alpha = double.NaN });
        MustRefuse("beta", NcStatus.InvalidArgument, NcExec.Init with { Beta = 1e39 });
        MustRefuse("workspace", NcStatus.NullPointer, NcExec.Init with { WorkspaceBytes = 1 });
        MustRefuse("packed_weights", NcStatus.NullPointer, NcExec.Init with { PackedBytes = 1 });
    }

    private delegate NcStatus Call(void* plan, float* x, float* w, float* y, NcExec* exec);

    private static void MustRefuse(string argument, NcStatus expected, NcExec wrong) => MustRefuse(argument, expected, (plan, x, w, y, exec) =>
    {
        *exec = wrong;
        return NcLibrary.Forward(ConvKind.Conv)(plan, x, w, null, y, exec);
    });

    private static void MustRefuse(string argument, NcStatus expected, Call call)
    {
        var t = CommonLayer.Tensors();
        float[] output = [.. t.OldY];
        using var plan = new NcPlan(CommonLayer.Descriptor);
        var defaults = NcExec.Init;
        fixed (float* x = t.X, w = t.W, y = output)
        {
            Assert.Equal(expected, call(plan.Pointer, x, w, y, &defaults));
        }

        Assert.StartsWith(argument + ": ", NcLibrary.LastError);
        Results<float>.MustEqual(t.OldY, output, "y");
    }
}
