using System.Globalization;
using System.Text.RegularExpressions;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Abi;

/// <summary>nativeconv.h, read. What the reader does not understand fails: no declaration can slip past it.</summary>
internal sealed partial class Header
{
    private Header()
    {
        var text = Comments().Replace(Repository.ReadText("bindings", "c", "include", "nativeconv.h"), " ").Replace("\\\n", " ", StringComparison.Ordinal);
        foreach (Match define in Defines().Matches(text))
        {
            // These have a definition for each compiler, and stand for nothing in the declarations.
            if (define.Groups["name"].Value is "NC_API" or "NC_CALL")
            {
                continue;
            }

            Macros.Add(define.Groups["name"].Value, define.Groups["value"].Value.Trim());
        }

        text = Directives().Replace(text, "");
        text = Take(text, Enumerations(), match =>
        {
            var values = match.Groups["body"].Value.Split(',').Select(part => part.Split('=', StringSplitOptions.TrimEntries));
            Enums.Add([.. values.Select(pair => (pair[0], int.Parse(pair[1], CultureInfo.InvariantCulture)))]);
        });
        text = Take(text, Structs(), match => StructFields.Add(match.Groups["name"].Value, [.. match.Groups["body"].Value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(Fields)]));
        text = Take(text, Prototypes(), match => Functions.Add(new HeaderFunction(Type(match.Groups["result"].Value), match.Groups["name"].Value, [.. Parameters(match.Groups["parameters"].Value)])));
        text = Take(text, Callbacks(), match => CallbackTypes.Add(match.Groups["name"].Value));
        text = text.Replace("typedef int32_t nc_status;", "", StringComparison.Ordinal).Replace("typedef struct nc_plan nc_plan;", "", StringComparison.Ordinal)
            .Replace("extern \"C\" {", "", StringComparison.Ordinal);
        Assert.Equal("}", text.Trim());
    }

    public static Header Read() => new();

    /// <summary>Object-like macros and what they stand for.</summary>
    public Dictionary<string, string> Macros { get; } = [];

    public List<(string Name, int Value)[]> Enums { get; } = [];

    public Dictionary<string, HeaderField[]> StructFields { get; } = [];

    public List<HeaderFunction> Functions { get; } = [];

    public List<string> CallbackTypes { get; } = [];

    /// <summary>Status codes: macros that are NC_OK or NC_ERROR_....</summary>
    public IEnumerable<(string Name, int Value)> Statuses => Macros.Where(macro => macro.Key == "NC_OK" || macro.Key.StartsWith("NC_ERROR_", StringComparison.Ordinal))
        .Select(macro => (macro.Key, int.Parse(macro.Value, CultureInfo.InvariantCulture)));

    private static string Take(string text, Regex form, Action<Match> found)
    {
        Assert.True(form.IsMatch(text), form.ToString());
        foreach (Match match in form.Matches(text))
        {
            found(match);
        }

        return form.Replace(text, "");
    }

    /// <summary>One space between words, the star at the type.</summary>
    private static string Type(string text) => Spaces().Replace(text.Trim(), " ").Replace(" *", "*", StringComparison.Ordinal);

    private static IEnumerable<(string Type, string Name)> Parameters(string text)
    {
        if (text.Trim() == "void")
        {
            yield break;
        }

        foreach (var part in text.Split(','))
        {
            var match = Parameter().Match(part);
            Assert.True(match.Success, part);
            yield return (Type(match.Groups["type"].Value), match.Groups["name"].Value);
        }
    }

    /// <summary>The fields of one declaration, which may have several names and array bounds.</summary>
    private static IEnumerable<HeaderField> Fields(string declaration)
    {
        var match = FieldDeclaration().Match(declaration);
        Assert.True(match.Success, declaration);
        foreach (var name in match.Groups["names"].Value.Split(',', StringSplitOptions.TrimEntries))
        {
            var bound = FieldName().Match(name);
            Assert.True(bound.Success, declaration);
            var count = bound.Groups["count"].Success ? int.Parse(bound.Groups["count"].Value, CultureInfo.InvariantCulture) : 1;
            yield return new HeaderField(Type(match.Groups["type"].Value), bound.Groups["name"].Value, count);
        }
    }

    [GeneratedRegex(@"/\*.*?\*/|//[^\n]*", RegexOptions.Singleline)]
    private static partial Regex Comments();

    [GeneratedRegex(@"^#\s*define[ \t]+(?<name>\w+)[ \t]+(?<value>[^\n]+)", RegexOptions.Multiline)]
    private static partial Regex Defines();

    [GeneratedRegex(@"^#[^\n]*", RegexOptions.Multiline)]
    private static partial Regex Directives();

    [GeneratedRegex(@"enum\s*\{(?<body>[^}]*)\}\s*;")]
    private static partial Regex Enumerations();

    [GeneratedRegex(@"typedef struct (?<name>\w+)\s*\{(?<body>[^}]*)\}\s*\k<name>;")]
    private static partial Regex Structs();

    [GeneratedRegex(@"NC_API\s+(?<result>[\w\s*]+?)\s*NC_CALL\s+(?<name>nc_\w+)\((?<parameters>[^)]*)\);")]
    private static partial Regex Prototypes();

    [GeneratedRegex(@"typedef void \(NC_CALL \*(?<name>\w+)\)\([^)]*\);")]
    private static partial Regex Callbacks();

    [GeneratedRegex(@"^\s*(?<type>(const\s+)?\w+\s*\**)\s*(?<name>\w+(\[\d+\])?)\s*$")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^(?<type>(const\s+)?\w+\s*\**)\s+(?<names>.*)$", RegexOptions.Singleline)]
    private static partial Regex FieldDeclaration();

    [GeneratedRegex(@"^(?<name>\w+)(\[(?<count>\d+)\])?$")]
    private static partial Regex FieldName();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

/// <summary>A field: <c>type name[count]</c>.</summary>
internal readonly record struct HeaderField(string Type, string Name, int Count);

/// <summary>A function. The name of an array parameter has its bounds.</summary>
internal sealed record HeaderFunction(string Result, string Name, (string Type, string Name)[] Parameters)
{
    /// <summary>As native-tests/abi/nativeconv.symbols has it.</summary>
    public string Signature => $"{Result} {Name}({(Parameters.Length == 0 ? "void" : string.Join(", ", Parameters.Select(parameter => $"{parameter.Type} {parameter.Name}")))})";
}
