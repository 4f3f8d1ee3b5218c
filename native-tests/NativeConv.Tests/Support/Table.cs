using System.Globalization;

namespace NativeConv.Tests.Support;

/// <summary>One line of a tab-separated table with a header line; lines that start with '#' are remarks.</summary>
internal sealed class TableRow(Dictionary<string, string> fields)
{
    public string this[string column] => fields[column];

    public bool Has(string column) => fields[column] != "-";

    public long Integer(string column) => long.Parse(fields[column], CultureInfo.InvariantCulture);

    public double Number(string column) => double.Parse(fields[column], CultureInfo.InvariantCulture);

    /// <summary>"3,4,5"</summary>
    public long[] List(string column) => [.. fields[column].Split(',').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];

    public static IEnumerable<TableRow> Read(string path)
    {
        var lines = Repository.Read(path).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').ToArray();
        var names = lines[0].Split('\t');
        foreach (var line in lines.Skip(1))
        {
            var values = line.Split('\t');
            Assert.True(values.Length == names.Length, $"{path}: {values.Length} columns in: {line}");
            yield return new TableRow(names.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second));
        }
    }
}
