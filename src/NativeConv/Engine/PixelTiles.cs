using NativeConv.Kernels;
using NativeConv.Kernels.Tiles;
using NativeConv.Packing;

namespace NativeConv.Engine;

/// <summary>A tile of a run of pixels.</summary>
internal struct PixelTile
{
    /// <summary>Its first pixel in the order of <see cref="PixelTiles"/>.</summary>
    public int First;

    /// <summary>Pixels.</summary>
    public int Rows;

    /// <summary>Those of the set that it sums, unless all tiles sum all.</summary>
    public StepRuns Taps;
}

/// <summary>How a run of pixels is cut into tiles, and in which order: pixels of a tile need not be neighbours.</summary>
internal unsafe struct PixelTiles
{
    // Cutting a block of pixels with the same taps takes, in multiply-adds of a vector, and so does each pixel whose place changes: what layers of 8 to 256 channels and
    // 14x14 to 112x112 pixels took more than the products that were left out explain (AMD EPYC family 25 model 17, both widths).
    private const double OfBlock = 350;
    private const double OfPixel = 10;

    // To look at a run takes about a microsecond.
    private const long MostRunsLookedAt = 8;

    private readonly int most;
    private readonly PixelTile* tiles;
    private readonly nint* order;

    // A multiply-add of a vector, where costs are counted in those of each vector of a full tile by each channel.
    private readonly double ofVector;
    private int pixels;

    /// <param name="pass">how many rows a tile has, and what it sums</param>
    /// <param name="tiles">room for a tile for each pixel; null: only costs are asked for</param>
    /// <param name="order">room for a number for each pixel; null: they stay in order, and all taps are summed</param>
    private PixelTiles(PassPlan* pass, PixelTile* tiles, nint* order)
    {
        most = pass->TileRows;
        ofVector = (double)KernelSet<float>.TileColumns * pass->VectorLength * pass->Weights.Blocks.Count / ((double)pass->Weights.Blocks.Padded * pass->Problem.SourceChannels);
        this.tiles = tiles;
        this.order = order;
    }

    /// <summary>Tiles.</summary>
    public int Count { get; private set; }

    /// <summary>Whether tiles sum some taps only.</summary>
    public readonly bool LeaveOutTaps => order != null;

    public readonly PixelTile* this[int tile] => tiles + tile;

    /// <summary>A run of so many pixels, in order, whose tiles sum all taps.</summary>
    public static PixelTiles Whole(PassPlan* pass, long count, PixelTile* tiles)
    {
        var cut = new PixelTiles(pass, tiles, null);
        cut.Add(0, 1, count, count, default);
        return cut;
    }

    /// <summary>A run whose tiles leave out taps that read padding for all pixels of a tile.</summary>
    /// <param name="pass">how many rows a tile has</param>
    /// <param name="set">whose taps</param>
    /// <param name="together">images that follow each other at each pixel; 1: the pixels of an image follow each other</param>
    /// <param name="firstPixel">of the run; of all images, if they follow each other</param>
    /// <param name="count">pixels of the run; of all images, if they follow each other</param>
    /// <param name="tiles">room for a tile for each pixel</param>
    /// <param name="order">for each pixel in the order of tiles its number in the run</param>
    public static PixelTiles WithoutPadding(PassPlan* pass, TapSet* set, long together, long firstPixel, long count, PixelTile* tiles, nint* order)
    {
        var cut = new PixelTiles(pass, tiles, order);
        cut.LeaveOut(set, together, firstPixel / together, count / together);
        return cut;
    }

    /// <summary>The part of the time of all a set's products that tiles without padding take, from some of an image's runs.</summary>
    /// <param name="pass">how many rows a tile has</param>
    /// <param name="set">whose taps</param>
    /// <param name="together">images that follow each other at each pixel</param>
    /// <param name="run">pixels of an image that are of one run, at most</param>
    public static double PartOf(PassPlan* pass, TapSet* set, long together, long run)
    {
        var tiles = new PixelTiles(pass, null, null);
        var runs = EvenParts.AtMost(run, set->Number.Product);
        var looked = Math.Min(runs.Count, MostRunsLookedAt);
        double left = 0, all = 0;
        for (long i = 0; i < looked; i++)
        {
            // The first and the last run have other padding than those in between, which are alike.
            var (first, count) = runs[i * (runs.Count - 1) / Math.Max(1, looked - 1)];
            var likeIt = i == 0 || i == looked - 1 ? 1 : (runs.Count - 2) / (double)(looked - 2);
            left += likeIt * tiles.LeaveOut(set, together, first, count);
            all += likeIt * tiles.CostOfTiles(set, count * together, set->Taps);
        }

        return left / Math.Max(1, all);
    }

