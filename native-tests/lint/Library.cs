namespace NativeConv.Lint;

/// <summary>The tiles of a published library.</summary>
internal sealed class Library
{
    private static readonly string[] Elements = ["float", "double"];

    private readonly int bits;

    /// <param name="disassembly">all of its code</param>
    /// <param name="bits">the vector width that it is compiled for; it may have narrower tiles too</param>
    public Library(Disassembly disassembly, int bits)
    {
        this.bits = bits;
        Tiles = [.. disassembly.Functions.Where(function => TileName.IsTile(function.Name)).Select(function => new Tile(disassembly.Architecture, function))];
    }

    public IReadOnlyList<Tile> Tiles { get; }

    /// <summary>What lacks: every kind of tile is there for both element types at the library's width.</summary>
    public IEnumerable<string> Faults
    {
        get
        {
            if (Tiles.Count == 0) yield return "no tiles; are its symbols (.dbg) next to it?";

            var names = Tiles.Select(tile => tile.Name).OfType<TileName>().ToList();
            foreach (var kind in names.Select(name => name.Kind).Distinct())
            {
                foreach (var element in Elements)
                {
                    if (!names.Exists(name => name.Kind == kind && name.Element == element && name.Bits == bits)) yield return $"no {kind} {element} {bits} bits";
                }
            }
        }
    }

    public static Library Open(string path)
    {
        var disassembly = Objdump.Disassemble(path);
        return new(disassembly, disassembly.Architecture is Arm64 ? 128 : path.EndsWith(".avx512.so", StringComparison.Ordinal) ? 512 : 256);
    }
}
