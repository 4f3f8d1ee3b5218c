using NativeConv.Kernels;
using NativeConv.Packing;
using NativeConv.Problem;

namespace NativeConv.Engine;

/// <summary>A tile of a run of pixels.</summary>
/// <param name="First">its first pixel, counted from the run's</param>
/// <param name="Rows">pixels</param>
/// <param name="FirstTap">the first of the set's taps that it sums</param>
/// <param name="Taps">how many</param>
internal readonly record struct PixelTile(int First, int Rows, int FirstTap, int Taps);

/// <summary>How a run of pixels is cut into tiles.</summary>
internal unsafe struct PixelTiles
{
    private readonly PixelTile* tiles;
    private readonly int most;

    /// <param name="most">rows of a tile, at most</param>
    /// <param name="buffer">room for a tile for each pixel</param>
    private PixelTiles(int most, PixelTile* buffer)
    {
        this.most = most;
        tiles = buffer;
    }

    /// <summary>Tiles.</summary>
    public int Count { get; private set; }

    public readonly PixelTile this[int tile] => tiles[tile];

    /// <summary>A run of so many pixels, whose tiles sum all taps of the set.</summary>
    public static PixelTiles Whole(PassPlan* pass, TapSet* set, long count, PixelTile* buffer)
    {
        var cut = new PixelTiles(pass->TileRows, buffer);
        cut.Cut(0, count, (0, set->Taps));
        return cut;
    }

    /// <summary>A run whose tiles leave out taps that read padding for all pixels of a tile.</summary>
    /// <param name="pass">how many rows a tile has</param>
    /// <param name="set">whose taps</param>
    /// <param name="together">images that follow each other at each pixel; 1: the pixels of an image follow each other</param>
    /// <param name="firstPixel">of the run</param>
    /// <param name="count">pixels of the run</param>
    /// <param name="buffer">room for a tile for each pixel</param>
    public static PixelTiles WithoutPadding(PassPlan* pass, TapSet* set, long together, long firstPixel, long count, PixelTile* buffer)
    {
        var cut = new PixelTiles(pass->TileRows, buffer);
        for (long first = 0; first < count;)
        {
            var (length, reach) = Stretch(set, together, firstPixel + first, count - first, pass->TileRows);
            cut.Cut(first, length, reach);
            first += length;
        }

        return cut;
    }

    /// <summary>The part of the time of all a set's products that tiles without padding take.</summary>
    public static double PartOf(PassPlan* pass, TapSet* set, long together)
    {
        double cost = 0;
        var count = set->Number.Product * together;
        for (long first = 0; first < count;)
        {
            var (length, reach) = Stretch(set, together, first, count - first, pass->TileRows);
            cost += Cost(length, reach, pass->TileRows);
            first += length;
        }

        return cost / Math.Max(1, count * set->Taps * KernelSet<float>.TileColumns);
    }

    /// <summary>Pixels that follow each other, as long as tiles over all of them are cheaper than tiles that end in between, and the taps that some of them needs.</summary>
    private static (long Length, (long First, long End) Reach) Stretch(TapSet* set, long together, long first, long most, int rows)
    {
        var length = OfPosition(first);
        var reach = Reach(set, first / together);
        while (length < most)
        {
            var next = first + length;
            var (nextLength, nextReach) = (OfPosition(next), Reach(set, next / together));
            var union = TapReach.Union(reach, nextReach);
            var apart = Cost(length, reach, rows) + Cost(nextLength, nextReach, rows);
            if (reach != nextReach && Cost(length + nextLength, union, rows) >= apart)
            {
                break;
            }

            length += nextLength;
            reach = union;
        }

        return (length, reach);

        long OfPosition(long pixel) => Math.Min(together - (pixel % together), most + first - pixel);
    }

    /// <summary>Vectors that tiles of so many pixels multiply, or would in the time that short ones wait.</summary>
    private static double Cost(long pixels, (long First, long End) reach, int rows)
    {
        var tiles = (pixels + rows - 1) / rows;
        return (reach.End - reach.First) * Math.Max(pixels * KernelSet<float>.TileColumns, tiles * (double)KernelSet<float>.FullTile);
    }

    private static (long First, long End) Reach(TapSet* set, long position)
    {
        var row = Math.DivRem(position, set->Number.W, out var x);
        var slice = Math.DivRem(row, set->Number.H, out var y);
        return set->Reach.Of(new Axes(slice % set->Number.D, y, x));
    }

    private void Cut(long first, long count, (long First, long End) taps)
    {
        var parts = EvenParts.AtMost(most, count);
        for (long part = 0; part < parts.Count; part++)
        {
            var (at, rows) = parts[part];
            tiles[Count++] = new PixelTile((int)(first + at), (int)rows, (int)taps.First, (int)(taps.End - taps.First));
        }
    }
}
