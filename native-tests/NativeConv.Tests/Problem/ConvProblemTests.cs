using NativeConv.Problem;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Problem;

/// <summary>The mapping of the six operations to three problems, a test per row.</summary>
public class ConvProblemTests
{
    // x 3 x 5 x 7, two groups of 3 -> 5 channels.
    private static readonly Layer Conv = Layer.Conv(2, 6, 10).Groups(2).Input(3, 5, 7).Kernel(1, 2, 3).Stride(1, 2, 3).Dilation(1, 2, 1).PadBegin(0, 1, 2).PadEnd(1, 1, 0);
    private static readonly Layer Deconv = Layer.Deconv(2, 6, 10).Groups(2).Input(3, 5, 7).Kernel(1, 2, 3).Stride(1, 2, 3).Dilation(1, 2, 1).PadBegin(0, 1, 2).PadEnd(1, 1, 0).OutputPadding(2, 1, 0);

    [Fact]
    public void ConvForwardGathersYFromX() => Check(Conv, ConvPass.Forward, ProblemKind.Gather, source: "x", result: "y");

    [Fact]
    public void ConvBackwardDataSpreadsDyOverDx() => Check(Conv, ConvPass.BackwardData, ProblemKind.Phase, source: "y", result: "x");

    [Fact]
    public void ConvBackwardWeightsHasDyCoarse() => Check(Conv, ConvPass.BackwardWeights, ProblemKind.WeightGrad);

    [Fact]
    public void DeconvForwardSpreadsXOverY() => Check(Deconv, ConvPass.Forward, ProblemKind.Phase, source: "x", result: "y");

    [Fact]
    public void DeconvBackwardDataGathersDxFromDy() => Check(Deconv, ConvPass.BackwardData, ProblemKind.Gather, source: "y", result: "x");

    [Fact]
    public void DeconvBackwardWeightsHasDyFine() => Check(Deconv, ConvPass.BackwardWeights, ProblemKind.WeightGrad);

    private static void Check(Layer layer, ConvPass pass, ProblemKind kind, string? source = null, string? result = null)
    {
        var message = new Message(new byte[256]);
        Assert.Equal(Fault.None, DescriptorCheck.Run(layer.Descriptor, out var geometry, ref message));
        var problem = ConvProblem.From(pass, geometry);
        var conv = layer.Descriptor.Kind == ConvKind.Conv;

        // Sizes by the formulas of nativeconv.h: conv (I + pads - ke) / s + 1, deconv s (I - 1) + ke - pads + output_padding.
        var x = new Axes(3, 5, 7);
        var y = conv ? new Axes(4, 3, 3) : new Axes(4, 10, 19);
        Assert.Equal(kind, problem.Kind);
        Assert.Equal(2, problem.Batch);
        Assert.Equal(2, problem.Groups);
        Assert.Equal(conv ? 3 : 5, problem.FineChannels);
        Assert.Equal(conv ? 5 : 3, problem.CoarseChannels);
        MustEqual(conv ? x : y, problem.Fine);
        MustEqual(conv ? y : x, problem.Coarse);
        MustEqual(new Axes(1, 2, 3), problem.Kernel);
        MustEqual(new Axes(1, 2, 3), problem.Stride);
        MustEqual(new Axes(1, 2, 1), problem.Dilation);
        MustEqual(new Axes(0, 1, 2), problem.Pad);
        Assert.Equal(!conv, problem.GradientIsFine);
        Assert.Equal(pass == ConvPass.BackwardData, problem.SourceIsGradient);
        Assert.Equal((conv ? 6 : 10) * problem.Fine.Product, problem.FineImage);
        Assert.Equal((conv ? 10 : 6) * problem.Coarse.Product, problem.CoarseImage);
        if (source != null)
        {
            MustEqual(source == "x" ? x : y, problem.Source);
            MustEqual(result == "x" ? x : y, problem.Result);
            Assert.Equal(source == "x" ? 3 : 5, problem.SourceChannels);
            Assert.Equal(result == "x" ? 3 : 5, problem.ResultChannels);
        }
    }

    private static void MustEqual(Axes expected, Axes got) => Assert.Equal((expected.D, expected.H, expected.W), (got.D, got.H, got.W));
}
