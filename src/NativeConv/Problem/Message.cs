using System.Globalization;
using System.Text;

namespace NativeConv.Problem;

/// <summary>
/// UTF-8 text in a buffer of fixed size: error messages and explanations, written without allocating. What does not fit is counted
/// (<see cref="Length"/>) and dropped at a character's boundary.
/// </summary>
internal ref struct Message
{
    private readonly Span<byte> terminated;
    private readonly Span<byte> buffer;
    private int written;
    private bool full;

    /// <param name="buffer">may be empty; the last byte is kept for the terminating zero</param>
    public Message(Span<byte> buffer)
    {
        terminated = buffer;
        this.buffer = buffer.IsEmpty ? buffer : buffer[..^1];
        Terminate();
    }

    /// <summary>Bytes of the whole text, without a terminator, whether they fitted or not.</summary>
    public long Length { get; private set; }

    /// <summary>The text as far as it fitted.</summary>
    public readonly ReadOnlySpan<byte> Text => buffer[..written];

    public void Clear()
    {
        written = 0;
        Length = 0;
        full = false;
        Terminate();
    }

    public void Add(scoped ReadOnlySpan<byte> utf8)
    {
        Length += utf8.Length;
        if (full)
        {
            return;
        }

        var fits = Math.Min(utf8.Length, buffer.Length - written);
        if (fits < utf8.Length)
        {
            full = true;
            while (fits > 0 && (utf8[fits] & 0xC0) == 0x80)
            {
                fits--;
            }
        }

        utf8[..fits].CopyTo(buffer[written..]);
        written += fits;
        Terminate();
    }

    public void Add(string text)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            Add(utf8[..rune.EncodeToUtf8(utf8)]);
        }
    }

    public void Add(long value)
    {
        Span<byte> digits = stackalloc byte[24];
        value.TryFormat(digits, out var count, default, CultureInfo.InvariantCulture);
        Add(digits[..count]);
    }

    public void Add(double value)
    {
        Span<byte> digits = stackalloc byte[40];
        value.TryFormat(digits, out var count, default, CultureInfo.InvariantCulture);
        Add(digits[..count]);
    }

    /// <summary>The form of most refusals: <c>field: what came; what was expected</c>.</summary>
    public void AddField(scoped ReadOnlySpan<byte> field, long value, scoped ReadOnlySpan<byte> expected)
    {
        Add(field);
        Add(": "u8);
        Add(value);
        Add("; "u8);
        Add(expected);
    }

    /// <summary>The same for a number that need not be whole.</summary>
    public void AddField(scoped ReadOnlySpan<byte> field, double value, scoped ReadOnlySpan<byte> expected)
    {
        Add(field);
        Add(": "u8);
        Add(value);
        Add("; "u8);
        Add(expected);
    }

    /// <summary>The same for an entry of an array: <c>field[index]: ...</c>.</summary>
    public void AddField(scoped ReadOnlySpan<byte> field, int index, long value, scoped ReadOnlySpan<byte> expected)
    {
        Add(field);
        Add("["u8);
        Add(index);
        Add("]"u8);
        AddField([], value, expected);
    }

    /// <summary>The text as a string.</summary>
    public readonly override string ToString() => Encoding.UTF8.GetString(Text);

    private readonly void Terminate()
    {
        if (!terminated.IsEmpty)
        {
            terminated[written] = 0;
        }
    }
}
