using System.Globalization;
using System.Text.RegularExpressions;

namespace NativeConv.Lint;

/// <summary>One line of a disassembly, without what objdump says about it.</summary>
internal sealed partial record Instruction(ulong Address, string Mnemonic, string Operands)
{
    public static Instruction? Parse(string line)
    {
        var match = Form().Match(line);
        return match.Success ? new(Hex(match.Groups["address"].Value)!.Value, match.Groups["mnemonic"].Value, match.Groups["operands"].Value) : null;
    }

    /// <summary>The last operand as an address; null if it is something else.</summary>
    public ulong? LastAddress => Hex(Operands.Split(',')[^1].Trim());

    public override string ToString() => $"{Address:x}: {Mnemonic} {Operands}".TrimEnd();

    private static ulong? Hex(string text) => ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;

    // A remark is a symbol in angle brackets, or what follows "# " (x86-64) or "//" (arm64).
    [GeneratedRegex(@"^\s+(?<address>[0-9a-f]+):\s+(?<mnemonic>\S+)\s*(?<operands>.*?)\s*(<.*|# .*|//.*)?$")]
    private static partial Regex Form();
}
