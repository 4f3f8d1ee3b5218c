namespace NativeConv.Packing;

/// <summary>The channels of a group, cut into the blocks that tiles take: single channels in the rows of a tile, or whole vectors of them across it.</summary>
/// <param name="channels">channels of a group</param>
/// <param name="unit">channels that are not cut apart: 1, or a vector</param>
/// <param name="most">units of the largest block</param>
internal readonly struct ChannelBlocks(long channels, int unit, int most)
{
    private readonly EvenParts blocks = EvenParts.AtMost(most, (channels + unit - 1) / unit);

    /// <summary>Channels of a group.</summary>
    public long Channels { get; } = channels;

    /// <summary>Channels that are not cut apart.</summary>
    public int Unit { get; } = unit;

    /// <summary>Units of a block, at most.</summary>
    public int Most { get; } = most;

    /// <summary>Units of the widest block that there is.</summary>
    public int Widest => (int)blocks.Most;

    /// <summary>Channels rounded up to whole units.</summary>
    public long Padded { get; } = (channels + unit - 1) / unit * unit;

    /// <summary>Blocks of a group.</summary>
    public long Count => blocks.Count;

    /// <summary>A block's first channel, and its units: as even as whole units allow.</summary>
    public (long First, int Units) this[long block]
    {
        get
        {
            var (first, units) = blocks[block];
            return (first * Unit, (int)units);
        }
    }
}
