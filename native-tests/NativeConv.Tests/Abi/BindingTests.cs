using System.Text.RegularExpressions;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Abi;

/// <summary>The declarations of the bindings are the header's: every function, struct and constant, none more. Python's are compared by its own tests.</summary>
public partial class BindingTests
{
    private static readonly string[] Shared = ["bindings", "dotnet", "NativeConv.Interop", "Shared"];

    public static TheoryData<string> NativeMethods => ["bindings/dotnet/NativeConv.Interop/NativeMethods.cs", "bindings/unity/com.nativeconv/Runtime/NativeMethods.cs"];

    [Theory]
    [MemberData(nameof(NativeMethods))]
    public void CSharpDeclaresEveryFunction(string file)
    {
        var text = Repository.ReadText(file.Split('/'));
        var declared = CSharpForm().Matches(text).Select(match => $"{match.Groups["result"].Value} {match.Groups["name"].Value}({match.Groups["parameters"].Value})");
        Assert.Equal(Header.Read().Functions.Select(CSharp).Order(), declared.Order());
        Assert.Equal(text.Split("nc_").Length - 1, Header.Read().Functions.Count);
    }

    [Fact]
    public void CSharpCallsEveryFunction()
    {
        var text = string.Concat(Directory.GetFiles(Repository.Path(Shared), "*.cs").Select(File.ReadAllText));
        Assert.All(Header.Read().Functions, function => Assert.Contains($"NativeMethods.{function.Name}(", text, StringComparison.Ordinal));
    }

    [Fact]
    public void CSharpStructsAreTheHeaders()
    {
        var structs = StructForm().Matches(Repository.ReadText([.. Shared, "Abi.cs"])).ToDictionary(match => NativeSource.Plain(match.Groups["name"].Value), match => match.Groups["body"].Value);
        Assert.Equal(Header.Read().StructFields.Keys.Select(NativeSource.Plain).Order(), structs.Keys.Order());
        foreach (var (name, fields) in Header.Read().StructFields)
        {
            var declared = FieldForm().Matches(structs[NativeSource.Plain(name)])
                .Select(field => $"{field.Groups["type"].Value} {NativeSource.Plain(field.Groups["name"].Value)} {(field.Groups["count"].Success ? field.Groups["count"].Value : "1")}");
            Assert.Equal(fields.Select(field => $"{(field.Type == "nc_parallel_for_fn" ? "IntPtr" : FunctionTests.CSharp(field.Type))} {NativeSource.Plain(field.Name)} {field.Count}"), declared);
        }
    }

    [Fact]
    public void CSharpEnumsAreTheHeaders()
    {
        var text = Repository.ReadText([.. Shared, "Vocabulary.cs"]);
        var declared = EnumForm().Matches(text).Select(match => string.Join(", ", ValueForm().Matches(match.Groups["body"].Value).Select(value => $"{NativeSource.Plain(value.Groups["name"].Value)} {value.Groups["value"].Value}")));
        var statuses = Header.Read().Statuses.Select(status => (Name: status.Name.Replace("NC_ERROR_", "NC_", StringComparison.Ordinal), status.Value));
        var expected = Header.Read().Enums.Append([.. statuses]).Select(values => string.Join(", ", values.Select(value => $"{NativeSource.Plain(PrefixForm().Replace(value.Name, ""))} {value.Value}")));
        Assert.Equal(expected.Order(), declared.Order());
    }

    [Fact]
    public void LuaDeclaresWhatTheHeaderDoes()
    {
        var lua = Repository.ReadText("bindings", "lua", "nativeconv.lua");
        var header = CommentForm().Replace(Repository.ReadText("bindings", "c", "include", "nativeconv.h"), "");
        header = header[header.IndexOf("typedef int32_t nc_status;", StringComparison.Ordinal)..header.LastIndexOf("#ifdef __cplusplus", StringComparison.Ordinal)];
        header = DirectiveForm().Replace(header, "").Replace("NC_API ", "", StringComparison.Ordinal).Replace("NC_CALL ", "", StringComparison.Ordinal);
        var cdef = CdefForm().Match(lua).Groups["body"].Value;
        Assert.Equal(Words(header), Words(cdef));
        Assert.All(Header.Read().Functions, function => Assert.Contains($"lib{(function.Name == "nc_abi_version" ? "rary" : "")}.{function.Name}", lua, StringComparison.Ordinal));
    }

