using System.Text.RegularExpressions;

namespace NativeConv.Lint;

/// <summary>arm64 with NEON.</summary>
internal sealed partial class Arm64 : Architecture
{
    public override bool IsCall(Instruction instruction) => instruction.Mnemonic is "bl" or "blr";

    public override bool IsJump(Instruction instruction) => Jump().IsMatch(instruction.Mnemonic);

    public override bool IsVector(Instruction instruction) => VectorRegister().IsMatch(instruction.Operands);

    public override bool IsOnStack(Instruction instruction) => StackOperand().IsMatch(instruction.Operands);

    public override bool IsMultiplyAdd(Instruction instruction) => MultiplyAdd().IsMatch(instruction.Mnemonic);

    /// <summary>"4s"; "scalar" without lanes</summary>
    public override string Lanes(Instruction multiplyAdd) => Arrangement().Match(multiplyAdd.Operands) is { Success: true } match ? match.Groups["lanes"].Value : "scalar";

    public override string Lanes(TileName tile) => tile.Element == "float" ? $"{tile.Bits / 32}s" : $"{tile.Bits / 64}d";

    [GeneratedRegex(@"^(b|bc?\..+|cbn?z|tbn?z)$")]
    private static partial Regex Jump();

    [GeneratedRegex(@"\b[vqdsh]\d")]
    private static partial Regex VectorRegister();

    [GeneratedRegex(@"\[(sp|x29)\b")]
    private static partial Regex StackOperand();

    [GeneratedRegex(@"^(fml[as]|fn?m(add|sub))$")]
    private static partial Regex MultiplyAdd();

    [GeneratedRegex(@"^v\d+\.(?<lanes>\w+)")]
    private static partial Regex Arrangement();
}
