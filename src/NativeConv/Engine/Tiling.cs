using NativeConv.Kernels;
using NativeConv.Packing;

namespace NativeConv.Engine;

/// <summary>A tile of a slice's pixels.</summary>
/// <param name="Source">its first pixel in the planes, counted from the slice's</param>
/// <param name="First">its first column: pixels of the slice, with or without the margins between rows</param>
/// <param name="Overlap">columns that the tile before computes, too</param>
/// <param name="Vectors">its width</param>
internal readonly record struct ColumnTile(long Source, long First, int Overlap, int Vectors);

/// <summary>
/// A slice of a tap set's pixels, cut into tiles of up to three vectors, as even as whole vectors allow. Either rows are joined, pitch after pitch, margins included:
/// tiles are full. Or each row is cut for itself, and its last tile is moved back to end with it: all of a tile's columns are neighbours in the result.
/// </summary>
internal readonly unsafe struct Tiling
{
    private readonly EvenParts tiles;
    private readonly long rows;
    private readonly long pitch;
    private readonly long width;
    private readonly int vectorLength;

    /// <param name="set">the pixels</param>
    /// <param name="pitch">columns from one row to the next</param>
    /// <param name="vectorLength">columns of a vector</param>
    /// <param name="byRows">cut each row; it must be as wide as the widest tile</param>
    public Tiling(TapSet* set, long pitch, int vectorLength, bool byRows)
    {
        var (height, length) = (set->Number.H, set->Number.W);
        var columns = height == 0 || length == 0 ? 0 : byRows ? length : ((height - 1) * pitch) + length;
        (rows, this.pitch, this.vectorLength) = (byRows ? height : 1, pitch, vectorLength);
        width = byRows ? length : long.MaxValue;
        var vectors = (columns + vectorLength - 1) / vectorLength;
        tiles = EvenParts.AtMost(KernelSet<float>.TileColumns, vectors);
        Vectors = rows * vectors;
    }

    /// <summary>Vectors of all tiles.</summary>
    public long Vectors { get; }

    public long Tiles => rows * tiles.Count;

    public ColumnTile this[long tile]
    {
        get
        {
            var row = rows == 1 ? 0 : Math.DivRem(tile, tiles.Count, out tile);
            var (first, vectors) = tiles[tile];
            var overlap = Math.Max(0, ((first + vectors) * vectorLength) - width);
            var column = (first * vectorLength) - overlap;
            return new((row * pitch) + column, (row == 0 ? 0 : row * width) + column, (int)overlap, (int)vectors);
        }
    }
}