    [Fact]
    public void LuaConstantsAreTheHeaders()
    {
        var lua = Repository.ReadText("bindings", "lua", "nativeconv.lua");
        var header = Header.Read();
        foreach (var (table, first) in new[] { ("KINDS", "NC_CONV"), ("ACTIVATIONS", "NC_ACT_IDENTITY"), ("RULES", "NC_RULE_BACKPROP"), ("PASSES", "NC_FORWARD"), ("ALGORITHMS", "NC_ALGO_AUTO"), ("TENSORS", "NC_X") })
        {
            var body = Regex.Match(lua, $@"local {table} = {{(?<body>[^}}]*)}}").Groups["body"].Value;
            var declared = ValueForm().Matches(body).Select(value => (NativeSource.Plain(value.Groups["name"].Value), int.Parse(value.Groups["value"].Value, System.Globalization.CultureInfo.InvariantCulture)));
            Assert.Equal(header.Enums.Single(values => values[0].Name == first).Select(value => (NativeSource.Plain(PrefixForm().Replace(value.Name, "")), value.Value)), declared);
        }

        Assert.Contains($"_VERSION = {header.Macros["NC_ABI_VERSION"]} ", lua, StringComparison.Ordinal);
        Assert.Contains($"FLUSH_DENORMALS = {header.Macros["NC_EXEC_FLUSH_DENORMALS"].TrimEnd('u')}\n", lua, StringComparison.Ordinal);
        Assert.Contains($"AbiVersionNeeded = {header.Macros["NC_ABI_VERSION"]};", Repository.ReadText([.. Shared, "Library.cs"]), StringComparison.Ordinal);
    }

    [Fact]
    public void CppCallsEveryFunction()
    {
        var text = Repository.ReadText("bindings", "cpp", "include", "nativeconv.hpp");
        Assert.All(Header.Read().Functions, function => Assert.Matches($@"\b{function.Name}\b", text));
    }

    private static string CSharp(HeaderFunction function) => $"{FunctionTests.CSharp(function.Result)} {function.Name}({string.Join(", ", function.Parameters.Select(parameter => parameter.Name.Contains('[', StringComparison.Ordinal)
        ? $"{FunctionTests.CSharp(parameter.Type)}* {parameter.Name[..parameter.Name.IndexOf('[', StringComparison.Ordinal)]}"
        : $"{FunctionTests.CSharp(parameter.Type)} {parameter.Name}"))})".Replace("const char", "byte", StringComparison.Ordinal);

    private static string[] Words(string text) => [.. WordForm().Matches(text).Select(match => match.Value)];

    [GeneratedRegex(@"internal static (extern|partial) (?<result>[\w*]+) (?<name>nc_\w+)\((?<parameters>[^)]*)\);")]
    private static partial Regex CSharpForm();

    [GeneratedRegex(@"public unsafe struct (?<name>\w+)\s*\{(?<body>.*?)\n    \}", RegexOptions.Singleline)]
    private static partial Regex StructForm();

    [GeneratedRegex(@"public (fixed )?(?<type>\w+\*?) (?<name>\w+)(\[(?<count>\d+)\])?;")]
    private static partial Regex FieldForm();

    [GeneratedRegex(@"public enum \w+\s*\{(?<body>[^}]*)\}")]
    private static partial Regex EnumForm();

    [GeneratedRegex(@"(?<name>\w+) = (?<value>-?\d+)")]
    private static partial Regex ValueForm();

    [GeneratedRegex(@"^NC_(ACT_|RULE_|ALGO_)?")]
    private static partial Regex PrefixForm();

    [GeneratedRegex(@"/\*.*?\*/|//[^\n]*", RegexOptions.Singleline)]
    private static partial Regex CommentForm();

    [GeneratedRegex(@"^#[^\n]*", RegexOptions.Multiline)]
    private static partial Regex DirectiveForm();

    [GeneratedRegex(@"ffi\.cdef \[\[(?<body>.*?)\n\]\]\n", RegexOptions.Singleline)]
    private static partial Regex CdefForm();

    [GeneratedRegex(@"\w+|[^\w\s]")]
    private static partial Regex WordForm();
}
