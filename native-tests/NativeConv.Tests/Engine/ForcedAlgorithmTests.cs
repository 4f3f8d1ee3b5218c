using NativeConv.Kernels;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>Each algorithm forced by name: it and no other runs, or the plan is refused with the reason.</summary>
public unsafe class ForcedAlgorithmTests
{
    public static TheoryData<int> AllIsas { get; } = [.. Enum.GetValues<Isa>().Cast<int>()];

    public static TheoryData<string> Names { get; } = new() { "direct-planes", "direct-columns", "direct-points", "direct-tiles", "direct-lanes", "plain" };

    private static Layer Dense => Layer.Conv(2, 5, 7).Input(9, 8).Kernel(3, 2).Stride(2, 1).PadBegin(1, 0).Activation(Activation.LeakyRelu, 0.3);

    private static Layer OneTap => Layer.Conv(2, 21, 37).Input(9, 8).Kernel(1, 1).Stride(2, 1).PadBegin(1, 0).Activation(Activation.Relu);

    private static Layer Depthwise => Layer.Deconv(2, 5, 5).Groups(5).Input(9, 8).Kernel(3, 2).Stride(2, 1).PadBegin(1, 0);

    [Theory]
    [MemberData(nameof(AllIsas))]
    public void AVectorWidthRunsOrIsKnownNotTo(int number)
    {
        var isa = (Isa)number;
        if (!Isas.Available.Contains(isa))
        {
            Assert.False(IsaSupport.CanRun(isa));
            return;
        }

        using var plan = ConvPlan.Create(Dense.Descriptor, new PlanOptions(isa));
        var bits = isa switch { Isa.Avx512 => 512, Isa.Avx2 => 256, _ => 128 };
        Assert.Equal(isa, plan.Alive->Isa);
        foreach (var pass in Enum.GetValues<ConvPass>())
        {
            Assert.Equal(bits / 32, NativeConv.Engine.Plan.Pass(plan.Alive, pass)->VectorLength);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AForcedAlgorithmRuns(string name)
    {
        Assert.True(AlgorithmList.IsKnown(name));
        var layer = name switch { "direct-lanes" => Depthwise, "direct-columns" or "direct-tiles" => OneTap, _ => Dense };
        var operands = new Operands<float>(layer.Descriptor, seed: 1, bias: true, alpha: 0.7, beta: 0.2);
        using var plain = Cases.Plain(layer.Descriptor);
        var expected = Outcome<float>.Of(plain, operands);
        var ran = 0;
        foreach (var isa in Isas.Available)
        {
            using var plan = ConvPlan.Create(layer.Descriptor, new PlanOptions(isa, name));
            foreach (var pass in Enum.GetValues<ConvPass>())
            {
                if (Lists(pass, name))
                {
                    Assert.Equal(name, plan.AlgorithmName(pass));
                    ran++;
                }
            }

            Outcome<float>.Of(plan, operands).MustEqual(expected, $"{name} {isa}");
        }

        Assert.True(ran >= Isas.Available.Count);
    }

    [Fact]
    public void WithoutForceTheCheapestRuns()
    {
        // Few pixels, many channels: channels across tiles. One channel: pixels across.
        using var small = ConvPlan.Create(Layer.Conv(1, 64, 64).Input(7, 7).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1).Descriptor);
        using var depthwise = ConvPlan.Create(Depthwise.Descriptor);
        Assert.Equal(["direct-points", "direct-points", "direct-points"], NamesOf(small));
        Assert.Equal(["direct-planes", "direct-planes", "direct-lanes"], NamesOf(depthwise));
        foreach (var pass in (ConvPass[])[ConvPass.Forward, ConvPass.BackwardData])
        {
            foreach (var name in (string[])["direct-planes", "direct-points"])
            {
                using var forced = ConvPlan.Create(Dense.Descriptor, new PlanOptions(Isas.Available[^1], name));
                using var free = ConvPlan.Create(Dense.Descriptor);
                Assert.True(NativeConv.Engine.Plan.Pass(free.Alive, pass)->Cost <= NativeConv.Engine.Plan.Pass(forced.Alive, pass)->Cost);
            }
        }
    }

    [Fact]
    public void ColumnsRefuseSumsOverSeveralTaps() => MustRefuse(Dense, "direct-columns", "more than one tap");

    [Fact]
    public void TilesRefuseSumsOverSeveralTaps() => MustRefuse(Dense, "direct-tiles", "more than one tap");

    [Fact]
    public void GradientsByPointsRefuseGroupsOfOneChannel() => MustRefuse(Depthwise, "direct-points", "one channel on each side");

    [Fact]
    public void LanesRefuseGroupsOfMoreChannels() => MustRefuse(Dense, "direct-lanes", "more than one channel on a side");

    [Theory]
    [InlineData("direct-planes")]
    [InlineData("direct-points")]
    public void PlanesThatAreAllPaddingAreRefused(string name)
    {
        var layer = Layer.Conv(1, 2, 3).Input(4).Kernel(2).Dilation(100_000_000).PadBegin(100_000_000);
        MustRefuse(layer, name, "nearly all of it is padding");
        MustBePlain(layer);
    }

    [Theory]
    [InlineData("direct-planes")]
    [InlineData("direct-points")]
    public void KernelsWithTooManyTapsAreRefused(string name)
    {
        var layer = Layer.Conv(1, 1, 2).Input((1 << 20) + 3).Kernel((1 << 20) + 1);
        MustRefuse(layer, name, "taps");
        using var plan = ConvPlan.Create(layer.Descriptor);
        Assert.Equal(["plain", "plain", "plain"], NamesOf(plan));
    }

    [Theory]
    [InlineData("direct-planes")]
    [InlineData("direct-points")]
    public void TheWorkspaceLimitIsKept(string name)
    {
        var descriptor = Dense.Descriptor;
        descriptor.WorkspaceLimit = 1;
        var refusal = Assert.Throws<NotSupportedException>(() => ConvPlan.Create(descriptor, new PlanOptions(Isas.Available[0], name)));
        Assert.Contains("workspace_limit is 1", refusal.Message, StringComparison.Ordinal);
        using var plan = ConvPlan.Create(descriptor);
        Assert.Equal(["plain", "plain", "plain"], NamesOf(plan));
        Assert.All(Enum.GetValues<ConvPass>(), pass => Assert.InRange(plan.WorkspaceBytes(pass), 0, 1));
    }

    private static bool Lists(ConvPass pass, string name) => name switch
    {
        "plain" => true,
        "direct-points" => true,
        "direct-planes" or "direct-columns" or "direct-tiles" => pass != ConvPass.BackwardWeights,
        _ => pass == ConvPass.BackwardWeights,
    };

    private static string[] NamesOf(ConvPlan plan) => [.. Enum.GetValues<ConvPass>().Select(plan.AlgorithmName)];

    private static void MustRefuse(Layer layer, string name, string reason)
    {
        foreach (var isa in Isas.Available)
        {
            var refusal = Assert.Throws<NotSupportedException>(() => ConvPlan.Create(layer.Descriptor, new PlanOptions(isa, name)));
            Assert.StartsWith("NATIVECONV_ALGORITHM: " + name, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>What the others refuse, the plain loop computes right.</summary>
    private static void MustBePlain(Layer layer)
    {
        using var plan = ConvPlan.Create(layer.Descriptor);
        Assert.Equal(["plain", "plain", "plain"], NamesOf(plan));
        var operands = new Operands<float>(layer.Descriptor, seed: 2, integers: true, bias: true);
        var outcome = Outcome<float>.Of(plan, operands);
        new Truth<float>(layer.Descriptor, operands, outcome.Y).MustBeExact(outcome, layer.ToString());
    }
}