    /// <summary>Rows of an image that meet the same padding above and below, after the other; in each, columns that meet the same at their sides.</summary>
    /// <returns>what it costs</returns>
    private double LeaveOut(TapSet* set, long together, long first, long count)
    {
        double cost = 0;
        for (long done = 0, rows; done < count; done += rows)
        {
            var row = Math.DivRem(first + done, set->Number.W, out var column);
            var slice = Math.DivRem(row, set->Number.H, out var y);
            var columns = Math.Min(set->Number.W - column, count - done);
            var (d, h) = (set->Reach.Along(0, slice % set->Number.D), set->Reach.Along(1, y));
            rows = columns < set->Number.W ? 1 : set->Reach.EndOfAlike(1, y, Math.Min(set->Number.H, y + ((count - done) / columns))) - y;
            cost += LeaveOut(set, together, (d, h), done, rows, column, columns);
            rows *= columns;
        }

        return cost;
    }

    /// <summary>The same for some of these rows: columns next to each other are of one block where that is cheaper than blocks that end in between.</summary>
    private double LeaveOut(TapSet* set, long together, ((long First, long End) D, (long First, long End) H) reach, long done, long rows, long firstColumn, long columns)
    {
        double cost = 0;
        for (long first = 0; first < columns;)
        {
            var ofBlock = set->Reach.Along(2, firstColumn + first);
            var end = EndOfAlike(first);
            while (end < columns)
            {
                var next = set->Reach.Along(2, firstColumn + end);
                var endNext = EndOfAlike(end);
                var union = Union(ofBlock, next);
                var apart = Cost(set, rows * (end - first) * together, Taps(set, reach, ofBlock)) + Cost(set, rows * (endNext - end) * together, Taps(set, reach, next));
                if (next != ofBlock && Cost(set, rows * (endNext - first) * together, Taps(set, reach, union)) >= apart)
                {
                    break;
                }

                (end, ofBlock) = (endNext, union);
            }

            var taps = Taps(set, reach, ofBlock);
            cost += Cost(set, rows * (end - first) * together, taps);
            Add((done + first) * together, rows, columns * together, (end - first) * together, taps);
            first = end;
        }

        return cost;

        long EndOfAlike(long column) => set->Reach.EndOfAlike(2, firstColumn + column, firstColumn + columns) - firstColumn;
    }

    /// <summary>Tiles of a block of pixels: rows of some that follow each other.</summary>
    private void Add(long first, long rows, long pitch, long length, StepRuns taps)
    {
        if (tiles == null)
        {
            return;
        }

        var parts = EvenParts.AtMost(most, rows * length);
        for (long part = 0; part < parts.Count; part++)
        {
            var (at, count) = parts[part];
            tiles[Count++] = new PixelTile { First = pixels + (int)at, Rows = (int)count, Taps = taps };
        }

        var next = order + pixels;
        pixels += (int)(rows * length);
        for (long row = 0; LeaveOutTaps && row < rows; row++, first += pitch)
        {
            for (var pixel = first; pixel < first + length; pixel++)
            {
                *next++ = (nint)pixel;
            }
        }
    }

    /// <summary>What a block of pixels takes if taps are left out, in the vectors that tiles multiply by a channel.</summary>
    private readonly double Cost(TapSet* set, long count, in StepRuns taps) =>
        CostOfTiles(set, count, taps.Count) + ((OfBlock + (OfPixel * count)) * ofVector);

    /// <summary>What its tiles take: short ones wait, and each begins and ends.</summary>
    private readonly double CostOfTiles(TapSet* set, long count, long taps)
    {
        var tiles = (count + most - 1) / most;
        return (taps * Math.Max(count * KernelSet<float>.TileColumns, tiles * (double)KernelSet<float>.FullTile)) + (tiles * (double)KernelSet<float>.TileStart * set->Taps / ChainOrder.LongestChain);
    }

    private static StepRuns Taps(TapSet* set, ((long First, long End) D, (long First, long End) H) reach, (long First, long End) columns) =>
        StepRuns.Box(reach.D, reach.H, columns, set->Reach.Taps.H, set->Reach.Taps.W);

    private static (long First, long End) Union((long First, long End) a, (long First, long End) b) =>
        a.First >= a.End ? b : b.First >= b.End ? a : (Math.Min(a.First, b.First), Math.Max(a.End, b.End));
}
