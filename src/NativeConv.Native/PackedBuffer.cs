using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NativeConv.Engine;

namespace NativeConv.Native;

/// <summary>The caller's packed weights: a header of 64 bytes that says what they are, then the engine's form.</summary>
internal static unsafe class PackedBuffer
{
    /// <summary>Bytes of the header: a cache line.</summary>
    public const int HeaderBytes = 64;

    // "NCPACK" and the header's version.
    private const ulong Magic = 0x0001_4B43_4150_434E;

    // All weights are known to be finite, or they are not: every byte of one differs from the other's.
    private const ulong Finite = 0x0101_0101_0101_0101;
    private const ulong NotFinite = 0x0202_0202_0202_0202;

    /// <summary>Bytes of the whole buffer; 0 for a pass that has none.</summary>
    public static ulong Bytes(PassPlan* pass) => pass->PackedId == 0 ? 0 : (ulong)pass->PackedBytes + HeaderBytes;

    /// <summary>Writes header and weights.</summary>
    public static void Write(Plan* plan, ConvPass pass, void* w, void* packed)
    {
        var isFinite = Executor.Pack(plan, pass, w, Weights(packed));
        Unsafe.WriteUnaligned(packed, HeaderOf(plan, pass, isFinite ? Finite : NotFinite));
    }

    /// <summary>Whether a buffer holds what this pass reads.</summary>
    public static bool IsFor(Plan* plan, ConvPass pass, void* packed)
    {
        var header = Unsafe.ReadUnaligned<Header>(packed);
        return header.Numbers is Finite or NotFinite && header == HeaderOf(plan, pass, header.Numbers);
    }

    /// <summary>Whether all weights of a buffer are finite.</summary>
    public static bool IsFinite(void* packed) => Unsafe.ReadUnaligned<Header>(packed).Numbers == Finite;

    /// <summary>The weights behind the header.</summary>
    public static void* Weights(void* packed) => (byte*)packed + HeaderBytes;

    private static Header HeaderOf(Plan* plan, ConvPass pass, ulong numbers)
    {
        var passPlan = Plan.Pass(plan, pass);
        return new Header(Magic, passPlan->PackedId, (ulong)passPlan->PackedBytes, (int)plan->Isa, (int)passPlan->Problem.Kind, numbers, 0, 0);
    }

    /// <param name="Magic">what this is, and in which version</param>
    /// <param name="Identity">all that the order of the weights depends on</param>
    /// <param name="WeightBytes">bytes behind the header</param>
    /// <param name="Isa">whose kernels read it</param>
    /// <param name="Problem">which kind of pass reads it</param>
    /// <param name="Numbers"><see cref="Finite"/> or <see cref="NotFinite"/></param>
    /// <param name="Unused">0: with <paramref name="UnusedToo"/> it fills the cache line, so that no byte of it goes unchecked</param>
    /// <param name="UnusedToo">0</param>
    [StructLayout(LayoutKind.Sequential, Size = HeaderBytes)]
    private readonly record struct Header(
        ulong Magic, ulong Identity, ulong WeightBytes, int Isa, int Problem, ulong Numbers, ulong Unused, UInt128 UnusedToo);
}
