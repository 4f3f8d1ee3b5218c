using NativeConv.Problem;
using Xunit;

namespace NativeConv.Tests.Problem;

/// <summary>Sizes that remember having left 63 bits.</summary>
public class CheckedSizeTests
{
    [Theory]
    [InlineData(0L, long.MaxValue, false)]
    [InlineData(1L, long.MaxValue, false)]
    [InlineData(2L, long.MaxValue, true)]
    [InlineData(1L << 31, 1L << 31, false)]
    [InlineData(1L << 32, 1L << 31, true)]
    [InlineData(1L << 32, 1L << 32, true)]
    [InlineData(3037000499L, 3037000499L, false)]
    [InlineData(3037000500L, 3037000500L, true)]
    [InlineData(long.MaxValue, long.MaxValue, true)]
    public void Products(long a, long b, bool overflows)
    {
        var product = (CheckedSize)a * b;
        Assert.Equal(overflows, product.Overflowed);
        Assert.True(overflows || product.Value == a * b);
    }

    [Theory]
    [InlineData(long.MaxValue - 1, 1L, false)]
    [InlineData(long.MaxValue, 0L, false)]
    [InlineData(long.MaxValue, 1L, true)]
    [InlineData(1L << 62, 1L << 62, true)]
    [InlineData(1L << 31, 1L << 31, false)]
    public void Sums(long a, long b, bool overflows)
    {
        var sum = (CheckedSize)a + b;
        Assert.Equal(overflows, sum.Overflowed);
        Assert.True(overflows || sum.Value == a + b);
    }

    [Theory]
    [InlineData(0, 64, 0)]
    [InlineData(1, 64, 64)]
    [InlineData(64, 64, 64)]
    [InlineData(65, 64, 128)]
    [InlineData(7, 1, 7)]
    [InlineData((1L << 62) + 1, 64, (1L << 62) + 64)]
    public void Rounding(long value, long multiple, long expected)
    {
        var rounded = ((CheckedSize)value).RoundUp(multiple);
        Assert.False(rounded.Overflowed);
        Assert.Equal(expected, rounded.Value);
    }

    [Fact]
    public void AnOverflowIsNotForgotten()
    {
        var overflowed = (CheckedSize)long.MaxValue * 2;
        Assert.True((overflowed * 0).Overflowed);
        Assert.True((1 + overflowed).Overflowed);
        Assert.True(overflowed.RoundUp(1).Overflowed);
        Assert.True(((CheckedSize)long.MaxValue).RoundUp(64).Overflowed);
    }
}
