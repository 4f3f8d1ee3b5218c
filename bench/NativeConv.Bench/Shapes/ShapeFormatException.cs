namespace NativeConv.Bench.Shapes;

/// <summary>A line that is no shape. The message begins with the column.</summary>
public sealed class ShapeFormatException(int column, string reason) : FormatException($"column {column}: {reason}")
{
    /// <summary>Where, counted from 1; one past the end where something is missing.</summary>
    public int Column { get; } = column;
}
