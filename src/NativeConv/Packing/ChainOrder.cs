namespace NativeConv.Packing;

/// <summary>
/// The one order of summation of Gather and Phase problems: channels in blocks of <c>max(1, 256 / taps)</c>, more than 256 taps in runs of 256; within a
/// block taps in raster order, for each tap the block's channels. It depends on the descriptor alone, and every algorithm keeps it.
/// </summary>
internal readonly struct ChainOrder
{
    /// <summary>Products of the longest chain: what bounds its rounding error.</summary>
    public const int LongestChain = 256;

    /// <summary>Chains whose sums are added before they join the total.</summary>
    public const int ChainsPerGroup = 64;

    private readonly long taps;
    private readonly long runs;

    public ChainOrder(long channels, long taps)
    {
        Channels = channels;
        this.taps = taps;
        ChannelsPerChain = Math.Min(channels, Math.Max(1, LongestChain / Math.Max(1, taps)));
        runs = Math.Max(1, ((taps - 1) / LongestChain) + 1);
        Count = (((channels - 1) / ChannelsPerChain) + 1) * runs;
    }

    /// <summary>Summed channels.</summary>
    public long Channels { get; }

    public long ChannelsPerChain { get; }

    /// <summary>Chains of one result.</summary>
    public long Count { get; }

    /// <summary>The first chain of a channel.</summary>
    public long IndexOf(long channel) => channel / ChannelsPerChain * runs;

    /// <summary>The channels that are summed in one chain with this one.</summary>
    public (long FirstChannel, long Channels) ChainOf(long channel)
    {
        var first = channel - (channel % ChannelsPerChain);
        return (first, Math.Min(ChannelsPerChain, Channels - first));
    }

    public Chain this[long index]
    {
        get
        {
            var first = index / runs * ChannelsPerChain;
            var firstTap = index % runs * LongestChain;
            return new Chain(first, Math.Min(ChannelsPerChain, Channels - first), firstTap, Math.Min(LongestChain, taps - firstTap));
        }
    }
}

/// <summary>One chain of fused multiply-adds: a block of channels, or a run of one channel's taps.</summary>
internal readonly record struct Chain(long FirstChannel, long Channels, long FirstTap, long Taps)
{
    /// <summary>Products.</summary>
    public long Steps => Channels * Taps;
}
