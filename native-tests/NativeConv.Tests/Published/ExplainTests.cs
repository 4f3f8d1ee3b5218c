using System.Globalization;
using System.Text;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Published;

/// <summary>nc_explain.</summary>
public unsafe class ExplainTests
{
    [Fact]
    public void Says_what_pass_info_says()
    {
        foreach (var layer in RandomLayers.Of(seed: 11, count: 20))
        {
            using var plan = new NcPlan(layer);
            var lines = plan.Explanation.Split('\n');
            Assert.StartsWith($"isa {NcLibrary.IsaName}", lines[0]);
            Assert.EndsWith(layer.Element == ElementType.Float64 ? ", f64" : ", f32", lines[0]);
            foreach (var (pass, name) in new[] { (ConvPass.Forward, "forward"), (ConvPass.BackwardData, "backward_data"), (ConvPass.BackwardWeights, "backward_weights") })
            {
                var info = plan.Info(pass);
                var line = Assert.Single(lines, line => line.StartsWith(name + ": ", StringComparison.Ordinal));
                Assert.StartsWith($"{name}: {info.AlgorithmName}, ", line);
                Assert.Contains($", stages {info.Stages}, workspace {info.WorkspaceBytes} bytes + {info.WorkspacePerThread} per further thread, ", line);
                Assert.EndsWith(info.Flops.ToString(CultureInfo.InvariantCulture) + " flops", line);
            }
        }
    }

    [Fact]
    public void Gives_the_reason_for_a_refusal()
    {
        var layer = Layer.Conv(1, 16, 16).Input(20, 20).Kernel(3, 3).Descriptor;
        layer.WorkspaceLimit = 1;
        using var plan = new NcPlan(layer);
        Assert.Equal("plain", plan.Info(ConvPass.Forward).AlgorithmName);
        Assert.Matches(@"  not direct-planes: it needs \d+ bytes of workspace, workspace_limit is 1\n", plan.Explanation);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(100)]
    public void A_short_buffer_gets_the_beginning_terminated(int capacity)
    {
        using var plan = new NcPlan(CommonLayer.Descriptor);
        var whole = plan.Explanation;
        var buffer = new byte[capacity + 1];
        Array.Fill(buffer, (byte)0xEE);
        fixed (byte* text = buffer)
        {
            nuint needed;
            NcLibrary.Succeed(NcLibrary.Explain(plan.Pointer, text, (nuint)capacity, &needed), "nc_explain");
            Assert.Equal((nuint)Encoding.UTF8.GetByteCount(whole) + 1, needed);
        }

        Assert.Equal(whole[..(capacity - 1)], Encoding.UTF8.GetString(buffer, 0, capacity - 1));
        Assert.Equal(0, buffer[capacity - 1]);
        Assert.Equal(0xEE, buffer[capacity]);
    }
}
