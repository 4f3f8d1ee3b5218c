using System.Text.RegularExpressions;

namespace NativeConv.Lint;

/// <summary>What the lint looks at in a published library: its tiles, and who asks for managed memory.</summary>
internal sealed partial class Library
{
    private static readonly string[] Elements = ["float", "double"];

    private readonly int bits;

    /// <param name="disassembly">all of its code</param>
    /// <param name="bits">the vector width that it is compiled for; it may have narrower tiles too</param>
    public Library(Disassembly disassembly, int bits)
    {
        this.bits = bits;
        Allocations = [.. FindAllocations(disassembly)];
        Tiles = [.. disassembly.Functions.Where(function => TileName.IsTile(function.Name)).Select(function => new Tile(disassembly.Architecture, function))];
    }

    public IReadOnlyList<Tile> Tiles { get; }

    /// <summary>Calls of the runtime's allocator by the library's own code: executions promise none.</summary>
    public IReadOnlyList<string> Allocations { get; }

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

    private static IEnumerable<string> FindAllocations(Disassembly disassembly)
    {
        var allocators = disassembly.Functions.Where(function => Allocator().IsMatch(function.Name) && function.Instructions.Count > 0)
            .Select(function => function.Instructions[0].Address).ToHashSet();
        return from function in disassembly.Functions
               where function.Name.Contains("NativeConv_", StringComparison.Ordinal)
               let call = function.Instructions.FirstOrDefault(instruction => instruction.LastAddress is { } target && allocators.Contains(target))
               where call is not null
               select $"{function.Name} allocates: {call}";
    }

    public static Library Open(string path)
    {
        var disassembly = Objdump.Disassemble(path);
        return new(disassembly, disassembly.Architecture is Arm64 ? 128 : path.EndsWith(".avx512.so", StringComparison.Ordinal) ? 512 : 256);
    }

    // The entry points of NativeAOT's AllocFast.S and RuntimeExports: new objects, arrays and strings, and boxing.
    [GeneratedRegex("^(RhpNew|RhNew|RhBox|RhpGcAlloc)")]
    private static partial Regex Allocator();
}
