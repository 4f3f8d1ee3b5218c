using Xunit;

namespace NativeConv.Tests.Published;

/// <summary>The caller's parallel_for, by function pointer.</summary>
public unsafe class ParallelForTests
{
    [Theory]
    [InlineData("serial", 2)]
    [InlineData("serial", 5)]
    [InlineData("backwards", 3)]
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
            Assert.Equal((true, log.FirstSkip), (log.FirstSkip > 0, log.Calls));
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
            _ => &ParallelFor.Threads,
        };
        exec.ParallelUser = log;
        return exec;
    }
}
