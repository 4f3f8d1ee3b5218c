using System.Runtime.InteropServices;

namespace NativeConv.Bench;

/// <summary>Where things lie in the checkout that this program was built from.</summary>
internal static class Repository
{
    /// <summary>The folder of NativeConv.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The shape files.</summary>
    public static string Shapes => Path.Combine(Root, "bench", "shapes");

    /// <summary>The results that are kept.</summary>
    public static string Results => Path.Combine(Root, "bench", "results");

    /// <summary>README.md</summary>
    public static string Readme => Path.Combine(Root, "README.md");

    /// <summary>docs/accuracy.md</summary>
    public static string AccuracyPage => Path.Combine(Root, "docs", "accuracy.md");

    /// <summary>The library that build.ps1 leaves for this machine.</summary>
    public static string Library
    {
        get
        {
            var (system, file) = OperatingSystem.IsWindows() ? ("win", "nativeconv.dll")
                : OperatingSystem.IsMacOS() ? ("osx", "libnativeconv.dylib")
                : ("linux", "libnativeconv.so");
            var architecture = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();
            return Path.Combine(Root, "artifacts", "native", $"{system}-{architecture}", file);
        }
    }

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "NativeConv.sln"))) return folder;
        }

        throw new DirectoryNotFoundException($"no NativeConv.sln above {AppContext.BaseDirectory}");
    }
}
