using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Planning;
using NativeConv.Problem;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Planning;

/// <summary>What plans say about themselves, and why they refuse algorithms.</summary>
public unsafe class ExplanationTests
{
    private static readonly Isa Best = Isas.Available[^1];

    [Fact]
    public void EachPassItsAlgorithm()
    {
        foreach (var isa in Isas.Available)
        {
            using var plan = ConvPlan.Create(Layer.Conv(2, 8, 16).Input(9, 10).Kernel(3, 3).Descriptor, new PlanOptions(isa));
            var lines = Explain(plan);
            Assert.Equal($"isa {IsaSupport.Name(isa)}, f32", lines[0]);
            for (var pass = ConvPass.Forward; pass <= ConvPass.BackwardWeights; pass++)
            {
                var line = Assert.Single(lines, line => line.StartsWith(Name(pass), StringComparison.Ordinal));
                var passPlan = Plan.Pass(plan.Alive, pass);
                var vectorLength = plan.Alive->Single.VectorLength;

                // Tiles of points have the 8 channels of x or the 16 of y across, in whole vectors, up to three, cut evenly.
                var all = ((pass == ConvPass.BackwardData ? 8 : 16) + vectorLength - 1) / vectorLength;
                var tiles = (all + 2) / 3;
                var vectors = plan.AlgorithmName(pass) == "direct-points" ? (all + tiles - 1) / tiles : 3;
                Assert.Contains($": {plan.AlgorithmName(pass)}, tile {passPlan->TileRows} x {vectors * vectorLength}, stages {passPlan->Stages}, ", line, StringComparison.Ordinal);
                Assert.Contains($"workspace {plan.WorkspaceBytes(pass)} bytes + {passPlan->WorkerBytes} per further thread", line, StringComparison.Ordinal);

                // 2 * batch * out * in * taps * pixels.
                Assert.EndsWith($", {2L * 2 * 16 * 8 * 9 * 7 * 8} flops", line, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Float64AndTheNote()
    {
        using var plan = ConvPlan.Create(Layer.Conv(1, 1, 1).Input(9).Kernel(3).Type(ElementType.Float64).Descriptor, new PlanOptions(Best));
        var text = new Message(new byte[4096]);
        Explanation.Write(plan.Alive, "not wider today"u8, ref text);
        Assert.StartsWith($"isa {IsaSupport.Name(Best)} (not wider today), f64\n", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void TheLimitFallsBackToPlainWithItsReason()
    {
        foreach (var layer in (Layer[])[Layer.Conv(2, 8, 16).Input(9, 10).Kernel(3, 3), Layer.Deconv(2, 8, 16).Input(9, 10).Kernel(3, 3).Stride(2, 2), Layer.Conv(1, 4, 4).Groups(4).Input(9, 10).Kernel(3, 3)])
        {
            using var free = ConvPlan.Create(layer.Descriptor, new PlanOptions(Best));
            for (var pass = ConvPass.Forward; pass <= ConvPass.BackwardWeights; pass++)
            {
                // Enough for exactly this pass, and one byte less.
                var needed = free.WorkspaceBytes(pass);
                Assert.NotEqual("plain", free.AlgorithmName(pass));
                var descriptor = layer.Descriptor;
                descriptor.WorkspaceLimit = needed;
                using var enough = ConvPlan.Create(descriptor, new PlanOptions(Best));
                Assert.Equal(free.AlgorithmName(pass), enough.AlgorithmName(pass));
                Assert.Equal(needed, enough.WorkspaceBytes(pass));

                descriptor.WorkspaceLimit = needed - 1;
                using var limited = ConvPlan.Create(descriptor, new PlanOptions(Best));
                Assert.NotEqual(free.AlgorithmName(pass), limited.AlgorithmName(pass));
                Assert.InRange(limited.WorkspaceBytes(pass), 0, needed - 1);
                Assert.Contains($"  not {free.AlgorithmName(pass)}: it needs {needed} bytes of workspace, workspace_limit is {needed - 1}", Explain(limited));
            }

            var least = layer.Descriptor;
            least.WorkspaceLimit = 1;
            using var plain = ConvPlan.Create(least, new PlanOptions(Best));
            for (var pass = ConvPass.Forward; pass <= ConvPass.BackwardWeights; pass++)
            {
                Assert.Equal("plain", plain.AlgorithmName(pass));
                Assert.Equal(0, plain.WorkspaceBytes(pass));
            }
        }
    }

    [Fact]
    public void EveryRefusalHasItsReason()
    {
        using var plan = ConvPlan.Create(Layer.Conv(1, 4, 4).Groups(4).Input(1 << 10).Kernel(3).Dilation(1 << 30).PadBegin(1 << 30).PadEnd(1 << 30).Descriptor, new PlanOptions(Best));
        var lines = Explain(plan);
        for (var pass = ConvPass.Forward; pass <= ConvPass.BackwardWeights; pass++)
        {
            // Every algorithm but the plain loop, in the order of the list.
            var at = Array.FindIndex(lines, line => line.StartsWith(Name(pass), StringComparison.Ordinal));
            foreach (var algorithm in AlgorithmList.For(Plan.Pass(plan.Alive, pass)->Problem.Kind))
            {
                if (algorithm == Algorithm.Plain)
                {
                    continue;
                }

                var start = $"  not {AlgorithmList.Name(algorithm)}: ";
                Assert.StartsWith(start, lines[++at], StringComparison.Ordinal);
                Assert.True(lines[at].Length > start.Length, lines[at]);
            }
        }

        Assert.Equal("plain", plan.AlgorithmName(ConvPass.Forward));
    }

    [Fact]
    public void ForcedAlgorithmsRunOrSayWhyNot()
    {
        var layer = Layer.Conv(2, 8, 16).Input(9, 10).Kernel(3, 3);
        using var plain = ConvPlan.Create(layer.Descriptor, new PlanOptions(Best, "plain"));
        for (var pass = ConvPass.Forward; pass <= ConvPass.BackwardWeights; pass++)
        {
            Assert.Equal("plain", plain.AlgorithmName(pass));
        }

        // Two that accept for each of forward and backward-data, one for the weights.
        Assert.Equal(5, Explain(plain).Count(line => line.EndsWith("NATIVECONV_ALGORITHM forced another", StringComparison.Ordinal)));

        // More than one channel on a side: not for lanes.
        var refusal = Assert.Throws<NotSupportedException>(() => ConvPlan.Create(layer.Descriptor, new PlanOptions(Best, "direct-lanes")));
        Assert.StartsWith("NATIVECONV_ALGORITHM: direct-lanes cannot run this layer: ", refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.Message.EndsWith(": ", StringComparison.Ordinal));
    }

    [Fact]
    public void NamesAreKnown()
    {
        foreach (var kind in Enum.GetValues<ProblemKind>())
        {
            var list = AlgorithmList.For(kind);
            Assert.Equal(Algorithm.Plain, list[^1]);
            foreach (var algorithm in list)
            {
                Assert.True(AlgorithmList.IsKnown(AlgorithmList.Name(algorithm)));

                // nc_pass_info.algorithm has 32 bytes.
                Assert.InRange(AlgorithmList.Name(algorithm).Length, 1, 31);
            }
        }

        Assert.False(AlgorithmList.IsKnown("Plain"));
        Assert.False(AlgorithmList.IsKnown(""));
    }

    private static string Name(ConvPass pass) => pass switch
    {
        ConvPass.Forward => "forward: ",
        ConvPass.BackwardData => "backward_data: ",
        _ => "backward_weights: ",
    };

    private static string[] Explain(ConvPlan plan)
    {
        var text = new Message(new byte[4096]);
        Explanation.Write(plan.Alive, [], ref text);
        Assert.InRange(text.Length, 1, 4095);
        return text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
