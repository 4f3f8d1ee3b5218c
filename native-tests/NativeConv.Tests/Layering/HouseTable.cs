using System.Text.RegularExpressions;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Layering;

/// <summary>The table of docs/design.md, "The house": which folder may use which.</summary>
internal sealed partial class HouseTable
{
    private readonly Dictionary<string, string> mayUse;

    private HouseTable(Dictionary<string, string> mayUse)
    {
        this.mayUse = mayUse;
    }

    /// <summary>The folders of the engine.</summary>
    public IEnumerable<string> Folders => mayUse.Keys.Where(name => name.EndsWith('/')).Select(name => name.TrimEnd('/'));

    /// <summary>Every row's first cell.</summary>
    public IEnumerable<string> Rows => mayUse.Keys;

    public static HouseTable Read()
    {
        var page = Repository.ReadText("docs", "design.md");
        var start = page.IndexOf("## The house", StringComparison.Ordinal);
        var section = page[start..page.IndexOf("\n## ", start + 1, StringComparison.Ordinal)];
        var rows = RowForm().Matches(section).ToDictionary(match => match.Groups["folder"].Value, match => match.Groups["uses"].Value.Trim());
        Assert.True(rows.Count >= 8, "the table was not found");
        return new(rows);
    }

    /// <summary>
    /// Folders whose types a folder may name, besides its own. "" is the vocabulary: who may use Problem may speak its words.
    /// </summary>
    public HashSet<string> MayUse(string folder)
    {
        var words = mayUse[folder + "/"];
        var list = words == "-" ? [] : words.Split(',', StringSplitOptions.TrimEntries);
        Assert.All(list, name => Assert.True(name == "vocabulary" || Folders.Contains(name), $"{folder}: {name} is no folder"));
        return [.. list.Select(name => name == "vocabulary" ? "" : name), .. list.Contains("Problem") ? [""] : Array.Empty<string>()];
    }

    [GeneratedRegex(@"^\| `(?<folder>[^`]+)`[^|]*\|[^|]*\|(?<uses>[^|]*)\|$", RegexOptions.Multiline)]
    private static partial Regex RowForm();
}
