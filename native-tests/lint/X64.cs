using System.Text.RegularExpressions;

namespace NativeConv.Lint;

/// <summary>x86-64 in the syntax of AT&amp;T.</summary>
internal sealed partial class X64 : Architecture
{
    public override bool IsCall(Instruction instruction) => instruction.Mnemonic.StartsWith("call", StringComparison.Ordinal);

    public override bool IsJump(Instruction instruction) => instruction.Mnemonic[0] == 'j';

    public override bool IsVector(Instruction instruction) => VectorRegister().IsMatch(instruction.Operands);

    public override bool IsOnStack(Instruction instruction) => StackOperand().IsMatch(instruction.Operands);

    public override bool IsMultiplyAdd(Instruction instruction) => MultiplyAdd().IsMatch(instruction.Mnemonic);

    /// <summary>"ps zmm"</summary>
    public override string Lanes(Instruction multiplyAdd) =>
        $"{multiplyAdd.Mnemonic[^2..]} {string.Join('/', VectorRegister().Matches(multiplyAdd.Operands).Select(match => match.Groups["width"].Value).Distinct())}";

    public override string Lanes(TileName tile) =>
        $"{(tile.Element == "float" ? "ps" : "pd")} {tile.Bits switch { 128 => "xmm", 256 => "ymm", _ => "zmm" }}";

    [GeneratedRegex(@"%(?<width>[xyz]mm)\d")]
    private static partial Regex VectorRegister();

    [GeneratedRegex(@"\(%r[sb]p\b")]
    private static partial Regex StackOperand();

    [GeneratedRegex(@"^vfn?m(add|sub)")]
    private static partial Regex MultiplyAdd();
}
