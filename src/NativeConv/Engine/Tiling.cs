using NativeConv.Kernels;
using NativeConv.Packing;

namespace NativeConv.Engine;

/// <summary>A slice of a tap set's pixels, rows joined pitch after pitch, cut into tiles of up to three vectors, as even as whole vectors allow.</summary>
internal readonly unsafe struct Tiling
{
    public Tiling(TapSet* set, long pitch, int vectorLength)
    {
        var columns = set->Number.H == 0 || set->Number.W == 0 ? 0 : ((set->Number.H - 1) * pitch) + set->Number.W;
        Vectors = (columns + vectorLength - 1) / vectorLength;
        Tiles = (Vectors + KernelSet<float>.TileColumns - 1) / KernelSet<float>.TileColumns;
    }

    /// <summary>Vectors of all tiles.</summary>
    public long Vectors { get; }

    public long Tiles { get; }

    /// <summary>First vector of a tile, and its number of vectors.</summary>
    public (long First, int Vectors) this[long tile]
    {
        get
        {
            var first = tile * Vectors / Tiles;
            return (first, (int)(((tile + 1) * Vectors / Tiles) - first));
        }
    }
}
