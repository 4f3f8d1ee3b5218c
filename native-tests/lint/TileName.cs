using System.Globalization;
using System.Text.RegularExpressions;

namespace NativeConv.Lint;

/// <summary>What the name of a compiled tile tells.</summary>
internal sealed partial record TileName(string Kind, string Element, int Bits, int Rows, int Columns)
{
    /// <summary>Whether a function is the method Run of a type in the tiles' namespace.</summary>
    public static bool IsTile(string function) =>
        function.StartsWith("NativeConv_NativeConv_Kernels_Tiles_", StringComparison.Ordinal) && function.EndsWith("__Run", StringComparison.Ordinal);

    /// <summary>Null if the name of a tile does not have all parts.</summary>
    public static TileName? Parse(string function)
    {
        var match = Form().Match(function);
        return match.Success
            ? new(match.Groups["kind"].Value, match.Groups["element"].Value == "Single" ? "float" : "double", Number("bits"), Number("rows"), Number("columns"))
            : null;

        int Number(string part) => int.Parse(match.Groups[part].Value, CultureInfo.InvariantCulture);
    }

    public override string ToString() => $"{Kind} {Element} {Bits} bits {Rows}x{Columns}";

    [GeneratedRegex(@"_Tiles_(?<kind>\w+)_\d+<(?<element>Single|Double)__\w+_Vector(?<bits>\d+)_1<.*_Tiles_Size(?<rows>\d+)__NativeConv_NativeConv_Kernels_Tiles_Size(?<columns>\d+)\b")]
    private static partial Regex Form();
}
