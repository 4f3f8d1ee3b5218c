using NativeConv.Packing;
using Xunit;

namespace NativeConv.Tests.Packing;

/// <summary>Packed weights lie in the order in which tiles multiply them, each exactly once, zeros where a block is rounded up to whole vectors.</summary>
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
                    // Result channels outermost in w, as in a Gather problem, or summed channels, as in a Phase problem; in the rows of tiles, or across them.
                    Check(taps, channels, new ChannelBlocks(rows, 1, 4), sets: 1, rowsOutermost: true);
                    Check(taps, channels, new ChannelBlocks(rows, 8, 3), sets: 1, rowsOutermost: true);
                    Check(taps, channels, new ChannelBlocks(rows, 1, 8), sets: (int)Math.Min(taps, 3), rowsOutermost: false);
                    Check(taps, channels, new ChannelBlocks(rows, 4, 3), sets: (int)Math.Min(taps, 4), rowsOutermost: false);
                    Check(taps, channels, new ChannelBlocks(rows, 16, 3), sets: (int)Math.Min(taps, 2), rowsOutermost: false);
                }
            }
        }
    }

    private static void Check(long taps, long channels, ChannelBlocks blocks, int sets, bool rowsOutermost)
    {
        const long Groups = 2, Before = 5;
        var rows = blocks.Channels;
        var count = Groups * rows * channels * taps;
        var w = Enumerable.Range(1, (int)count).Select(i => (float)i).ToArray();
        var size = Groups * blocks.Padded * channels * taps;
        var packed = new float[Before + size + 1];
        Array.Fill(packed, -1);

        // Tap t is in set t modulo the sets, as residues of a stride are.
        var tapSets = new TapSet[sets];
        var places = Enumerable.Range(0, (int)taps).Select(tap => new TapPlace(tap % sets, tap / sets)).ToArray();
        long part = 0, before = 0;
        for (var set = 0; set < sets; set++)
        {
            var ofSet = places.LongCount(place => place.Set == set);
            tapSets[set] = new TapSet { Taps = ofSet, Order = new ChainOrder(channels, ofSet), TapsBefore = before };
            before += ofSet;
        }

        // The least number of channels that is whole chains of each set, or all.
        do
        {
            part++;
        }
        while (part < channels && tapSets.Any(set => part % set.Order.ChannelsPerChain != 0));

        fixed (TapPlace* ofTaps = places)
        fixed (TapSet* all = tapSets)
        fixed (float* from = w, start = packed)
        {
            var to = start + Before;
            var layout = new WeightLayout
            {
                Blocks = blocks,
                Channels = channels,
                ChannelsPerPart = part,
                Taps = taps,
                Places = ofTaps,
                RowStride = rowsOutermost ? channels * taps : taps,
                ChannelStride = rowsOutermost ? taps : rows * taps,
                GroupStride = rows * channels * taps,
            };
            for (long group = 0; group < Groups; group++)
            {
                for (long block = 0; block < blocks.Count; block++)
                {
                    Assert.True(WeightPacker<float>.Pack(&layout, all, group, block, 0, channels, from, to, look: true));
                }
            }

            // A weight that is not finite is found with the block that it is in, if anybody looks.
            var infinite = count - 1 - (count / 3);
            from[infinite] = float.NegativeInfinity;
            var found = 0;
            for (var piece = 0; piece < Groups * blocks.Count; piece++)
            {
                found += WeightPacker<float>.Pack(&layout, all, piece / blocks.Count, piece % blocks.Count, 0, channels, from, to, look: true) ? 0 : 1;
                Assert.True(WeightPacker<float>.Pack(&layout, all, piece / blocks.Count, piece % blocks.Count, 0, channels, from, to, look: false));
            }

            Assert.Equal(1, found);
            from[infinite] = infinite + 1;

            // Part by part it is the same.
            for (long piece = 0; piece < Groups * blocks.Count; piece++)
            {
                var (group, block) = Math.DivRem(piece, blocks.Count);
                for (long first = 0; first < channels; first += part)
                {
                    var end = Math.Min(first + part, channels);
                    new Span<float>(to + layout.PartStart(group, block, first), (int)((end - first) * taps * blocks[block].Units * blocks.Unit)).Clear();
                    WeightPacker<float>.Pack(&layout, all, group, block, first, end, from, to, look: false);
                }
            }
        }

        var at = Before;
        for (long group = 0; group < Groups; group++)
        {
            for (long block = 0; block < blocks.Count; block++)
            {
                var (first, units) = blocks[block];
                for (long firstChannel = 0; firstChannel < channels; firstChannel += part)
                {
                    for (var set = 0; set < sets; set++)
                    {
                        at = CheckPart(tapSets[set].Order, tap => ((tap * sets) + set) + 1, (first, units * blocks.Unit), group, firstChannel, at);
                    }
                }
            }
        }

        Assert.Equal(Before + size, at);
        Assert.All(packed[..(int)Before], value => Assert.Equal(-1, value));
        Assert.Equal(-1, packed[^1]);

        long CheckPart(ChainOrder order, Func<long, long> number, (long First, long Width) block, long group, long firstChannel, long at)
        {
            for (long index = 0; index < order.Count; index++)
            {
                var chain = order[index];
                if (chain.FirstChannel < firstChannel || chain.FirstChannel >= firstChannel + part)
                {
                    continue;
                }

                for (var tap = chain.FirstTap; tap < chain.FirstTap + chain.Taps; tap++)
                {
                    for (var channel = chain.FirstChannel; channel < chain.FirstChannel + chain.Channels; channel++)
                    {
                        for (var row = block.First; row < block.First + block.Width; row++, at++)
                        {
                            var place = rowsOutermost ? (row * channels) + channel : (channel * rows) + row;
                            var expected = row >= rows ? 0 : (((group * rows * channels) + place) * taps) + number(tap);
                            if (packed[at] != expected)
                            {
                                Assert.Fail($"{taps} taps in {sets} sets, {channels} channels, {rows} rows by {blocks.Unit}: element {at} is weight {packed[at]}, expected {expected}");
                            }
                        }
                    }
                }
            }

            return at;
        }
    }
}
