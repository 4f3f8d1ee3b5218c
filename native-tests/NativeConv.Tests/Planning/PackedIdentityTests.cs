using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Packing;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Planning;

/// <summary>packed_id: equal for layers that lay their weights down in one way, different where the form differs.</summary>
public unsafe class PackedIdentityTests
{
    private static readonly Isa Best = Isas.Available[^1];

    private static Layer Conv => Layer.Conv(2, 8, 12).Groups(2).Input(9, 10).Kernel(3, 2).Stride(2, 3).Dilation(1, 2).PadBegin(1, 2);

    private static Layer Deconv => Layer.Deconv(2, 12, 8).Groups(2).Input(9, 10).Kernel(3, 2).Stride(2, 3).Dilation(1, 2).PadBegin(1, 2);

    [Fact]
    public void WhatTheFormDoesNotDependOn()
    {
        var activated = Conv.Activation(Activation.Relu);
        Layer[] same = [Layer.Conv(7, 8, 12).Groups(2).Input(9, 10).Kernel(3, 2).Stride(2, 3).Dilation(1, 2), Layer.Conv(2, 8, 12).Groups(2).Input(30, 40).Kernel(3, 2).Stride(2, 3).Dilation(1, 2), activated];
        foreach (var layer in same)
        {
            foreach (var pass in (ConvPass[])[ConvPass.Forward, ConvPass.BackwardData])
            {
                Assert.Equal(Id(Conv, pass), Id(layer, pass));
            }
        }

        // A Gather problem keeps all taps together, whatever the stride.
        Assert.Equal(Id(Conv, ConvPass.Forward), Id(Conv.Stride(1, 1).Dilation(2, 1), ConvPass.Forward));

        // A deconv is the adjoint over the same bytes.
        Assert.Equal(Id(Conv, ConvPass.Forward), Id(Deconv, ConvPass.BackwardData));
        Assert.Equal(Id(Conv, ConvPass.BackwardData), Id(Deconv, ConvPass.Forward));
    }

    [Fact]
    public void WhatTheFormDependsOn()
    {
        var different = new List<ulong>
        {
            Id(Conv, ConvPass.Forward),
            Id(Conv, ConvPass.BackwardData),
            Id(Conv.Groups(1), ConvPass.Forward),
            Id(Conv.Groups(4), ConvPass.Forward),
            Id(Conv.Kernel(2, 3), ConvPass.Forward),
            Id(Conv.Kernel(3, 3), ConvPass.Forward),
            Id(Conv.Type(ElementType.Float64), ConvPass.Forward),
            Id(Layer.Conv(2, 12, 8).Groups(2).Input(9, 10).Kernel(3, 2), ConvPass.Forward),
            Id(Conv.Stride(1, 1), ConvPass.BackwardData),
            Id(Conv.Stride(3, 2), ConvPass.BackwardData),
            Id(Conv.Dilation(1, 3), ConvPass.BackwardData),
        };
        using var plain = ConvPlan.Create(Conv.Descriptor, new PlanOptions(Best, "plain"));
        different.Add(plain.Alive->Forward.PackedId);
        Assert.DoesNotContain(0UL, different);
        Assert.Equal(different.Count, different.Distinct().Count());
    }

    [Fact]
    public void GradientsOfWeightsHaveNone() => Assert.Equal(0UL, Id(Conv, ConvPass.BackwardWeights));

    [Fact]
    public void TilesOfOtherHeightsAreOtherForms()
    {
        foreach (var a in Isas.Available)
        {
            foreach (var b in Isas.Available)
            {
                using var first = ConvPlan.Create(Conv.Descriptor, new PlanOptions(a, "direct-planes"));
                using var second = ConvPlan.Create(Conv.Descriptor, new PlanOptions(b, "direct-planes"));
                Assert.Equal(first.Alive->Single.TileRows == second.Alive->Single.TileRows, first.Alive->Forward.PackedId == second.Alive->Forward.PackedId);
            }
        }
    }

    [Fact]
    public void EqualIdentitiesPackEqually()
    {
        var random = new Random(5);
        var forms = new Dictionary<ulong, float[]>();
        var met = 0;
        for (var i = 0; i < 1500; i++)
        {
            var groups = random.Next(1, 3);
            var (inChannels, outChannels) = (groups * random.Next(1, 4), groups * random.Next(1, 4));
            var layer = random.Next(2) == 0 ? Layer.Conv(1, inChannels, outChannels) : Layer.Deconv(1, inChannels, outChannels);
            layer.Groups(groups).Input(random.Next(4, 9), random.Next(4, 9)).Kernel(random.Next(1, 4), random.Next(1, 4))
                .Stride(random.Next(1, 4), random.Next(1, 4)).Dilation(random.Next(1, 3), random.Next(1, 3)).PadBegin(2, 2).PadEnd(2, 2);
            if (layer.Descriptor.Kind == ConvKind.Deconv)
            {
                layer.PadBegin(0, 0).PadEnd(0, 0);
            }

            using var plan = ConvPlan.Create(layer.Descriptor, new PlanOptions(Best));
            foreach (var pass in (ConvPass[])[ConvPass.Forward, ConvPass.BackwardData])
            {
                var packed = Pack(Plan.Pass(plan.Alive, pass), groups);
                var id = Plan.Pass(plan.Alive, pass)->PackedId;
                if (forms.TryGetValue(id, out var other))
                {
                    met++;
                    Assert.True(other.AsSpan().SequenceEqual(packed), $"{layer} {pass}");
                }

                forms[id] = packed;
            }
        }

        Assert.True(met > 500, $"only {met} pairs met");
    }

    private static float[] Pack(PassPlan* pass, int groups)
    {
        Assert.NotEqual(Algorithm.Plain, pass->Algorithm);
        var problem = pass->Problem;
        var w = Enumerable.Range(1, (int)(groups * problem.FineChannels * problem.CoarseChannels * problem.Kernel.Product)).Select(i => (float)i).ToArray();
        var packed = new float[pass->PackedBytes / sizeof(float)];
        fixed (float* from = w, to = packed)
        {
            for (long group = 0; group < groups; group++)
            {
                for (long block = 0; block < pass->Weights.Blocks.Count; block++)
                {
                    WeightPacker<float>.Pack(&pass->Weights, pass->Sets, group, block, 0, pass->Weights.Channels, from, to, look: false);
                }
            }
        }

        // Every weight once, and zeros in vectors that are not full.
        Assert.True(packed.Where(weight => weight != 0).Order().SequenceEqual(w));
        return packed;
    }

    private static ulong Id(Layer layer, ConvPass pass)
    {
        // The form is an algorithm's: which one is chosen depends on the size of the image.
        using var plan = ConvPlan.Create(layer.Descriptor, new PlanOptions(Best, "direct-points"));
        return Plan.Pass(plan.Alive, pass)->PackedId;
    }
}
