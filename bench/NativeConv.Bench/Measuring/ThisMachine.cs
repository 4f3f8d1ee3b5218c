using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using NativeConv.Bench.Library;
using NativeConv.Bench.Peers;
using NativeConv.Bench.Reporting;

namespace NativeConv.Bench.Measuring;

/// <summary>What this process measures on.</summary>
internal static class ThisMachine
{
    /// <summary>Processor, system and versions.</summary>
    public static Machine Describe() => new(
        CpuName(),
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        PublishedLibrary.Instance.Version,
        PublishedLibrary.Instance.NumericsVersion,
        PeerLibraries.Missing(Vocabulary.PyTorch) is null ? PeerLibraries.TorchVersion : "",
        PeerLibraries.Missing(Vocabulary.OnnxRuntime) is null ? PeerLibraries.OnnxRuntimeVersion : "",
        DateTime.UtcNow.ToString("yyyy-MM-dd"));

    /// <summary>The processor's name as the system gives it, which virtual machines may shorten: family and model tell more.</summary>
    public static string CpuName()
    {
        if (!X86Base.IsSupported) return RuntimeInformation.ProcessArchitecture.ToString();

        // CPUID leaf 1: the extended parts count for family 15 (and models of family 6), says Intel's and AMD's manual.
        var version = X86Base.CpuId(1, 0).Eax;
        var family = (version >> 8) & 15;
        var model = (version >> 4) & 15;
        model |= family is 6 or 15 ? (version >> 12) & 0xF0 : 0;
        family += family == 15 ? (version >> 20) & 255 : 0;
        return $"{Brand()} (family {family}, model {model})";
    }

    private static string Brand()
    {
        // What Linux tools show. Inside a virtual machine CPUID may name the hypervisor's model of a processor instead.
        const string Key = "model name";
        if (OperatingSystem.IsLinux() && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal)) is { } line)
        {
            return line[(line.IndexOf(':') + 1)..].Trim();
        }

        var name = new byte[48];
        for (var part = 0; part < 3; part++)
        {
            // CPUID leaves 0x80000002..4 hold the brand string.
            var (eax, ebx, ecx, edx) = X86Base.CpuId(unchecked((int)0x80000002) + part, 0);
            MemoryMarshal.Cast<int, byte>([eax, ebx, ecx, edx]).CopyTo(name.AsSpan(part * 16));
        }

        return Encoding.ASCII.GetString(name).TrimEnd('\0').Trim();
    }
}
