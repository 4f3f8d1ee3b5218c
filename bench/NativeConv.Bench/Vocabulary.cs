using NativeConv.Kernels;

namespace NativeConv.Bench;

/// <summary>The words that users type and read.</summary>
internal static class Vocabulary
{
    /// <summary>The published library, through the C ABI.</summary>
    public const string Library = "library";

    /// <summary>The same, its weights packed once, before: forward.</summary>
    public const string Packed = "packed";

    /// <summary>The engine assembly under the JIT.</summary>
    public const string Managed = "managed";

    /// <summary>libtorch.</summary>
    public const string PyTorch = "pytorch";

    /// <summary>ONNX Runtime: forward.</summary>
    public const string OnnxRuntime = "onnxruntime";

    /// <summary>Engines: who computes a layer.</summary>
    public static readonly string[] Engines = [Library, Packed, Managed, PyTorch, OnnxRuntime];

    /// <summary>Those that round as they like.</summary>
    public static bool IsPeer(string engine) => engine is PyTorch or OnnxRuntime;

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
