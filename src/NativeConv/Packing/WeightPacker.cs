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
            var taps = set->KernelIndices + chain.FirstTap;
            var tapStride = chain.Channels * rows;
            for (long channel = 0; channel < chain.Channels; channel++)
            {
                // Channels outermost: a row's taps lie side by side in w, and the chain that is written fits a first-level cache.
                var source = first + ((chain.FirstChannel + channel) * layout->ChannelStride);
                PackChannel(source, layout->RowStride, taps, chain.Taps, target + (channel * rows), tapStride, rows);
            }

            target += chain.Steps * rows;
        }
    }

    /// <summary>One channel of a chain: for each tap the rows' weights side by side.</summary>
    private static void PackChannel(T* source, long rowStride, long* taps, long count, T* target, long tapStride, int rows)
    {
        var row = 0;
        for (; row <= rows - 4; row += 4)
        {
            // Four rows at a time: two addresses for eight moves.
            T* row0 = source + (row * rowStride), row1 = row0 + rowStride, row2 = row1 + rowStride, row3 = row2 + rowStride;
            var to = target + row;
            for (long tap = 0; tap < count; tap++, to += tapStride)
            {
                var from = taps[tap];
                to[0] = row0[from];
                to[1] = row1[from];
                to[2] = row2[from];
                to[3] = row3[from];
            }
        }

        for (; row < rows; row++)
        {
            for (long tap = 0; tap < count; tap++)
            {
                target[(tap * tapStride) + row] = source[(row * rowStride) + taps[tap]];
            }
        }
    }
}
