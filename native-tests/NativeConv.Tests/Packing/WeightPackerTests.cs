using NativeConv.Packing;
using Xunit;

namespace NativeConv.Tests.Packing;

/// <summary>Packed weights lie in the order in which tiles multiply them, each exactly once.</summary>
public unsafe class WeightPackerTests
{
    [Fact]
    public void OrderOfSummation()
    {
        foreach (var taps in (long[])[1, 2, 9, 25, 256, 257, 600])
        {
            foreach (var channels in (long[])[1, 3, 13, 29, 130])
            {
                foreach (var rows in (long[])[1, 4, 5, 8, 17])
                {
                    // Result channels outermost in w, as in a Gather problem, or summed channels, as in a Phase problem.
                    Check(taps, channels, rows, blockRows: 4, rowsOutermost: true);
                    Check(taps, channels, rows, blockRows: 8, rowsOutermost: false);
                }
            }
        }
    }

    private static void Check(long taps, long channels, long rows, int blockRows, bool rowsOutermost)
    {
        const long Groups = 2, Before = 5;
        var layout = new WeightLayout
        {
            Rows = rows,
            Channels = channels,
            RowStride = rowsOutermost ? channels * taps : taps,
            ChannelStride = rowsOutermost ? taps : rows * taps,
            GroupStride = rows * channels * taps,
            BlockRows = blockRows,
        };
        Assert.Equal((rows + blockRows - 1) / blockRows, layout.Blocks);

        // Taps in an order of their own: the kernel's last first.
        var kernel = Enumerable.Range(0, (int)taps).Select(tap => taps - 1 - tap).ToArray();
        var count = Groups * rows * channels * taps;
        var w = Enumerable.Range(0, (int)count).Select(i => (float)i).ToArray();
        var packed = new float[Before + count + 1];
        Array.Fill(packed, -1);
        var order = new ChainOrder(channels, taps);
        fixed (long* indices = kernel)
        fixed (float* from = w, to = packed)
        {
            var set = new TapSet { Taps = taps, KernelIndices = indices, Order = order, PackedStart = Before };
            for (long group = 0; group < Groups; group++)
            {
                for (long block = 0; block < layout.Blocks; block++)
                {
                    WeightPacker<float>.PackBlock(&layout, &set, group, block, from, to);
                }
            }
        }

        var at = Before;
        for (long group = 0; group < Groups; group++)
        {
            for (long first = 0; first < rows; first += blockRows)
            {
                for (long index = 0; index < order.Count; index++)
                {
                    var chain = order[index];
                    for (var tap = chain.FirstTap; tap < chain.FirstTap + chain.Taps; tap++)
                    {
                        for (var channel = chain.FirstChannel; channel < chain.FirstChannel + chain.Channels; channel++)
                        {
                            for (var row = first; row < Math.Min(rows, first + blockRows); row++, at++)
                            {
                                var place = rowsOutermost ? (row * channels) + channel : (channel * rows) + row;
                                var expected = (((group * rows * channels) + place) * taps) + kernel[tap];
                                if (packed[at] != expected)
                                {
                                    Assert.Fail($"{taps} taps, {channels} channels, {rows} rows: element {at} is weight {packed[at]}, expected {expected}");
                                }
                            }
                        }
                    }
                }
            }
        }

        Assert.Equal(Before + count, at);
        Assert.All(packed[..(int)Before], value => Assert.Equal(-1, value));
        Assert.Equal(-1, packed[^1]);
    }
}
