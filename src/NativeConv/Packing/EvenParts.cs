namespace NativeConv.Packing;

/// <summary>A whole cut into parts that differ by one at most, larger ones spread among them: halves differ by one at most, too.</summary>
internal readonly struct EvenParts(long whole, long parts)
{
    private readonly long least = parts == 0 ? 0 : whole / parts;
    private readonly long larger = parts == 0 ? 0 : whole % parts;

    /// <summary>Parts of at most <paramref name="most"/>, as few as possible.</summary>
    public static EvenParts AtMost(long most, long whole) => new(whole, (whole + most - 1) / most);

    public long Count { get; } = parts;

    /// <summary>A part's first element, and its number of elements.</summary>
    public (long First, long Length) this[long part]
    {
        get
        {
            var first = Start(part);
            return (first, Start(part + 1) - first);
        }
    }

    /// <summary>Elements of the largest part.</summary>
    public long Most => least + (larger > 0 ? 1 : 0);

    private long Start(long part) => (part * least) + (larger == 0 ? 0 : ((part * larger) + Count - 1) / Count);
}
