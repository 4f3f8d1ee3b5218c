using System.Text;
using NativeConv.Problem;
using Xunit;

namespace NativeConv.Tests.Problem;

/// <summary>Texts in buffers of fixed size.</summary>
public class MessageTests
{
    // One, two, three and four bytes.
    private const string Characters = "aé€😀b";

    [Fact]
    public void CutsAtCharactersAndCountsEverything()
    {
        var whole = Encoding.UTF8.GetBytes(Characters);
        for (var capacity = 0; capacity <= whole.Length + 2; capacity++)
        {
            byte[] asBytes = new byte[capacity], asString = new byte[capacity];
            Array.Fill(asBytes, (byte)0xFF);
            Array.Fill(asString, (byte)0xFF);
            var bytes = new Message(asBytes);
            bytes.Add(whole);
            var text = new Message(asString);
            text.Add(Characters);

            // The longest prefix of whole characters that leaves room for the terminator.
            var expected = Characters.EnumerateRunes().Aggregate((Text: "", Full: false), (sum, rune) =>
                sum.Full || Encoding.UTF8.GetByteCount(sum.Text + rune) > capacity - 1 ? (sum.Text, true) : (sum.Text + rune, false)).Text;
            Assert.Equal(expected, bytes.ToString());
            Assert.Equal(expected, text.ToString());
            Assert.Equal(whole.Length, bytes.Length);
            Assert.Equal(whole.Length, text.Length);
            if (capacity > 0)
            {
                Assert.Equal(0, asBytes[bytes.Text.Length]);
                Assert.Equal(0, asString[text.Text.Length]);
            }
        }
    }

    [Fact]
    public void NothingFollowsACut()
    {
        var buffer = new byte[4];
        var message = new Message(buffer);
        message.Add("abcd"u8);
        message.Add(""u8);
        message.Add("x"u8);
        message.Add(5);
        Assert.Equal("abc", message.ToString());
        Assert.Equal(6, message.Length);
        Assert.Equal(0, buffer[3]);
    }

    [Fact]
    public void ACutCharacterLeavesItsRoomEmpty()
    {
        // Two bytes are left, the character needs three: what follows must not slip into its place.
        var message = new Message(new byte[5]);
        message.Add("ab"u8);
        message.Add("€"u8);
        message.Add("c"u8);
        Assert.Equal("ab", message.ToString());
        Assert.Equal(6, message.Length);
    }

    [Fact]
    public void ClearedIsEmpty()
    {
        var buffer = new byte[4];
        var message = new Message(buffer);
        message.Add("abcdef"u8);
        message.Clear();
        Assert.Equal(0, message.Length);
        Assert.Equal(0, buffer[0]);
        message.Add("xyz"u8);
        Assert.Equal("xyz", message.ToString());
    }

    [Fact]
    public void Forms()
    {
        var message = new Message(new byte[200]);
        message.Add(long.MinValue);
        message.Add(" "u8);
        message.Add(-1.5e-300);
        message.Add(" "u8);
        message.Add(double.NaN);
        Assert.Equal("-9223372036854775808 -1.5E-300 NaN", message.ToString());

        message.Clear();
        message.AddField("rank"u8, 7, "expected 1"u8);
        Assert.Equal("rank: 7; expected 1", message.ToString());

        message.Clear();
        message.AddField("kernel"u8, 2, -7, "expected 1"u8);
        Assert.Equal("kernel[2]: -7; expected 1", message.ToString());

        message.Clear();
        message.AddField("activation_alpha"u8, 0.25, "expected 1"u8);
        Assert.Equal("activation_alpha: 0.25; expected 1", message.ToString());
    }
}
