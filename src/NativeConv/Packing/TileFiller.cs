using NativeConv.Kernels.Moves;

namespace NativeConv.Packing;

/// <summary>
/// Copies the pixels that the one tap of a set reads, for tiles that have pixels in rows: as many pixels as a tile has rows, channel after channel, then the
/// next as many. A tile reads them from first to last. Pixels of a block of images are one sequence, so that tiles may hold some of two images.
/// </summary>
internal unsafe struct TileFiller<T>
    where T : unmanaged
{
    /// <summary>Channels that are copied together: what they fill of a tile's pixels is whole cache lines.</summary>
    public const int Channels = 16;

    // Pixels of a run: with all channels of a piece half of a first-level cache of 32 KB.
    private const int Run = 256;

    /// <summary>Which pixels, and the place of the tap.</summary>
    public TapSet* Set;

    public PlaneLayout* Layout;

    /// <summary>Channels after those of a call that are filled next and come from memory; 0: none, or they are near.</summary>
    public long NextChannels;

    /// <summary>Elements of the buffer that each worker needs.</summary>
    public static long Buffer(long sourceWidth) => (Channels * Run) + sourceWidth;

    /// <summary>All pixels of one image, of some channels.</summary>
    /// <param name="source">the first of the channels</param>
    /// <param name="channels">up to <see cref="Channels"/></param>
    /// <param name="firstPixel">pixels of the images before</param>
    /// <param name="tiles">where the first of the channels lies in the first tile</param>
    /// <param name="buffer">see <see cref="Buffer"/></param>
    public readonly void Fill(in ChannelReader<T> source, long channels, long firstPixel, T* tiles, T* buffer)
    {
        var number = Set->Number;
        var grouping = new Grouping<T> { Size = (int)Layout->ChannelStride, Pitch = Layout->TileStride };
        if (source.Delta == null && ReadsAll())
        {
            grouping.Next = NextChannels * number.Product;
            grouping.Run(source.Data, Layout->Source.Product, channels, number.Product, firstPixel, tiles);
            return;
        }

        var slicePixels = number.H * number.W;
        var filler = new ColumnFiller<T> { Set = Set, Layout = Layout, Pitch = Run };
        for (filler.Slice = 0; filler.Slice < number.D; filler.Slice++)
        {
            for (filler.First = 0; filler.First < slicePixels; filler.First += Run)
            {
                filler.Count = Math.Min(Run, slicePixels - filler.First);
                filler.Fill(source, channels, buffer, buffer + (Channels * Run));
                grouping.Run(buffer, Run, channels, filler.Count, firstPixel + (filler.Slice * slicePixels) + filler.First, tiles);
            }
        }
    }

    /// <summary>Whether the pixels are those of the source, one by one.</summary>
    private readonly bool ReadsAll() => Layout->Step.Product == 1 && Set->Origin.Equals(default) && Set->Number.Equals(Layout->Source);
}
