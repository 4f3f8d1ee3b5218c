using NativeConv.Kernels.Moves;

namespace NativeConv.Packing;

/// <summary>
/// One image, or several, with channels turned innermost, for tiles that have channels in vectors: groups, blocks of channels, pixels in raster order, the block's
/// channels side by side. Channels beyond a group's last are zero.
/// </summary>
internal struct PanelLayout
{
    /// <summary>Channels of a group, in whole vectors.</summary>
    public ChannelBlocks Blocks;

    /// <summary>Pixels of the image.</summary>
    public long ImagePixels;

    /// <summary>Pixels of the images that lie together, one after the other.</summary>
    public long Pixels;

    /// <summary>All images are more than caches hold: their lines are asked for.</summary>
    public bool IsFar;

    /// <summary>Elements of one group.</summary>
    public readonly long GroupStride => Blocks.Padded * Pixels;

    /// <summary>Elements of a group before a pixel of a block.</summary>
    public readonly long Start(long block, long pixel)
    {
        var (first, units) = Blocks[block];
        return (first * Pixels) + (pixel * units * Blocks.Unit);
    }
}

/// <summary>Fills panels.</summary>
internal static unsafe class PanelFiller<T>
    where T : unmanaged
{
    /// <summary>Pixels that are read at once, at most: a chain's.</summary>
    public const int Run = ChainOrder.LongestChain;

    /// <summary>Channels that are made at once, where the image is not read as it is.</summary>
    public const int Rows = 16;

    /// <summary>Some pixels of one block.</summary>
    /// <param name="layout">blocks, and the size of the image</param>
    /// <param name="group">the image, from the group's first channel on</param>
    /// <param name="block">which block</param>
    /// <param name="firstPixel">first pixel</param>
    /// <param name="count">pixels, up to <see cref="Run"/></param>
    /// <param name="target">the first pixel's channels</param>
    /// <param name="rows">a buffer of <see cref="Rows"/> times <see cref="Run"/> elements</param>
    public static void Fill(PanelLayout* layout, in ChannelReader<T> group, long block, long firstPixel, long count, T* target, T* rows)
    {
        var (firstChannel, units) = layout->Blocks[block];
        var width = (long)units * layout->Blocks.Unit;
        var channels = Math.Min(width, layout->Blocks.Channels - firstChannel);
        var source = group.Skip((firstChannel * layout->ImagePixels) + firstPixel);
        if (layout->ImagePixels == 1)
        {
            source.Read(0, channels, target);
        }
        else if (source.Delta == null)
        {
            if (layout->IsFar) Transposition<T>.RunFromFar(source.Data, layout->ImagePixels, target, width, channels, count);
            else Transposition<T>.Run(source.Data, layout->ImagePixels, target, width, channels, count);
        }
        else
        {
            for (long first = 0; first < channels; first += Rows)
            {
                var some = Math.Min(Rows, channels - first);
                for (long row = 0; row < some; row++)
                {
                    source.Read((first + row) * layout->ImagePixels, count, rows + (row * Run));
                }

                Transposition<T>.Run(rows, Run, target + first, width, some, count);
            }
        }

        for (long pixel = 0; channels < width && pixel < count; pixel++)
        {
            Elements<T>.Clear(target + (pixel * width) + channels, width - channels);
        }
    }
}
