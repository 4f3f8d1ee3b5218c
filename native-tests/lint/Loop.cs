namespace NativeConv.Lint;

/// <summary>The instructions from the target of a backward jump to the jump.</summary>
internal sealed class Loop
{
    private readonly Architecture architecture;

    private Loop(Architecture architecture, IReadOnlyList<Instruction> instructions)
    {
        this.architecture = architecture;
        Instructions = instructions;
        MultiplyAdds = [.. instructions.Where(architecture.IsMultiplyAdd)];
    }

    public IReadOnlyList<Instruction> Instructions { get; }

    public IReadOnlyList<Instruction> MultiplyAdds { get; }

    /// <summary>Instructions that read or write the stack.</summary>
    public IEnumerable<Instruction> OnStack => Instructions.Where(architecture.IsOnStack);

    public double InstructionsPerMultiplyAdd => (double)Instructions.Count / MultiplyAdds.Count;

    private ulong First => Instructions[0].Address;

    private ulong Last => Instructions[^1].Address;

    /// <summary>A function's loops that multiply and have no other such loop in them.</summary>
    public static IReadOnlyList<Loop> Innermost(Architecture architecture, Function function)
    {
        // Jumps to one target are one loop: all but the last are `continue`.
        var loops = function.Instructions.Where(architecture.IsJump)
            .Where(jump => jump.LastAddress <= jump.Address && jump.LastAddress >= function.Instructions[0].Address)
            .GroupBy(jump => jump.LastAddress, (target, jumps) => (target, end: jumps.Max(jump => jump.Address)))
            .Select(range => new Loop(architecture, [.. function.Instructions.Where(i => i.Address >= range.target && i.Address <= range.end)]))
            .Where(loop => loop.MultiplyAdds.Count > 0).ToList();
        return [.. loops.Where(loop => !loops.Exists(other => other != loop && other.First >= loop.First && other.Last <= loop.Last))];
    }

    /// <summary>What is wrong with it as the loop of a tile.</summary>
    public IEnumerable<string> FaultsOf(TileName tile)
    {
        var lanes = architecture.Lanes(tile);
        var expected = tile.Rows * tile.Columns;
        return
        [
            .. Describe("a call", Instructions.Where(architecture.IsCall)),
            .. Describe("a vector on the stack", OnStack.Where(architecture.IsVector)),
            .. Describe($"not of {lanes}", MultiplyAdds.Where(instruction => architecture.Lanes(instruction) != lanes)),
            // A loop that is unrolled has them several times.
            .. MultiplyAdds.Count % expected == 0 ? [] : new[] { $"{MultiplyAdds.Count} fused multiply-adds, expected {expected}" },
        ];
    }

    // A tile that spills does it many times.
    private static IEnumerable<string> Describe(string fault, IEnumerable<Instruction> found) => found.ToList() switch
    {
        [] => [],
        [var one] => [$"{fault}: {one}"],
        [var first, .. var others] => [$"{fault}: {first}, and {others.Count} more"],
    };
}
