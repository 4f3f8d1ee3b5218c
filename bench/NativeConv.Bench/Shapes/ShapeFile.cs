namespace NativeConv.Bench.Shapes;

/// <summary>A file of shapes: one line each; empty lines and lines that begin with # are skipped.</summary>
public static class ShapeFile
{
    /// <summary>All shapes of a file, in its order.</summary>
    /// <exception cref="FormatException">a line is no shape; the message begins with file and line</exception>
    public static IReadOnlyList<Shape> Read(string path)
    {
        var shapes = new List<Shape>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            var text = line.AsSpan().Trim();
            if (text.IsEmpty || text[0] == '#') continue;
            try
            {
                shapes.Add(ShapeLine.Parse(line));
            }
            catch (ShapeFormatException problem)
            {
                throw new FormatException($"{Path.GetFileName(path)}:{number}: {problem.Message}", problem);
            }
        }

        return shapes;
    }
}
