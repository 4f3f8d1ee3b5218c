using System.Text.RegularExpressions;

namespace NativeConv.Tests.Layering;

/// <summary>A C# file without its comments and strings, and the types that it declares at its top level.</summary>
internal sealed partial class SourceFile
{
    private SourceFile(string path, string folder)
    {
        Path = path;
        Folder = folder;
        Code = Noise().Replace(File.ReadAllText(path), match => match.Value[0] == '/' ? " " : "\"\"");

        // File-scoped namespaces: types of the top level begin in the first column.
        Types = [.. Declarations().Matches(Code).Select(match => new DeclaredType(match.Groups["name"].Value, match.Groups["generic"].Success))];
    }

    public string Path { get; }

    /// <summary>The first folder below the project's; empty for files at its top.</summary>
    public string Folder { get; }

    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public string Code { get; }

    public DeclaredType[] Types { get; }

    public static SourceFile[] ReadAll(string project) =>
        [.. Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => (Path: path, Parts: System.IO.Path.GetRelativePath(project, path).Split('/')))
            .Where(file => file.Parts[0] is not ("obj" or "bin")).Select(file => new SourceFile(file.Path, file.Parts.Length == 1 ? "" : file.Parts[0]))];

    /// <summary>Whether the code names this type: not a member (after a dot), and a generic one with its arguments.</summary>
    public bool Mentions(DeclaredType type) => Regex.IsMatch(Code, $@"(?<![\w.]){type.Name}\b{(type.IsGeneric ? @"(?=\s*<)" : "")}");

    /// <summary>The namespaces that its using directives open.</summary>
    public IEnumerable<string> Usings => UsingDirectives().Matches(Code).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/|""""""[\s\S]*?""""""|@""(?:[^""]|"""")*""|""(?:\\.|[^""\\\n])*""|'(?:\\.|[^'\\\n])+'", RegexOptions.Singleline)]
    private static partial Regex Noise();

    [GeneratedRegex(@"^(?:(?:public|internal|static|sealed|abstract|unsafe|readonly|ref|partial|file) )*(?:class|struct|interface|enum|record struct|record class|record) (?<name>\w+)(?<generic><)?", RegexOptions.Multiline)]
    private static partial Regex Declarations();

    [GeneratedRegex(@"^using (?:static )?(?:\w+ = )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex UsingDirectives();
}

/// <summary>A type that a file declares.</summary>
internal readonly record struct DeclaredType(string Name, bool IsGeneric);
