using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace NativeConv.Kernels;

/// <summary>A vector width and the instructions that come with it.</summary>
internal enum Isa
{
    /// <summary>128-bit vectors on x86-64; the same build, not an older processor.</summary>
    Portable,

    /// <summary>256-bit vectors and fused multiply-add.</summary>
    Avx2,

    /// <summary>512-bit vectors.</summary>
    Avx512,

    /// <summary>128-bit vectors on arm64.</summary>
    Neon,
}

/// <summary>Which instruction sets this process can run.</summary>
internal static class IsaSupport
{
    /// <summary>Whether plans are made for the widest alone, as those of the AVX-512 companion: known when it is compiled, so that narrower kernels are left out.</summary>
    [FeatureSwitchDefinition("NativeConv.OnlyWidest")]
    public static bool OnlyWidest { get; } = AppContext.TryGetSwitch("NativeConv.OnlyWidest", out var only) && only;

    /// <summary>The widest; null where not even the portable level can run, for want of fused multiply-adds in hardware.</summary>
    public static Isa? Best =>
        Avx512F.IsSupported && Avx512F.VL.IsSupported && Avx512DQ.IsSupported && Avx512BW.IsSupported && Avx512CD.IsSupported ? Isa.Avx512
        : Avx2.IsSupported && Fma.IsSupported ? Isa.Avx2
        : AdvSimd.Arm64.IsSupported ? Isa.Neon
        : null;

    /// <summary>Whether kernels of this width can run here.</summary>
    public static bool CanRun(Isa isa) => isa switch
    {
        Isa.Neon => Best is Isa.Neon,
        Isa.Portable => Best is not null and not Isa.Neon,
        _ => Best is not null and not Isa.Neon && isa <= Best,
    };

    /// <summary>The name that users see: "avx512", "avx2", "neon", "portable".</summary>
    public static string Name(Isa isa) => isa switch
    {
        Isa.Portable => "portable",
        Isa.Avx2 => "avx2",
        Isa.Avx512 => "avx512",
        _ => "neon",
    };
}
