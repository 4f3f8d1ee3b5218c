using NativeConv.Problem;

namespace NativeConv.Packing;

/// <summary>
/// The one order of summation over the pixels of an image, for the gradients of weights and bias: rows in order (depth and height together); a chain is
/// <c>max(1, 256 / width)</c> rows, a row longer than 256 is split into runs of 256, and an image ends a chain.
/// </summary>
internal readonly struct RowChainOrder
{
    private readonly long width;
    private readonly long rows;
    private readonly long runs;

    public RowChainOrder(Axes image)
    {
        width = image.W;
        rows = image.D * image.H;
        RowsPerChain = Math.Min(rows, Math.Max(1, ChainOrder.LongestChain / width));
        runs = ((width - 1) / ChainOrder.LongestChain) + 1;
        Count = (((rows - 1) / RowsPerChain) + 1) * runs;
    }

    /// <summary>Chains of one image.</summary>
    public long Count { get; }

    /// <summary>Rows of a chain, the last of an image excepted.</summary>
    public long RowsPerChain { get; }

    /// <summary>Pixels of the longest chain.</summary>
    public long LongestChain => RowsPerChain * Math.Min(width, ChainOrder.LongestChain);

    public RowChain this[long index]
    {
        get
        {
            var firstRow = index / runs * RowsPerChain;
            var firstColumn = index % runs * ChainOrder.LongestChain;
            return new RowChain(firstRow, Math.Min(RowsPerChain, rows - firstRow), firstColumn, Math.Min(ChainOrder.LongestChain, width - firstColumn));
        }
    }
}

/// <summary>The pixels of one chain: whole rows, or a run of one row.</summary>
internal readonly record struct RowChain(long FirstRow, long Rows, long FirstColumn, long Columns)
{
    /// <summary>Pixels.</summary>
    public long Steps => Rows * Columns;
}
