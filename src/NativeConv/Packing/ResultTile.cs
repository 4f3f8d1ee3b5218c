using NativeConv.Problem;

namespace NativeConv.Packing;

/// <summary>
/// Moves pixels between a tile, whose columns run along the rows of a slice of planes, pitch after pitch, and channels of the result. Columns beyond
/// the end of a result row are left out: what tiles computed there belongs to nobody.
/// </summary>
internal unsafe struct ResultTile<T>
    where T : unmanaged
{
    /// <summary>Which result pixels columns are.</summary>
    public TapSet* Set;

    /// <summary>Sizes of the result.</summary>
    public Axes Size;

    /// <summary>Columns from one row to the next.</summary>
    public long Pitch;

    /// <summary>Which of the set's slices.</summary>
    public long Slice;

    /// <summary>The tile's first column, counted from the start of the slice.</summary>
    public long First;

    /// <summary>Columns of the tile.</summary>
    public long Count;

    /// <summary>Channels, the rows of the tile.</summary>
    public long Channels;

    /// <summary>Elements from one row of the tile to the next.</summary>
    public long TilePitch;

    /// <summary>Tile to result.</summary>
    public readonly void Write(T* tile, T* firstChannel) => Move(tile, firstChannel, write: true);

    /// <summary>Result to tile: the same columns.</summary>
    public readonly void Read(T* tile, T* firstChannel) => Move(tile, firstChannel, write: false);

    private readonly void Move(T* tile, T* firstChannel, bool write)
    {
        var slice = firstChannel + ((Set->First.D + (Slice * Set->PixelStep.D)) * Size.H * Size.W) + Set->First.W;
        if (Pitch == Size.W && Set->Number.W == Size.W && Set->PixelStep.H == 1 && Set->PixelStep.W == 1)
        {
            // Rows of tile and result both lie end to end.
            MoveRun(tile, slice + (Set->First.H * Size.W) + First, Math.Min(Count, (Set->Number.H * Size.W) - First), write);
            return;
        }

        var row = First / Pitch;
        var column = First % Pitch;
        for (var left = Count; left > 0 && row < Set->Number.H; row++)
        {
            var run = Math.Min(left, Set->Number.W - column);
            if (run > 0)
            {
                var pixels = slice + ((Set->First.H + (row * Set->PixelStep.H)) * Size.W) + (column * Set->PixelStep.W);
                MoveRun(tile, pixels, run, write);
            }

            var passed = Pitch - column;
            tile += passed;
            left -= passed;
            column = 0;
        }
    }

    /// <summary>The same run of columns in every channel.</summary>
    private readonly void MoveRun(T* tile, T* pixels, long run, bool write)
    {
        var step = Set->PixelStep.W;
        var channelStride = Size.Product;
        if (step == 1)
        {
            var (from, to) = write ? ((nint)tile, (nint)pixels) : ((nint)pixels, (nint)tile);
            var (fromPitch, toPitch) = write ? (TilePitch, channelStride) : (channelStride, TilePitch);
            Elements<T>.CopyRows((T*)from, fromPitch, (T*)to, toPitch, Channels, run);
            return;
        }

        for (long channel = 0; channel < Channels; channel++, tile += TilePitch, pixels += channelStride)
        {
            if (write)
            {
                for (long x = 0; x < run; x++)
                {
                    pixels[x * step] = tile[x];
                }
            }
            else
            {
                Elements<T>.CopyEvery(step, pixels, tile, run);
            }
        }
    }
}
