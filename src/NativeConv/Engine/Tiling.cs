using NativeConv.Kernels;
using NativeConv.Packing;

namespace NativeConv.Engine;

/// <summary>A slice of a tap set's pixels, rows joined pitch after pitch, cut into tiles of up to three vectors, as even as whole vectors allow.</summary>
internal readonly unsafe struct Tiling
{
    private readonly EvenParts tiles;

    public Tiling(TapSet* set, long pitch, int vectorLength)
    {
        var columns = set->Number.H == 0 || set->Number.W == 0 ? 0 : ((set->Number.H - 1) * pitch) + set->Number.W;
        Vectors = (columns + vectorLength - 1) / vectorLength;
        tiles = EvenParts.AtMost(KernelSet<float>.TileColumns, Vectors);
    }

    /// <summary>Vectors of all tiles.</summary>
    public long Vectors { get; }

    public long Tiles => tiles.Count;

    /// <summary>First vector of a tile, and its number of vectors.</summary>
    public (long First, int Vectors) this[long tile]
    {
        get
        {
            var (first, vectors) = tiles[tile];
            return (first, (int)vectors);
        }
    }
}
