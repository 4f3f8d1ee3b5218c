using System.Runtime.InteropServices;
using NativeConv.Kernels;
using NativeConv.Planning;
using NativeConv.Problem;

namespace NativeConv.Native;

/// <summary>What the environment asked for, read once by the gate, and the number of threads.</summary>
internal static unsafe class Settings
{
    /// <summary>Workers that a call may have: more do not help, and each owns a slice of the workspace.</summary>
    public const int MostThreads = 1024;

    private static string? forcedAlgorithm;
    private static int numThreads;

    /// <summary>Kernels and forced algorithm of every plan, or which variable is malformed.</summary>
    public static int TryGetPlanOptions(out PlanOptions options, ref Message message)
    {
        options = default;
        var process = Gate.Process();
        if (process->MaxIsaMalformed != 0)
        {
            return Malformed(ref message, "NATIVECONV_MAX_ISA"u8, process->MaxIsa, "expected portable, avx2, avx512 or neon"u8);
        }

        if (*process->NumThreads != 0 && ParseThreads(process->NumThreads) == 0)
        {
            return Malformed(ref message, "NATIVECONV_NUM_THREADS"u8, process->NumThreads, "expected a number of threads >= 1"u8);
        }

        if (*process->Algorithm != 0)
        {
            var name = forcedAlgorithm ??= Marshal.PtrToStringUTF8((nint)process->Algorithm)!;
            if (!AlgorithmList.IsKnown(name))
            {
                return Malformed(ref message, "NATIVECONV_ALGORITHM"u8, process->Algorithm, "expected a name from nc_explain"u8);
            }
        }

        options = new PlanOptions(Isa(process->Isa), forcedAlgorithm);
        return NcStatus.Ok;
    }

    /// <summary>Threads of a call that does not say: set, or from the environment, or the cores that this process may use.</summary>
    public static int NumThreads
    {
        get
        {
            var set = Volatile.Read(ref numThreads);
            if (set == 0)
            {
                var wanted = ParseThreads(Gate.Process()->NumThreads);
                set = wanted != 0 ? wanted : Environment.ProcessorCount;
            }

            return Math.Clamp(set, 1, MostThreads);
        }

        set => Volatile.Write(ref numThreads, value);
    }

    private static Isa Isa(GateIsa isa) => isa switch
    {
        GateIsa.Avx512 => Kernels.Isa.Avx512,
        GateIsa.Avx2 => Kernels.Isa.Avx2,
        GateIsa.Neon => Kernels.Isa.Neon,

        // On arm64 the narrowest vectors are NEON's.
        _ => IsaSupport.CanRun(Kernels.Isa.Portable) ? Kernels.Isa.Portable : Kernels.Isa.Neon,
    };

    /// <summary>Decimal digits only; 0: not a number of threads.</summary>
    private static int ParseThreads(byte* text)
    {
        var number = 0;
        for (; *text != 0; text++)
        {
            if (*text is < (byte)'0' or > (byte)'9' || number > int.MaxValue / 10 - 1)
            {
                return 0;
            }

            number = (number * 10) + (*text - '0');
        }

        return Math.Min(number, MostThreads);
    }

    private static int Malformed(ref Message message, scoped ReadOnlySpan<byte> variable, byte* value, scoped ReadOnlySpan<byte> expected)
    {
        message.Add(variable);
        message.Add(": \""u8);
        message.Add(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(value));
        message.Add("\"; "u8);
        message.Add(expected);
        return NcStatus.InvalidArgument;
    }
}
