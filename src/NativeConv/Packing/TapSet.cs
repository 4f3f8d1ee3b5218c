using NativeConv.Problem;

namespace NativeConv.Packing;

/// <summary>
/// One convolution of stride 1 over planes: the whole of a Gather problem, or one output phase of a Phase problem. Which taps it has, where they lie in the
/// planes, and which pixels of the result it makes.
/// </summary>
internal unsafe struct TapSet
{
    /// <summary>Taps that apply.</summary>
    public long Taps;

    /// <summary>The order of summation.</summary>
    public ChainOrder Order;

    /// <summary>For each step of a full chain the offset from its first channel's first plane (one channel's taps, if they are split into runs).</summary>
    public nint* Offsets;

    /// <summary>The same for the last chain, if it has fewer channels.</summary>
    public nint* LastOffsets;

    /// <summary>The source pixel that the first tap reads for the first result pixel; outside of the image, zero.</summary>
    public Axes Origin;

    /// <summary>The source pixels that taps read for one result pixel, and for the next along each axis.</summary>
    public TapReach Reach;

    /// <summary>First result pixel along each axis.</summary>
    public Axes First;

    /// <summary>Result pixels from one to the next.</summary>
    public Axes PixelStep;

    /// <summary>Result pixels.</summary>
    public Axes Number;

    /// <summary>Taps of the sets before, whose weights come before this one's (<see cref="WeightLayout"/>).</summary>
    public long TapsBefore;

    /// <summary>The offsets of the chain that begins with this channel and tap.</summary>
    public readonly nint* ChainOffsets(Chain chain) =>
        (chain.Channels == Order.ChannelsPerChain ? Offsets : LastOffsets) + chain.FirstTap;
}
