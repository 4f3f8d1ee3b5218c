using System.Text.RegularExpressions;

namespace NativeConv.Lint;

/// <summary>What <c>objdump -d --no-show-raw-insn</c> prints, read.</summary>
internal sealed partial record Disassembly(Architecture Architecture, IReadOnlyList<Function> Functions)
{
    public static Disassembly Read(TextReader text)
    {
        Architecture? architecture = null;
        List<Function> functions = [];
        List<Instruction> body = [];
        while (text.ReadLine() is { } line)
        {
            if (Instruction.Parse(line) is { } instruction)
            {
                body.Add(instruction);
            }
            else if (Head().Match(line) is { Success: true } head)
            {
                functions.Add(new(head.Groups["name"].Value, body = []));
            }
            else if (FileFormat().Match(line) is { Success: true } format)
            {
                architecture = Architecture.Of(format.Groups["name"].Value);
            }
        }

        return new(architecture ?? throw new FormatException("not a disassembly"), functions);
    }

    [GeneratedRegex(@"^[0-9a-f]+ <(?<name>.+)>:$")]
    private static partial Regex Head();

    [GeneratedRegex(@":\s+file format (?<name>\S+)$")]
    private static partial Regex FileFormat();
}
