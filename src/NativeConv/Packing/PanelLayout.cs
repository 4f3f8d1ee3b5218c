namespace NativeConv.Packing;

/// <summary>
/// One image with its channels turned innermost, for tiles that have channels in vectors: groups, blocks of up to three vectors of channels, pixels in
/// raster order, the block's channels side by side. Channels beyond a group's last are zero.
/// </summary>
internal struct PanelLayout
{
    /// <summary>Channels of a group.</summary>
    public long Channels;

    /// <summary>Pixels of the image.</summary>
    public long Pixels;

    public int VectorLength;

    /// <summary>Vectors across the widest tile.</summary>
    public int TileColumns;

    /// <summary>Vectors of a group's channels.</summary>
    public readonly long Vectors => ((Channels - 1) / VectorLength) + 1;

    /// <summary>Channels of a group, rounded up to whole vectors.</summary>
    public readonly long PaddedChannels => Vectors * VectorLength;

    /// <summary>Blocks of a group.</summary>
    public readonly long Blocks => ((Vectors - 1) / TileColumns) + 1;

    /// <summary>First vector of a block, and its number of vectors: as even as whole vectors allow.</summary>
    public readonly (long First, int Count) Block(long block)
    {
        var first = block * Vectors / Blocks;
        return (first, (int)(((block + 1) * Vectors / Blocks) - first));
    }

    /// <summary>Elements before a block.</summary>
    public readonly long BlockStart(long group, long block) => ((group * Vectors) + Block(block).First) * VectorLength * Pixels;
}

/// <summary>Fills panels.</summary>
internal static unsafe class PanelFiller<T>
    where T : unmanaged
{
    /// <summary>Pixels that are read at once.</summary>
    public const int Run = 256;

    /// <summary>Fills up to <see cref="Run"/> pixels of one block of one group.</summary>
    /// <param name="layout">where pixels go</param>
    /// <param name="image">the image, all groups</param>
    /// <param name="group">which group</param>
    /// <param name="block">which block</param>
    /// <param name="firstPixel">a multiple of <see cref="Run"/></param>
    /// <param name="panel">the panel's first element</param>
    /// <param name="row">a buffer of <see cref="Run"/> elements</param>
    public static void Fill(PanelLayout* layout, ChannelReader<T> image, long group, long block, long firstPixel, T* panel, T* row)
    {
        var (firstVector, vectors) = layout->Block(block);
        var width = (long)vectors * layout->VectorLength;
        var firstChannel = firstVector * layout->VectorLength;
        var count = Math.Min(Run, layout->Pixels - firstPixel);
        var target = panel + layout->BlockStart(group, block) + (firstPixel * width);
        for (long channel = 0; channel < width; channel++)
        {
            var pixels = row;
            if (firstChannel + channel >= layout->Channels)
            {
                Elements<T>.Clear(row, count);
            }
            else
            {
                var source = image.Skip(((((group * layout->Channels) + firstChannel + channel) * layout->Pixels) + firstPixel));
                if (source.Delta == null)
                {
                    pixels = source.Data;
                }
                else
                {
                    source.Read(0, count, row);
                }
            }

            var at = target + channel;
            for (long i = 0; i < count; i++, at += width)
            {
                *at = pixels[i];
            }
        }
    }
}
