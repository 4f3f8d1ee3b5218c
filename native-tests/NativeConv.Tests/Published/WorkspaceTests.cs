using System.Runtime.InteropServices;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Published;

/// <summary>The caller's workspace.</summary>
public unsafe class WorkspaceTests
{
    [Theory]
    [InlineData(ConvPass.Forward)]
    [InlineData(ConvPass.BackwardData)]
    [InlineData(ConvPass.BackwardWeights)]
    public void Its_size_is_what_pass_info_says(ConvPass pass)
    {
        using var plan = new NcPlan(CommonLayer.Descriptor);
        var info = plan.Info(pass);
        for (var threads = 1; threads <= 5; threads++)
        {
            var expected = info.WorkspaceBytes + ((ulong)(threads - 1) * info.WorkspacePerThread);
            Assert.Equal(expected, plan.WorkspaceSize(pass, NcExec.Init with { NumThreads = threads }));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    public void Any_alignment_and_any_content_will_do(int misalignment)
    {
        var t = CommonLayer.Tensors();
        using var plan = new NcPlan(CommonLayer.Descriptor);
        var expected = new float[t.OldY.Length];
        var got = new float[t.OldY.Length];
        var bytes = plan.WorkspaceSize(ConvPass.Forward, NcExec.Init with { NumThreads = 1 });
        var memory = (byte*)NativeMemory.AlignedAlloc(bytes + 64, 64);
        NativeMemory.Fill(memory, bytes + 64, 0xFF);
        fixed (float* x = t.X, w = t.W, y = got, reference = expected)
        {
            NcLibrary.Succeed(NcLibrary.Forward(plan.Kind)(plan.Pointer, x, w, null, reference, null), "forward");
            var exec = NcExec.Init with { NumThreads = 1, Workspace = memory + misalignment, WorkspaceBytes = bytes };
            NcLibrary.Succeed(NcLibrary.Forward(plan.Kind)(plan.Pointer, x, w, null, y, &exec), "forward");
        }

        var around = new Span<byte>(memory, misalignment).ToArray().Concat(new Span<byte>(memory + misalignment + bytes, 64 - misalignment).ToArray());
        NativeMemory.AlignedFree(memory);
        Results<float>.MustEqual(expected, got, "y");
        Assert.All(around, value => Assert.Equal(0xFF, value));
    }

    /// <summary>What a call allocates for its own length is freed: of as much as this many calls would leave behind, less than half is there.</summary>
    [Fact]
    public void That_the_library_allocates_is_freed()
    {
        const int Calls = 150;
        var layer = Layer.Conv(1, 28, 1).Input(128, 128).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1).Descriptor;
        using var plan = new NcPlan(layer);
        var exec = NcExec.Init with { NumThreads = 1 };
        var bytes = (long)plan.WorkspaceSize(ConvPass.Forward, exec);
        Assert.InRange(bytes, 1 << 20, 1 << 23);
        fixed (float* x = new float[28 * 128 * 128], w = new float[28 * 9], result = new float[128 * 128])
        {
            var before = Resident();
            for (var i = 0; i < Calls; i++)
            {
                NcLibrary.Succeed(NcLibrary.Forward(plan.Kind)(plan.Pointer, x, w, null, result, &exec), "forward");
            }

            Assert.InRange(Resident() - before, long.MinValue, Calls * bytes / 2);
        }
    }

    [Fact]
    public void One_byte_too_small_is_refused_and_touches_nothing()
    {
        var t = CommonLayer.Tensors();
        using var plan = new NcPlan(CommonLayer.Descriptor);
        var bytes = plan.WorkspaceSize(ConvPass.Forward, NcExec.Init with { NumThreads = 1 });
        var workspace = new byte[bytes];
        float[] y = [.. t.OldY];
        fixed (float* x = t.X, w = t.W, result = y)
        fixed (byte* memory = workspace)
        {
            var exec = NcExec.Init with { NumThreads = 1, Workspace = memory, WorkspaceBytes = bytes - 1 };
            Assert.Equal(NcStatus.Workspace, NcLibrary.Forward(plan.Kind)(plan.Pointer, x, w, null, result, &exec));
            Assert.Equal($"workspace_bytes: {bytes - 1}; one thread needs {bytes}", NcLibrary.LastError);
        }

        Results<float>.MustEqual(t.OldY, y, "y");
        Assert.All(workspace, value => Assert.Equal(0, value));
    }

    /// <summary>Bytes of memory that this process has, as the system counts them.</summary>
    private static long Resident() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) * Environment.SystemPageSize;
}
