using NativeConv.Kernels;

namespace NativeConv.Bench;

/// <summary>The words that users type and read.</summary>
internal static class Vocabulary
{
    /// <summary>Engines: who computes a layer.</summary>
    public static readonly string[] Engines = ["library", "managed"];

    /// <summary>"forward", "backward-data", "backward-weights"</summary>
    public static string Name(ConvPass pass) => pass switch
    {
        ConvPass.Forward => "forward",
        ConvPass.BackwardData => "backward-data",
        _ => "backward-weights",
    };

    /// <summary>"f32", "f64"</summary>
    public static string Name(ElementType element) => element == ElementType.Float64 ? "f64" : "f32";

    /// <summary>"avx512", "avx2", "neon", "portable"</summary>
    public static string Name(Isa isa) => IsaSupport.Name(isa);
}
