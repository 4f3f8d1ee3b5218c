using System.Globalization;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Problem;

/// <summary>A line of a tab-separated table whose first line names the columns.</summary>
internal sealed class TableLine(string[] names, string[] values)
{
    public string this[string column] => values[Array.IndexOf(names, column)];

    public long Integer(string column) => long.Parse(this[column], CultureInfo.InvariantCulture);

    /// <summary>Numbers with commas between them.</summary>
    public long[] List(string column) => [.. this[column].Split(',').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];

    public override string ToString() => string.Join(' ', values);

    public static TableLine[] Read(params string[] path)
    {
        var lines = Repository.ReadText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').Select(line => line.Split('\t')).ToArray();
        Assert.True(lines.Length > 1, string.Join('/', path));
        Assert.All(lines, line => Assert.Equal(lines[0].Length, line.Length));
        return [.. lines.Skip(1).Select(line => new TableLine(lines[0], line))];
    }
}
