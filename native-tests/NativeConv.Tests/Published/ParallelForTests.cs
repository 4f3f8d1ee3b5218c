using System.Runtime.InteropServices;
using Xunit;

namespace NativeConv.Tests.Published;

/// <summary>The caller's parallel_for, by function pointer.</summary>
public unsafe class ParallelForTests
{
    [Theory]
    [InlineData("serial", 2)]
    [InlineData("serial", 5)]
    [InlineData("backwards", 3)]
    [InlineData("twice", 3)]
    [InlineData("threads", 2)]
    [InlineData("threads", 8)]
    public void Gives_the_same_bits(string kind, int threads)
    {
        var tensors = CommonLayer.Tensors();
        using var plan = new NcPlan(CommonLayer.Descriptor);
        var log = new ParallelForLog { Skipped = -1 };
        var got = Results<float>.Published(plan, tensors, Exec(kind, threads, &log));
        got.MustEqual(CommonLayer.Expected(tensors), kind);
        Assert.InRange(log.LargestCount, 2, threads);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Serves_every_random_layer(int seed)
    {
        var log = new ParallelForLog { Skipped = -1 };
        BothEngines.Compare(seed, Exec("backwards", 4, &log));
        Assert.True(log.Calls > 0);
    }

    [Fact]
    public void Is_called_once_per_stage()
    {
        var t = CommonLayer.Tensors();
        var r = CommonLayer.Expected(t);
        using var plan = new NcPlan(CommonLayer.Descriptor);
        fixed (float* x = t.X, w = t.W, dy = t.Dy, y = r.Y, dx = r.Dx, dw = r.Dw, db = r.Db, out_ = r.Delta)
        {
            var log = new ParallelForLog { Skipped = -1 };
            var exec = Exec("serial", 2, &log);
            NcLibrary.Succeed(NcLibrary.Forward(plan.Kind)(plan.Pointer, x, w, null, out_, &exec), "forward");
            Assert.Equal(plan.Info(ConvPass.Forward).Stages, log.Calls);

            log.Calls = 0;
            NcLibrary.Succeed(NcLibrary.BackwardData(plan.Kind)(plan.Pointer, dy, w, y, dx, &exec), "backward_data");
            Assert.Equal(plan.Info(ConvPass.BackwardData).Stages, log.Calls);

            log.Calls = 0;
            NcLibrary.Succeed(NcLibrary.BackwardWeights(plan.Kind)(plan.Pointer, x, dy, y, dw, db, &exec), "backward_weights");
            Assert.Equal(plan.Info(ConvPass.BackwardWeights).Stages, log.Calls);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Gives_each_worker_a_slice_of_the_workspace_of_its_own(int threads)
    {
        var t = CommonLayer.Tensors();
        var r = CommonLayer.Expected(t);
        using var plan = new NcPlan(CommonLayer.Descriptor);
        foreach (var pass in Enum.GetValues<ConvPass>())
        {
            // Shared pieces first, then a slice for each worker; 63 bytes are room to align.
            var info = plan.Info(pass);
            Assert.True(info.WorkspacePerThread > 0);
            var log = new ParallelForLog { Skipped = -1, SliceBytes = (long)info.WorkspacePerThread };
            var exec = Exec("last alone", threads, &log);
            exec.WorkspaceBytes = plan.WorkspaceSize(pass, exec);
            exec.Workspace = NativeMemory.AlignedAlloc(exec.WorkspaceBytes, 64);
            log.Slices = (byte*)exec.Workspace + info.WorkspaceBytes - info.WorkspacePerThread - 63;
            var result = new float[Math.Max(t.X.Length, Math.Max(t.W.Length, t.Dy.Length))];
            fixed (float* x = t.X, w = t.W, dy = t.Dy, y = r.Y, out_ = result)
            {
                NcLibrary.Succeed(
                    pass switch
                    {
                        ConvPass.Forward => NcLibrary.Forward(plan.Kind)(plan.Pointer, x, w, null, out_, &exec),
                        ConvPass.BackwardData => NcLibrary.BackwardData(plan.Kind)(plan.Pointer, dy, w, y, out_, &exec),
                        _ => NcLibrary.BackwardWeights(plan.Kind)(plan.Pointer, x, dy, y, out_, null, &exec),
                    },
                    pass.ToString());
            }

            NativeMemory.AlignedFree(exec.Workspace);
            Assert.False(log.SlicesTouched, $"{pass}: the last worker wrote to a slice of another");
            Assert.InRange(log.LargestCount, 2, threads);
        }
    }

    [Fact]
    public void Is_not_called_with_one_thread()
    {
        var tensors = CommonLayer.Tensors();
        using var plan = new NcPlan(CommonLayer.Descriptor);
        var log = new ParallelForLog { Skipped = -1 };
        Results<float>.Published(plan, tensors, Exec("serial", 1, &log)).MustEqual(CommonLayer.Expected(tensors), "one thread");
        Assert.Equal(0, log.Calls);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void That_skips_an_index_is_an_error(int skipped)
    {
        var t = CommonLayer.Tensors();
        using var plan = new NcPlan(CommonLayer.Descriptor);
        var log = new ParallelForLog { Skipped = skipped };
        var exec = Exec("serial", 2, &log);
        fixed (float* x = t.X, w = t.W, y = t.OldY)
        {
            Assert.Equal(NcStatus.Parallel, NcLibrary.Forward(plan.Kind)(plan.Pointer, x, w, null, y, &exec));
            Assert.StartsWith("parallel_for: ", NcLibrary.LastError);

            // No stage comes after the one that failed. (A stage of one piece has no second index to skip.)
            Assert.Equal(1, log.Skips);
        }
    }

    private static NcExec Exec(string kind, int threads, ParallelForLog* log)
    {
        var exec = NcExec.Init;
        exec.NumThreads = threads;
        exec.ParallelFor = kind switch
        {
            "serial" => &ParallelFor.Serial,
            "backwards" => &ParallelFor.Backwards,
            "twice" => &ParallelFor.Twice,
            "last alone" => &ParallelFor.LastAlone,
            _ => &ParallelFor.Threads,
        };
        exec.ParallelUser = log;
        return exec;
    }
}
