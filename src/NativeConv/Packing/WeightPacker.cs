using NativeConv.Kernels.Moves;

namespace NativeConv.Packing;

/// <summary>
/// Weights in the order in which tiles read them: groups, blocks of result channels, parts of the summed channels, tap sets, and in these, chain by chain and
/// step by step, the block's weights side by side. Channels that round a block up to whole vectors have weights of zero.
/// </summary>
internal unsafe struct WeightLayout
{
    /// <summary>Result channels of a group.</summary>
    public ChannelBlocks Blocks;

    /// <summary>Summed channels of a group.</summary>
    public long Channels;

    /// <summary>The same of a part: the least that is whole chains of each set.</summary>
    public long ChannelsPerPart;

    /// <summary>Taps of the kernel.</summary>
    public long Taps;

    /// <summary>For each tap of the kernel its set, and its number there.</summary>
    public TapPlace* Places;

    /// <summary>Elements of w from one result channel to the next.</summary>
    public long RowStride;

    /// <summary>Elements of w from one summed channel to the next.</summary>
    public long ChannelStride;

    /// <summary>Elements of w from one group to the next.</summary>
    public long GroupStride;

    /// <summary>Elements before those of a part of the summed channels of a block, which begins with this one.</summary>
    public readonly long PartStart(long group, long block, long firstChannel)
    {
        var (first, units) = Blocks[block];
        return ((((group * Blocks.Padded) + first) * Channels) + (firstChannel * units * Blocks.Unit)) * Taps;
    }

    /// <summary>Elements before those of a chain of a block.</summary>
    public readonly long ChainStart(TapSet* set, long group, long block, Chain chain)
    {
        var (first, units) = Blocks[block];
        var part = chain.FirstChannel - (chain.FirstChannel % ChannelsPerPart);
        var channels = Math.Min(ChannelsPerPart, Channels - part);
        var steps = (part * Taps) + (channels * set->TapsBefore) + ((chain.FirstChannel - part) * set->Taps) + chain.FirstTap;
        return (((group * Blocks.Padded) + first) * Channels * Taps) + (steps * units * Blocks.Unit);
    }

    /// <summary>Where in w all taps of some summed channels of a block lie: rows of elements side by side.</summary>
    public readonly (long Start, long Pitch, long Rows, long Count) Source(long group, long block, long firstChannel, long channels)
    {
        var (first, units) = Blocks[block];
        var rows = Math.Min((long)units * Blocks.Unit, Blocks.Channels - first);
        var start = (group * GroupStride) + (first * RowStride) + (firstChannel * ChannelStride);
        return ChannelStride < RowStride ? (start, RowStride, rows, channels * Taps) : (start, ChannelStride, channels, rows * Taps);
    }
}

/// <summary>Where a tap of the kernel is used.</summary>
/// <param name="Set">index of the set</param>
/// <param name="Number">of the tap in the set</param>
internal readonly record struct TapPlace(int Set, int Number);

