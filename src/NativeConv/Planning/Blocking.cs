namespace NativeConv.Planning;

/// <summary>How work is cut. None of these numbers shows in the bits of a result.</summary>
internal static class Blocking
{
    /// <summary>Bytes of planes that are filled before they are multiplied: an L2 cache of 1 MB, as servers have. Where it has 512 KB (AMD EPYC family 25 model 1) planes come from the next cache, in long runs.</summary>
    public const long PlaneBytes = 1 << 20;

    /// <summary>
    /// Bytes of an image's planes up to which tiles of points read them without bands: each number is in more products than with channels in rows, so that waiting for an
    /// L3 cache shows less than reading the weights again (64 -> 64, 3x3, 224x224, 13 MB: 1.5 to 3 % less with bands; 128 -> 256, 56x56, 2 MB: 2 % more).
    /// </summary>
    public const long PointPlaneBytes = 1 << 23;

    /// <summary>
    /// Products of one piece of work, at least: 2^18 take 2 us at 128 products/ns, the rate of a core with two 512-bit units at 4 GHz, a hundred times what
    /// claiming a piece costs.
    /// </summary>
    public const long PieceProducts = 1 << 18;

    /// <summary>Pieces of a stage, if it has that much to do: eight for each of two workers keep them within an eighth of each other.</summary>
    public const long PiecesWanted = 16;

    /// <summary>Pieces that are enough where more would have to pack the same weights again.</summary>
    public const long PiecesNeeded = 4;

    /// <summary>Blocks of images, or bands of them, that are enough to give each worker whole ones: two workers get as many, more get parts that differ by one.</summary>
    public const long LocalBlocks = 8;

    /// <summary>
    /// Products below which a layer is not shared with the pool: 2^21 take about 30 us on one core, a few times what the stages of a call cost to share. A caller's
    /// parallel-for is always called: it was asked for.
    /// </summary>
    public const double SmallLayer = 1 << 21;

    /// <summary>Bytes of the sums of one tile and all its channels, at most: a quarter of an L2 cache of 1 MB, whose rest the planes and weights use.</summary>
    public const long TileBytes = 1 << 18;

    /// <summary>Bytes of pixels that a strip of tiles reads, at most: most of a first-level cache of 32 KB, beside the weights of a block.</summary>
    public const long StripBytes = 3 << 13;

    /// <summary>Bytes of a row of a strip's sums, at most: runs of 1.5 KB in every result row are enough for a prefetcher to follow, and four or eight rows of them stay near.</summary>
    public const long StripRowBytes = 3 << 9;

    /// <summary>Bytes of the sums of one run of pixels and the channels of a tile: beside the weights of a chain in an L2 cache, with room for what the pixels read.</summary>
    public const long PointBytes = 3 << 14;

    /// <summary>The same of sums over several taps, whose chains read pixels of fewer channels, each several times: 1 to 2 % less than with half of it.</summary>
    public const long PointBytesOfTaps = 3 << 15;

    /// <summary>Bytes that are read again and again from an L2 cache of 1 MB, beside others.</summary>
    public const long NearBytes = 1 << 19;

    /// <summary>Bytes of images that are read once and come out of memory, or an L3 cache that others use too, each of many channels from a place of its own.</summary>
    public const long FarBytes = 1 << 22;

    /// <summary>The same where only as many channels as a tile has rows are read at once, which prefetchers follow: 1x1 weight gradients of 4.8 MB, one image, take 6 % more if lines are asked for, of 6 MB in 32 images 9 % less.</summary>
    public const long FarRowBytes = 5 << 20;

    /// <summary>Bytes of pixels that are copied in the order in which tiles read them, before they are multiplied: read from first to last, they may come from an L3 cache.</summary>
    public const long TilesBytes = 1 << 22;

    /// <summary>Bytes of planes and panels of the images that a weight gradient sums before it turns to other sums: what one core may use of an L3 cache.</summary>
    public const long GradientImageBytes = 1 << 22;

    /// <summary>Images are so many times the sums of all groups of chains of a weight gradient, at least, if each group is to be one worker's.</summary>
    public const long ImagesPerGroupSums = 8;

    /// <summary>Workspace, in bytes, that is small whatever the tensors are.</summary>
    public const long SmallWorkspace = 64 << 20;

    /// <summary>
    /// Workspace in units of the tensors' bytes, beyond which planes are nearly all padding, as with a dilation far larger than the image. Groups of one channel
    /// that are turned into whole vectors need sixteen times the image, and that is the most that ordinary layers come to.
    /// </summary>
    public const long MostWorkspace = 32;

    /// <summary>Taps of a kernel whose tables a plan may hold: 2^20 offsets take 8 MB.</summary>
    public const long MostTaps = 1 << 20;

    /// <summary>Output phases that a plan may hold: 2^14 sets of taps take 4 MB.</summary>
    public const long MostSets = 1 << 14;
}
