using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using NativeConv.Kernels;

namespace NativeConv.Bench.Peers;

/// <summary>Where the peers' native libraries lie: in the package cache, if the project was built with <c>-p:Peers=true</c>.</summary>
internal static class PeerLibraries
{
    private static bool hasResolver;

    /// <summary>"2.10.0"</summary>
    public static string TorchVersion => Fact("TorchVersion");

    /// <summary>"1.31.1"</summary>
    public static string OnnxRuntimeVersion => Fact("OnnxRuntimeVersion");

    /// <summary>libtorch_cpu.so; what it needs lies beside it.</summary>
    public static string TorchPath => Path.Combine(Fact("PackageRoot"), "libtorch-cpu-linux-x64", TorchVersion, "runtimes", "linux-x64", "native", "libtorch_cpu.so");

    /// <summary>Why a peer cannot run here; null if it can.</summary>
    public static string? Missing(string engine)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return $"{engine}: its package is for linux-x64";
        var path = engine == Vocabulary.PyTorch ? TorchPath : OnnxRuntimePath;
        return File.Exists(path) ? null : $"{engine}: there is no {path}: run it by `build.ps1 bench -- peers`";
    }

    /// <summary>
    /// What holds PyTorch, and oneDNN in it, to an instruction set and a number of threads, and glibc to the memory that it has. ONNX Runtime has no such variable for instruction sets.
    /// </summary>
    public static IEnumerable<(string Name, string Value)> Environment(Isa isa, int threads)
    {
        yield return ("OMP_NUM_THREADS", threads.ToString(CultureInfo.InvariantCulture));

        // PyTorch allocates its results in every call. Without these (mallopt(3)) large ones go back to the system and come anew, page by page: where a hypervisor gives
        // the pages, 540x960x32 takes eight times as long as its convolution, and disturbs what is measured after it.
        yield return ("MALLOC_MMAP_MAX_", "0");
        yield return ("MALLOC_TRIM_THRESHOLD_", long.MaxValue.ToString(CultureInfo.InvariantCulture));
        if (isa == Isa.Avx2)
        {
            yield return ("ATEN_CPU_CAPABILITY", "avx2");
            yield return ("ONEDNN_MAX_CPU_ISA", "AVX2");

            // PyTorch multiplies some 1x1 layers by MKL, which takes AVX-512 on Intel processors whatever the two above say.
            yield return ("MKL_ENABLE_INSTRUCTIONS", "AVX2");
        }
    }

    /// <summary>Tells the managed part of ONNX Runtime where the native one is.</summary>
    public static void LoadOnnxRuntime()
    {
        if (hasResolver) return;
        hasResolver = true;
        NativeLibrary.SetDllImportResolver(typeof(InferenceSession).Assembly, (name, _, _) => name.Contains("onnxruntime") ? NativeLibrary.Load(OnnxRuntimePath) : 0);
    }

    private static string OnnxRuntimePath =>
        Path.Combine(Fact("PackageRoot"), "microsoft.ml.onnxruntime", OnnxRuntimeVersion, "runtimes", "linux-x64", "native", "libonnxruntime.so");

    private static string Fact(string key) =>
        typeof(PeerLibraries).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(fact => fact.Key == key).Value ?? "";
}