/// <summary>Packs weights.</summary>
internal static unsafe class WeightPacker<T>
    where T : unmanaged
{
    // Weights of a row that are packed together: as many as a chain has, so that what is written fits a second-level cache.
    private const int Run = ChainOrder.LongestChain;

    // Rows that are read together: packed, they fill a cache line of floats, and each line of theirs is used up before the next.
    private const int RowsAtOnce = 16;

    // Channels after one that is packed whose weights are asked for, where each channel's lie elsewhere: of single taps, a few lines each, if a group's are more than a second-level cache
    // of 1 MB holds, and of those that are turned, more lines each.
    private const int ChannelsAhead = 16;
    private const int FarBytes = 1 << 20;
    private const int TurnedAhead = 2;

    /// <summary>Packs one block of one group, for all tap sets, or some of its summed channels.</summary>
    /// <param name="layout">the order</param>
    /// <param name="sets">all tap sets</param>
    /// <param name="group">which group</param>
    /// <param name="block">which block</param>
    /// <param name="firstChannel">first summed channel</param>
    /// <param name="endChannel">behind the last</param>
    /// <param name="w">the weights</param>
    /// <param name="packed">what the places of packed weights are counted from</param>
    /// <param name="look">whether weights are looked at, while they are near</param>
    /// <returns>whether all were found to be finite; true if nobody looked</returns>
    public static bool Pack(WeightLayout* layout, TapSet* sets, long group, long block, long firstChannel, long endChannel, T* w, T* packed, bool look)
    {
        if (!look)
        {
            Pack(layout, sets, group, block, firstChannel, endChannel, w, packed, default(NoWatch<T>));
            return true;
        }

        return Pack(layout, sets, group, block, firstChannel, endChannel, w, packed, default(FiniteWatch<T>)).AreFinite;
    }

    private static TWatch Pack<TWatch>(
        WeightLayout* layout, TapSet* sets, long group, long block, long firstChannel, long endChannel, T* w, T* packed, TWatch watch)
        where TWatch : struct, IWatch<T>
    {
        // Of kernels of more than 256 taps one channel at a time.
        var most = Math.Max(1, Run / layout->Taps);
        long channels;
        for (var first = firstChannel; first < endChannel; first += channels)
        {
            channels = Math.Min(Math.Min(most, endChannel - first), layout->ChannelsPerPart - (first % layout->ChannelsPerPart));
            PackChannels(layout, sets, group, block, first, channels, w, packed, ref watch);
        }

        return watch;
    }

    private static void PackChannels<TWatch>(
        WeightLayout* layout, TapSet* sets, long group, long block, long firstChannel, long channels, T* w, T* packed, ref TWatch watch)
        where TWatch : struct, IWatch<T>
    {
        var (firstRow, units) = layout->Blocks[block];
        var width = (long)units * layout->Blocks.Unit;
        var rows = Math.Min(width, layout->Blocks.Channels - firstRow);
        var source = w + (group * layout->GroupStride) + (firstRow * layout->RowStride) + (firstChannel * layout->ChannelStride);
        var places = stackalloc nint[Run];
        for (long firstTap = 0; firstTap < layout->Taps; firstTap += Run)
        {
            var taps = Math.Min(Run, layout->Taps - firstTap);
            Place(layout, sets, group, block, firstChannel, channels, firstTap, taps, width, places);
            for (long i = 0; rows < width && i < channels * taps; i++)
            {
                Elements<T>.Clear(packed + places[i] + rows, width - rows);
            }

            PackRun(layout, source + firstTap, channels, taps, rows, packed, places, ref watch);
        }
    }

    /// <summary>Where the weights of each channel, all of one part, and tap go.</summary>
    private static void Place(
        WeightLayout* layout, TapSet* sets, long group, long block, long firstChannel, long channels, long firstTap, long taps, long width, nint* places)
    {
        var part = firstChannel - (firstChannel % layout->ChannelsPerPart);
        var ofPart = Math.Min(layout->ChannelsPerPart, layout->Channels - part);
        var start = layout->PartStart(group, block, part);
        for (long tap = 0; tap < taps; tap++)
        {
            var (index, number) = layout->Places[firstTap + tap];
            var set = sets + index;
            for (long channel = 0; channel < channels;)
            {
                // The steps of a tap follow each other up to the end of a chain.
                var chain = set->Order.ChainOf(firstChannel + channel);
                var step = (ofPart * set->TapsBefore) + ((chain.FirstChannel - part) * set->Taps) + (number * chain.Channels) + firstChannel + channel - chain.FirstChannel;
                var place = (nint)(start + (step * width));
                var end = Math.Min(channels, chain.FirstChannel + chain.Channels - firstChannel);
                for (; channel < end; channel++, place += (nint)width)
                {
                    places[(channel * taps) + tap] = place;
                }
            }
        }
    }

    private static void PackRun<TWatch>(WeightLayout* layout, T* source, long channels, long taps, long rows, T* packed, nint* places, ref TWatch watch)
        where TWatch : struct, IWatch<T>
    {
        if (layout->RowStride == 1)
        {
            var isFar = layout->GroupStride * sizeof(T) > FarBytes;
            for (long channel = 0; channel < channels; channel++)
            {
                var from = source + (channel * layout->ChannelStride);
                if (isFar)
                {
                    Ahead.Fetch(from + (ChannelsAhead * layout->ChannelStride), rows * sizeof(T));
                }

                watch.See(from, rows);
                Elements<T>.Copy(from, packed + places[channel], rows);
            }
        }
        else if (layout->ChannelStride == taps)
        {
            // A row's channels and taps lie side by side.
            for (long row = 0; row < rows; row += RowsAtOnce)
            {
                Transposition<T>.Run(
                    source + (row * layout->RowStride), layout->RowStride, packed + row, places, Math.Min(RowsAtOnce, rows - row), channels * taps, ref watch);
            }
        }
        else
        {
            for (long channel = 0; channel < channels; channel++)
            {
                var from = source + (channel * layout->ChannelStride);
                Ahead.Fetch(from + (TurnedAhead * layout->ChannelStride), rows * taps * sizeof(T));
                Transposition<T>.Run(from, layout->RowStride, packed, places + (channel * taps), rows, taps, ref watch);
            }
        }
    }
}
