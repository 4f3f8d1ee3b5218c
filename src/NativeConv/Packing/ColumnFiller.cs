using NativeConv.Kernels.Moves;

namespace NativeConv.Packing;

/// <summary>Copies the pixels that one tile of a tap set with one tap reads: for each channel of a chain the tile's columns, side by side.</summary>
internal unsafe struct ColumnFiller<T>
    where T : unmanaged
{
    public TapSet* Set;
    public PlaneLayout* Layout;

    /// <summary>Elements from one channel's columns to the next's.</summary>
    public long Pitch;

    /// <summary>Which of the set's slices.</summary>
    public long Slice;

    /// <summary>The tile's first column: result pixels of the slice in raster order.</summary>
    public long First;

    /// <summary>Columns of the tile; those beyond the slice's last are zero.</summary>
    public long Count;

    /// <param name="source">the chain's first channel</param>
    /// <param name="channels">channels of the chain</param>
    /// <param name="columns">rows of <see cref="Pitch"/> elements</param>
    /// <param name="buffer">of one source row</param>
    public readonly void Fill(in ChannelReader<T> source, long channels, T* columns, T* buffer)
    {
        var size = Layout->Source;
        var step = Layout->Step;
        var z = Set->Origin.D + (Slice * step.D);
        var row = First / Set->Number.W;
        var column = First % Set->Number.W;
        var left = Count;
        for (; left > 0 && row < Set->Number.H; row++, column = 0)
        {
            var run = Math.Min(left, Set->Number.W - column);
            var y = Set->Origin.H + (row * step.H);
            var x = Set->Origin.W + (column * step.W);
            var (first, end) = (0L, 0L);
            if ((ulong)z < (ulong)size.D && (ulong)y < (ulong)size.H)
            {
                (first, end) = PlaneLayout.Valid(size.W, step.W, -x, 0, run);
                if (step.H == 1 && step.W == 1 && Set->Origin.W == 0 && Set->Number.W == size.W)
                {
                    // Rows of source and result both lie end to end.
                    var rows = Math.Min(Set->Number.H - row, size.H - y);
                    end = run = Math.Min(left, (rows * size.W) - column);
                    row += rows - 1;
                }
            }

            FillRun(source.Skip((((z * size.H) + y) * size.W) + x + (first * step.W)), first, end, run, channels, columns, buffer);
            columns += run;
            left -= run;
        }

        Clear(columns, channels, left);
    }

    /// <summary>A run of columns of every channel: source pixels in [first, end), zeros around them.</summary>
    private readonly void FillRun(in ChannelReader<T> from, long first, long end, long run, long channels, T* columns, T* buffer)
    {
        Clear(columns, channels, first);
        Clear(columns + end, channels, run - end);
        var count = end - first;
        if (count == 0)
        {
            return;
        }

        var step = Layout->Step.W;
        var stride = Layout->Source.Product;
        if (step == 1 && from.Delta == null)
        {
            Elements<T>.CopyRows(from.Data, stride, columns + first, Pitch, channels, count);
            return;
        }

        for (long channel = 0; channel < channels; channel++)
        {
            var source = from.Skip(channel * stride);
            var target = columns + first + (channel * Pitch);
            if (step == 1)
            {
                source.Read(0, count, target);
            }
            else if (source.Delta == null)
            {
                Elements<T>.CopyEvery(step, source.Data, target, count);
            }
            else
            {
                source.Read(0, ((count - 1) * step) + 1, buffer);
                Elements<T>.CopyEvery(step, buffer, target, count);
            }
        }
    }

    private readonly void Clear(T* columns, long channels, long count)
    {
        for (long channel = 0; count > 0 && channel < channels; channel++)
        {
            Elements<T>.Clear(columns + (channel * Pitch), count);
        }
    }
}
