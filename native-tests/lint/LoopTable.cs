using System.Globalization;

namespace NativeConv.Lint;

/// <summary>What the loops of a library's tiles cost.</summary>
internal static class LoopTable
{
    /// <summary>A line for each loop: most instructions for a fused multiply-add first.</summary>
    public static IEnumerable<string> Lines(Library library) =>
    [
        "per FMA  instructions  FMAs  on stack  tile",
        .. library.Tiles.SelectMany(tile => tile.Loops.Select(loop => (tile, loop))).OrderByDescending(row => row.loop.InstructionsPerMultiplyAdd)
            .Select(row => string.Create(CultureInfo.InvariantCulture,
                $"{row.loop.InstructionsPerMultiplyAdd,7:0.00}  {row.loop.Instructions.Count,12}  {row.loop.MultiplyAdds.Count,4}  {row.loop.OnStack.Count(),8}  {row.tile}")),
    ];
}
