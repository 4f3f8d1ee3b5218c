namespace NativeConv.Lint;

/// <summary>What instructions mean.</summary>
internal abstract class Architecture
{
    /// <summary>Calls a function.</summary>
    public abstract bool IsCall(Instruction instruction);

    /// <summary>Jumps, on a condition or always.</summary>
    public abstract bool IsJump(Instruction instruction);

    /// <summary>Has a vector register, or a scalar in one.</summary>
    public abstract bool IsVector(Instruction instruction);

    /// <summary>
    /// Has a memory operand that is based on the stack or frame pointer. Methods with a loop are compiled with a frame pointer, so the register is never
    /// used for anything else in a tile.
    /// </summary>
    public abstract bool IsOnStack(Instruction instruction);

    /// <summary>Fused, of any type and width.</summary>
    public abstract bool IsMultiplyAdd(Instruction instruction);

    /// <summary>Type and width of the operands, as the architecture's manual names them.</summary>
    public abstract string Lanes(Instruction multiplyAdd);

    /// <summary>The same for what a tile should have.</summary>
    public abstract string Lanes(TileName tile);

    /// <summary>Of the name that objdump has for the format of a library.</summary>
    public static Architecture Of(string format) => format switch
    {
        "elf64-x86-64" => new X64(),
        "elf64-littleaarch64" => new Arm64(),
        _ => throw new NotSupportedException($"the lint does not read {format}"),
    };
}
