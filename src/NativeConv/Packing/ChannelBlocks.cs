namespace NativeConv.Packing;

/// <summary>The channels of a group, cut into the blocks that tiles take: single channels in the rows of a tile, or whole vectors of them across it.</summary>
internal struct ChannelBlocks
{
    /// <summary>Channels of a group.</summary>
    public long Channels;

    /// <summary>Channels that are not cut apart: 1, or a vector.</summary>
    public int Unit;

    /// <summary>Units of the largest block.</summary>
    public int Most;

    /// <summary>Channels rounded up to whole units.</summary>
    public readonly long Padded => Units * Unit;

    /// <summary>Blocks of a group.</summary>
    public readonly long Count => ((Units - 1) / Most) + 1;

    /// <summary>A block's first channel, and its units: as even as whole units allow.</summary>
    public readonly (long First, int Units) this[long block]
    {
        get
        {
            var first = First(block);
            return (first * Unit, (int)(First(block + 1) - first));
        }
    }

    private readonly long Units => ((Channels - 1) / Unit) + 1;

    private readonly long First(long block) => block * Units / Count;
}
