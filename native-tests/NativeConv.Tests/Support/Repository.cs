namespace NativeConv.Tests.Support;

/// <summary>Files of the repository that tests read.</summary>
internal static class Repository
{
    /// <summary>The top folder: the first one above the tests that has the solution.</summary>
    public static string Root { get; } = FindRoot();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    public static string ReadText(params string[] parts) => File.ReadAllText(Path(parts));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder != null && !File.Exists(System.IO.Path.Combine(folder.FullName, "NativeConv.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("NativeConv.sln is nowhere above " + AppContext.BaseDirectory);
    }
}
