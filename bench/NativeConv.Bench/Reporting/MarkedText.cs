namespace NativeConv.Bench.Reporting;

/// <summary>Pages of which a program writes a part, between two marks.</summary>
internal static class MarkedText
{
    /// <summary>The text with other lines between its marks.</summary>
    /// <exception cref="FormatException">the marks are not there</exception>
    public static string Replace(string text, string name, string begin, string end, IEnumerable<string> lines)
    {
        var (from, to) = (text.IndexOf(begin, StringComparison.Ordinal), text.IndexOf(end, StringComparison.Ordinal));
        if (from < 0 || to < from) throw new FormatException($"{name} has no lines '{begin}' and '{end}'");
        return $"{text[..(from + begin.Length)]}\n{string.Join('\n', lines)}\n{text[to..]}";
    }
}
