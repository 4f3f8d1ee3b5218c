namespace NativeConv.Problem;

/// <summary>A product or sum of non-negative sizes that remembers having left 63 bits.</summary>
internal readonly struct CheckedSize
{
    private CheckedSize(long value, bool overflowed)
    {
        Value = value;
        Overflowed = overflowed;
    }

    public long Value { get; }

    public bool Overflowed { get; }

    public static implicit operator CheckedSize(long value) => new(value, false);

    public static CheckedSize operator *(CheckedSize a, CheckedSize b)
    {
        var product = (Int128)a.Value * b.Value;
        return new((long)product, a.Overflowed || b.Overflowed || product > long.MaxValue);
    }

    public static CheckedSize operator +(CheckedSize a, CheckedSize b)
    {
        var sum = (Int128)a.Value + b.Value;
        return new((long)sum, a.Overflowed || b.Overflowed || sum > long.MaxValue);
    }

    public CheckedSize RoundUp(long multiple)
    {
        var more = this + (multiple - 1);
        return new(more.Value / multiple * multiple, more.Overflowed);
    }
}
