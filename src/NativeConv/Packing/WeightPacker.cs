namespace NativeConv.Packing;

/// <summary>
/// Weights in the order in which tiles read them: tap sets, groups, blocks of result channels, and in a block, chain by chain and step by step, the
/// block's weights side by side. Channels that round a block up to whole vectors have weights of zero.
/// </summary>
internal unsafe struct WeightLayout
{
    /// <summary>Result channels of a group.</summary>
    public ChannelBlocks Blocks;

    /// <summary>Summed channels of a group.</summary>
    public long Channels;

    /// <summary>Elements of w from one result channel to the next.</summary>
    public long RowStride;

    /// <summary>Elements of w from one summed channel to the next.</summary>
    public long ChannelStride;

    /// <summary>Elements of w from one group to the next.</summary>
    public long GroupStride;

    /// <summary>Elements before block <paramref name="block"/> of a group.</summary>
    public readonly long BlockStart(TapSet* set, long group, long block) =>
        set->PackedStart + (((group * Blocks.Padded) + Blocks[block].First) * Channels * set->Taps);
}

/// <summary>Packs weights.</summary>
internal static unsafe class WeightPacker<T>
    where T : unmanaged
{
    /// <summary>Packs one block of one group for one tap set.</summary>
    public static void PackBlock(WeightLayout* layout, TapSet* set, long group, long block, T* w, T* packed)
    {
        var (first, units) = layout->Blocks[block];
        var width = (long)units * layout->Blocks.Unit;
        var rows = Math.Min(width, layout->Blocks.Channels - first);
        var source = w + (group * layout->GroupStride) + (first * layout->RowStride);
        var target = packed + layout->BlockStart(set, group, block);
        for (long index = 0; index < set->Order.Count; index++)
        {
            var chain = set->Order[index];
            PackChain(layout, set, chain, source + (chain.FirstChannel * layout->ChannelStride), target, rows, width);
            for (long step = 0; rows < width && step < chain.Steps; step++)
            {
                Elements<T>.Clear(target + (step * width) + rows, width - rows);
            }

            target += chain.Steps * width;
        }
    }

    private static void PackChain(WeightLayout* layout, TapSet* set, Chain chain, T* source, T* target, long rows, long width)
    {
        var taps = set->KernelIndices + chain.FirstTap;
        if (chain.Taps == 1 && layout->ChannelStride == 1)
        {
            Transposition<T>.Run(source + *taps, layout->RowStride, target, width, rows, chain.Channels);
            return;
        }

        // From one tap to the next of the chain that is written.
        var tapStride = chain.Channels * width;
        for (long channel = 0; channel < chain.Channels; channel++, source += layout->ChannelStride, target += width)
        {
            if (layout->RowStride == 1)
            {
                Elements<T>.Copy(source, target, rows);
            }
            else if (set->TapsAdjoin)
            {
                Transposition<T>.Run(source + *taps, layout->RowStride, target, tapStride, rows, chain.Taps);
            }
            else
            {
                for (long tap = 0; tap < chain.Taps; tap++)
                {
                    for (long row = 0; row < rows; row++)
                    {
                        target[(tap * tapStride) + row] = source[(row * layout->RowStride) + taps[tap]];
                    }
                }
            }
        }
    }
}
