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
            for (var tap = 0L; tap < chain.Taps; tap++)
            {
                var source = first + (chain.FirstChannel * layout->ChannelStride) + set->KernelIndices[chain.FirstTap + tap];
                for (var channel = 0L; channel < chain.Channels; channel++, source += layout->ChannelStride)
                {
                    for (var row = 0; row < rows; row++)
                    {
                        *target++ = source[row * layout->RowStride];
                    }
                }
            }
        }
    }
}
