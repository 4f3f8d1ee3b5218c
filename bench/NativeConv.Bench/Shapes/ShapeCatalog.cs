namespace NativeConv.Bench.Shapes;

/// <summary>Finds shapes by what a user types: a file, a net of bench/shapes, one of its layers, or a line.</summary>
public sealed class ShapeCatalog(string folder)
{
    /// <summary>Every net of the folder, by name.</summary>
    public IEnumerable<string> Nets => Directory.GetFiles(folder, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    /// <summary>The shapes that an argument means.</summary>
    /// <param name="text">a path, "resnet50", "resnet50:conv1", "all", or a line</param>
    /// <exception cref="FormatException">none of these</exception>
    public IReadOnlyList<Shape> Find(string text)
    {
        if (text == "all") return [.. Nets.SelectMany(Net)];
        if (File.Exists(text)) return ShapeFile.Read(text);

        var net = text.Split(':')[0];
        if (Nets.Contains(net))
        {
            var shapes = Net(net);
            if (net == text) return shapes;
            shapes = [.. shapes.Where(shape => shape.Name == text)];
            return shapes.Count > 0 ? shapes : throw new FormatException($"{net} has no layer '{text[(net.Length + 1)..]}'");
        }

        try
        {
            return [ShapeLine.Parse(text)];
        }
        catch (ShapeFormatException problem)
        {
            throw new FormatException($"'{text}' is no file, no net ({string.Join(", ", Nets)}) and no shape: {problem.Message}", problem);
        }
    }

    private IReadOnlyList<Shape> Net(string name) => ShapeFile.Read(Path.Combine(folder, name + ".txt"));
}
