namespace NativeConv.Tests.Kernels;

/// <summary>One way to call a tile.</summary>
internal readonly record struct TileShape(int Rows, int Columns, int Steps, bool Add)
{
    /// <summary>Every size, with chains that are empty, short, odd and as long as they get.</summary>
    public static IEnumerable<TileShape> All(int mostRows) =>
        from rows in Enumerable.Range(1, mostRows)
        from columns in Enumerable.Range(1, 3)
        from steps in (int[])[0, 1, 2, 7, 255]
        from add in (bool[])[false, true]
        select new TileShape(rows, columns, steps, add);

    /// <summary>Offsets of both signs, where number 0 of the tile lies in the source, and the numbers that the tile may touch: not one more.</summary>
    public static (nint[] Offsets, int First, int Extent) Offsets(Random random, int steps, int width)
    {
        if (steps == 0)
        {
            return ([], 0, 0);
        }

        var offsets = new nint[steps];
        for (var k = 0; k < steps; k++)
        {
            offsets[k] = random.Next(-50, 51);
        }

        return (offsets, (int)-offsets.Min(), (int)(offsets.Max() - offsets.Min()) + width);
    }
}
