using System.Globalization;
using System.Text.RegularExpressions;
using NativeConv.Tests.Support;

namespace NativeConv.Tests.Abi;

/// <summary>What src/NativeConv.Native declares, read from its text: its types are compiled ahead of time, not loaded here.</summary>
internal static partial class NativeSource
{
    /// <summary>The managed entry points: C name without its prefix, C# name, result, parameters.</summary>
    public static List<(string EntryPoint, string Name, string Result, string Parameters)> Exports() =>
        [.. ExportForm().Matches(Read("Exports.cs")).Select(match => (match.Groups["entry"].Value, match.Groups["name"].Value, match.Groups["result"].Value, match.Groups["parameters"].Value))];

    /// <summary>Classes of constants of AbiTypes.cs.</summary>
    public static Dictionary<string, List<(string Name, int Value)>> Constants() => ClassForm().Matches(Read("AbiTypes.cs")).ToDictionary(
        match => match.Groups["name"].Value,
        match => ConstantForm().Matches(match.Groups["body"].Value)
            .Select(constant => (constant.Groups["name"].Value, int.Parse(constant.Groups["value"].Value, CultureInfo.InvariantCulture))).ToList());

    /// <summary>Structs of AbiTypes.cs: fields in order.</summary>
    public static Dictionary<string, List<HeaderField>> Structs() => StructForm().Matches(Read("AbiTypes.cs")).ToDictionary(
        match => match.Groups["name"].Value,
        match => FieldForm().Matches(match.Groups["body"].Value)
            .Select(field => new HeaderField(field.Groups["type"].Value, field.Groups["name"].Value, field.Groups["count"].Success ? int.Parse(field.Groups["count"].Value, CultureInfo.InvariantCulture) : 1))
            .ToList());

    public static string Read(params string[] path) => Repository.ReadText(["src", "NativeConv.Native", .. path]);

    /// <summary>Letters alone: WDtype, w_dtype and W_DTYPE are one name.</summary>
    public static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    [GeneratedRegex(@"EntryPoint = ""managed_(?<entry>\w+)"", CallConvs = \[typeof\(CallConvCdecl\)\]\)\]\s*public static (?<result>\w+) (?<name>\w+)\((?<parameters>[^)]*)\)")]
    private static partial Regex ExportForm();

    [GeneratedRegex(@"static class (?<name>\w+)\s*\{(?<body>[^}]*)\}")]
    private static partial Regex ClassForm();

    [GeneratedRegex(@"public const u?int (?<name>\w+) = (?<value>-?\d+);")]
    private static partial Regex ConstantForm();

    [GeneratedRegex(@"\[StructLayout\(LayoutKind\.Sequential\)\]\s*internal unsafe struct (?<name>\w+)\s*\{(?<body>[^}]*)\}")]
    private static partial Regex StructForm();

    [GeneratedRegex(@"public (fixed )?(?<type>delegate\* unmanaged[^;]*|\w+\*?) (?<name>\w+)(\[(?<count>\d+)\])?;")]
    private static partial Regex FieldForm();
}
