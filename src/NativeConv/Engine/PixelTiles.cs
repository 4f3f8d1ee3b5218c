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

    /// <param name="pass">how many rows a tile has, and whether padding is skipped</param>
    /// <param name="set">whose taps</param>
    /// <param name="firstPixel">of the run: images in order, a set's pixels in raster order</param>
    /// <param name="count">pixels of the run</param>
    /// <param name="skipsPadding">leave out taps that read padding for all pixels of a tile</param>
    /// <param name="buffer">room for a tile for each pixel</param>
    public PixelTiles(PassPlan* pass, TapSet* set, long firstPixel, long count, bool skipsPadding, PixelTile* buffer)
    {
        tiles = buffer;
        if (!skipsPadding)
        {
            Cut(0, count, pass->TileRows, 0, (int)set->Taps);
            return;
        }

        // Along the rows of the image: the pixels of a tile have the same padding above and below.
        var number = set->Number;
        var rowLength = number.W * 2 >= pass->TileRows ? number.W : number.Product;
        for (long first = 0; first < count;)
        {
            var end = Math.Min(count, first + rowLength - ((firstPixel + first) % rowLength));
            var before = Count;
            Cut(first, end - first, pass->TileRows, 0, 0);
            for (; before < Count; before++)
            {
                var (at, rows, _, _) = tiles[before];
                var (firstTap, endTap) = Reach(set, firstPixel + at, rows);
                tiles[before] = new PixelTile(at, rows, (int)firstTap, (int)(endTap - firstTap));
            }

            first = end;
        }
    }

    /// <summary>Tiles.</summary>
    public int Count { get; private set; }

    public readonly PixelTile this[int tile] => tiles[tile];

    /// <summary>The part of a set's products that tiles of whole rows sum, where they leave out padding.</summary>
    public static double PartOf(TapSet* set)
    {
        double taps = 0;
        var number = set->Number;
        for (long row = 0; row < number.D * number.H; row++)
        {
            var (z, y) = Math.DivRem(row, number.H);
            var (first, end) = TapReach.Union(set->Reach.Of(new Axes(z, y, 0)), set->Reach.Of(new Axes(z, y, number.W - 1)));
            taps += end - first;
        }

        return taps / Math.Max(1, number.D * number.H * set->Taps);
    }

    private static (long First, long End) Reach(TapSet* set, long pixel, int rows)
    {
        (long First, long End) reach = default;
        for (var i = 0; i < rows; i++)
        {
            var row = Math.DivRem(pixel + i, set->Number.W, out var x);
            var slice = Math.DivRem(row, set->Number.H, out var y);
            reach = TapReach.Union(reach, set->Reach.Of(new Axes(slice % set->Number.D, y, x)));
        }

        return reach;
    }

    private void Cut(long first, long count, int most, int firstTap, int taps)
    {
        var parts = EvenParts.AtMost(most, count);
        for (long part = 0; part < parts.Count; part++)
        {
            var (at, rows) = parts[part];
            tiles[Count++] = new PixelTile((int)(first + at), (int)rows, firstTap, taps);
        }
    }
}
