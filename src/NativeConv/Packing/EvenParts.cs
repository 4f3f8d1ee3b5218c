namespace NativeConv.Packing;

/// <summary>A whole cut into parts that differ by one at most, the larger ones first.</summary>
internal readonly struct EvenParts(long whole, long parts)
{
    private readonly long least = parts == 0 ? 0 : whole / parts;
    private readonly long larger = parts == 0 ? 0 : whole % parts;

    /// <summary>Parts of at most <paramref name="most"/>, as few as possible.</summary>
    public static EvenParts AtMost(long most, long whole) => new(whole, (whole + most - 1) / most);

    public long Count { get; } = parts;

    /// <summary>A part's first element, and its number of elements.</summary>
    public (long First, long Length) this[long part] => ((part * least) + Math.Min(part, larger), least + (part < larger ? 1 : 0));
}
