namespace NativeConv.Packing;

/// <summary>
/// Weights in the order in which tiles read them: tap sets, groups, blocks of result channels (as many as a tile has rows; the last may have fewer), and
/// in a block, chain by chain and step by step, the block's weights side by side. Exactly as many elements as there are products per result pixel.
/// </summary>
internal unsafe struct WeightLayout
{
    /// <summary>Result channels of a group.</summary>
    public long Rows;

    /// <summary>Summed channels of a group.</summary>
    public long Channels;

    /// <summary>Elements of w from one result channel to the next.</summary>
    public long RowStride;

    /// <summary>Elements of w from one summed channel to the next.</summary>
    public long ChannelStride;

    /// <summary>Elements of w from one group to the next.</summary>
    public long GroupStride;

    /// <summary>Rows of a tile.</summary>
    public int BlockRows;

    /// <summary>Elements before block <paramref name="block"/> of a group.</summary>
    public readonly long BlockStart(TapSet* set, long group, long block) =>
        set->PackedStart + (((group * Rows) + (block * BlockRows)) * Channels * set->Taps);

    /// <summary>Rows of block <paramref name="block"/>.</summary>
    public readonly int RowsOf(long block) => (int)Math.Min(BlockRows, Rows - (block * BlockRows));

    /// <summary>Blocks of a group.</summary>
    public readonly long Blocks => ((Rows - 1) / BlockRows) + 1;
}

/// <summary>Packs weights.</summary>
internal static unsafe class WeightPacker<T>
    where T : unmanaged
{
    /// <summary>Packs one block of one group for one tap set.</summary>
    public static void PackBlock(WeightLayout* layout, TapSet* set, long group, long block, T* w, T* packed)
    {
        var rows = layout->RowsOf(block);
        var target = packed + layout->BlockStart(set, group, block);
        var first = w + (group * layout->GroupStride) + (block * layout->BlockRows * layout->RowStride);
        for (long index = 0; index < set->Order.Count; index++)
        {
            var chain = set->Order[index];
            for (var tap = 0L; tap < chain.Taps; tap++, target += chain.Channels * rows)
            {
                var source = first + (chain.FirstChannel * layout->ChannelStride) + set->KernelIndices[chain.FirstTap + tap];
                PackTap(layout, source, target, rows, chain.Channels);
            }
        }
    }

    /// <summary>One tap of a chain: for each channel the rows' weights side by side.</summary>
    private static void PackTap(WeightLayout* layout, T* source, T* target, int rows, long channels)
    {
        var row = 0;
        for (; row <= rows - 4; row += 4)
        {
            // Four rows at a time: one address for eight moves.
            T* row0 = source + (row * layout->RowStride), row1 = row0 + layout->RowStride, row2 = row1 + layout->RowStride, row3 = row2 + layout->RowStride;
            var to = target + row;
            long from = 0;
            for (long channel = 0; channel < channels; channel++, to += rows, from += layout->ChannelStride)
            {
                to[0] = row0[from];
                to[1] = row1[from];
                to[2] = row2[from];
                to[3] = row3[from];
            }
        }

        for (; row < rows; row++)
        {
            var from = source + (row * layout->RowStride);
            for (long channel = 0; channel < channels; channel++)
            {
                target[(channel * rows) + row] = from[channel * layout->ChannelStride];
            }
        }
    }
}
