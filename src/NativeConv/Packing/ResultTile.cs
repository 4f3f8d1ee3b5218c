using NativeConv.Kernels.Moves;
using NativeConv.Problem;

namespace NativeConv.Packing;

/// <summary>
/// Which pixels of the result the columns of a tile are. They run along the rows of a slice, pitch after pitch; columns beyond the end of a result row
/// are left out: what tiles computed there belongs to nobody.
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

    /// <summary>Pixels of a run lie side by side in the result, too.</summary>
    public readonly bool IsDense => Set->PixelStep.W == 1;

    /// <summary>The next run of columns that are pixels, from <paramref name="column"/> on, which moves behind it.</summary>
    /// <param name="column">0 to begin with</param>
    /// <param name="first">the run's first column</param>
    /// <param name="pixel">the element of a channel that it is</param>
    /// <param name="length">columns of the run</param>
    /// <returns>whether there was one</returns>
    public readonly bool NextRun(ref long column, out long first, out long pixel, out long length)
    {
        var (step, number) = (Set->PixelStep, Set->Number);
        first = pixel = length = 0;
        while (column < Count)
        {
            var row = Math.DivRem(First + column, Pitch, out var x);
            if (row >= number.H)
            {
                return false;
            }

            // Rows of tile and result may both lie end to end.
            var joined = Pitch == Size.W && number.W == Size.W && step.H == 1 && step.W == 1;
            var rows = joined ? number.H - row : 1;
            first = column;
            pixel = ((((Set->First.D + (Slice * step.D)) * Size.H) + Set->First.H + (row * step.H)) * Size.W) + Set->First.W + (x * step.W);
            length = Math.Min(Count - column, ((rows - 1) * Pitch) + number.W - x);
            column += (rows * Pitch) - x;
            if (length > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A run of the tile to pixels that do not lie side by side.</summary>
    public readonly void Scatter(T* run, T* pixels, long length)
    {
        var step = Set->PixelStep.W;
        for (long channel = 0; channel < Channels; channel++, run += TilePitch, pixels += Size.Product)
        {
            var pixel = pixels;
            for (long x = 0; x < length; x++, pixel += step)
            {
                *pixel = run[x];
            }
        }
    }

    /// <summary>The same pixels to the tile.</summary>
    public readonly void Gather(T* pixels, T* run, long length)
    {
        for (long channel = 0; channel < Channels; channel++, run += TilePitch, pixels += Size.Product)
        {
            Elements<T>.CopyEvery(Set->PixelStep.W, pixels, run, length);
        }
    }
}
