using System.Diagnostics;
using System.Runtime.InteropServices;
using Machine = System.Runtime.InteropServices.Architecture;

namespace NativeConv.Lint;

/// <summary>The disassembler of binutils.</summary>
internal static class Objdump
{
    /// <summary>A library's machine code, with the names from the file of symbols (.dbg) next to it.</summary>
    public static Disassembly Disassemble(string library)
    {
        var start = new ProcessStartInfo(ToolFor(library), ["-d", "--no-show-raw-insn", "--dwarf=follow-links", library]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var disassembly = Disassembly.Read(process.StandardOutput);
        process.WaitForExit();
        return process.ExitCode == 0 ? disassembly : throw new InvalidOperationException($"{start.FileName} ended with exit code {process.ExitCode}");
    }

    // A machine's own objdump reads nothing foreign on most distributions.
    private static string ToolFor(string library)
    {
        using var file = File.OpenRead(library);
        Span<byte> header = stackalloc byte[20];
        file.ReadExactly(header);
        var (name, machine) = header[18] switch // e_machine
        {
            62 => ("x86_64", Machine.X64),
            183 => ("aarch64", Machine.Arm64),
            _ => throw new NotSupportedException($"{library} is no library for x86-64 or arm64"),
        };
        return machine == RuntimeInformation.OSArchitecture ? "objdump" : $"{name}-linux-gnu-objdump";
    }
}
