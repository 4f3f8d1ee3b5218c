using NativeConv.Kernels.Elementwise;
using NativeConv.Kernels.Lanes;
using NativeConv.Packing;
using Xunit;

namespace NativeConv.Tests.Packing;

/// <summary>Panels against direct indexing: channels innermost, zero beyond a group's last.</summary>
public unsafe class PanelTests
{
    [Fact]
    public void EveryChannelOfEveryPixel()
    {
        foreach (var channels in (int[])[1, 3, 4, 5, 12, 13, 17, 31, 48, 49])
        {
            foreach (var pixels in (int[])[1, 7, 255, 256, 257, 520])
            {
                foreach (var vectorLength in (int[])[2, 4, 16])
                {
                    Check(channels, pixels, vectorLength, useDelta: false);
                    Check(channels, pixels, vectorLength, useDelta: true);
                }
            }
        }
    }

    private static void Check(int channels, int pixels, int vectorLength, bool useDelta)
    {
        const int Groups = 2;
        var layout = new PanelLayout { Blocks = new ChannelBlocks(channels, vectorLength, 3), ImagePixels = pixels, Pixels = pixels };
        var image = Enumerable.Range(1, Groups * channels * pixels).Select(i => (float)i).ToArray();
        var gates = Enumerable.Range(0, image.Length).Select(i => (float)((i % 3) - 1)).ToArray();
        var size = Groups * layout.GroupStride;
        var panel = new float[size + 1];
        Array.Fill(panel, float.NaN);
        var row = new float[PanelFiller<float>.Rows * PanelFiller<float>.Run];
        fixed (float* from = image, y = gates, to = panel, buffer = row)
        {
            var reader = new ChannelReader<float> { Data = from };
            if (useDelta)
            {
                reader.Y = y;
                reader.Delta = &Delta<float, float, LanesScalar<float>, Relu<float, float, LanesScalar<float>>>.Run;
            }

            for (long group = 0; group < Groups; group++)
            {
                for (long block = 0; block < layout.Blocks.Count; block++)
                {
                    for (long first = 0; first < pixels; first += PanelFiller<float>.Run)
                    {
                        var target = to + (group * layout.GroupStride) + layout.Start(block, first);
                        PanelFiller<float>.Fill(&layout, reader.Skip(group * channels * pixels), block, first, Math.Min(PanelFiller<float>.Run, pixels - first), target, buffer);
                    }
                }
            }
        }

        // Groups, blocks, pixels, the block's channels: nothing in between.
        long at = 0;
        for (long group = 0; group < Groups; group++)
        {
            for (long block = 0; block < layout.Blocks.Count; block++)
            {
                var (firstChannel, vectors) = layout.Blocks[block];
                Assert.Equal(at, (group * layout.GroupStride) + layout.Start(block, 0));
                for (long pixel = 0; pixel < pixels; pixel++)
                {
                    for (var channel = firstChannel; channel < firstChannel + (vectors * vectorLength); channel++, at++)
                    {
                        var index = (((group * channels) + channel) * pixels) + pixel;
                        var expected = channel >= channels || (useDelta && gates[index] <= 0) ? 0 : image[index];
                        if (panel[at] != expected)
                        {
                            Assert.Fail($"{channels} channels, {pixels} pixels, vectors of {vectorLength}: group {group} pixel {pixel} channel {channel}: {panel[at]}, expected {expected}");
                        }
                    }
                }
            }
        }

        Assert.Equal(size, at);
        Assert.True(float.IsNaN(panel[size]));
    }
}
