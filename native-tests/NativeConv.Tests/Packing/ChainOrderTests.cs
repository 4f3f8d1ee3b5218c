using NativeConv.Packing;
using NativeConv.Problem;
using Xunit;

namespace NativeConv.Tests.Packing;

/// <summary>The one order of summation (docs/design.md): every product once, in the order that the page gives.</summary>
public class ChainOrderTests
{
    [Fact]
    public void ProductsOnceInOrder()
    {
        foreach (var taps in (long[])[1, 2, 3, 9, 25, 27, 85, 86, 128, 129, 255, 256, 257, 300, 511, 512, 513, 1000])
        {
            foreach (var channels in (long[])[1, 2, 3, 5, 7, 13, 28, 29, 31, 64, 128, 255, 256, 257, 600])
            {
                var order = new ChainOrder(channels, taps);
                var got = new List<(long Chain, long Channel, long Tap)>();
                for (long index = 0; index < order.Count; index++)
                {
                    var chain = order[index];
                    Assert.InRange(chain.Steps, 1, 256);
                    for (var tap = chain.FirstTap; tap < chain.FirstTap + chain.Taps; tap++)
                    {
                        for (var channel = chain.FirstChannel; channel < chain.FirstChannel + chain.Channels; channel++)
                        {
                            got.Add((index, channel, tap));
                        }
                    }
                }

                Assert.True(Expected(channels, taps).SequenceEqual(got), $"{channels} channels, {taps} taps");
            }
        }
    }

    [Fact]
    public void NoTapsNoProducts()
    {
        var order = new ChainOrder(3, 0);
        for (long index = 0; index < order.Count; index++)
        {
            Assert.Equal(0, order[index].Steps);
        }
    }

    [Fact]
    public void PixelsOnceInOrder()
    {
        foreach (var width in (long[])[1, 2, 3, 7, 28, 85, 86, 127, 128, 129, 255, 256, 257, 511, 512, 513, 600])
        {
            foreach (var (depth, height) in ((long, long)[])[(1, 1), (1, 2), (1, 9), (3, 5), (2, 129), (1, 300)])
            {
                var order = new RowChainOrder(new Axes(depth, height, width));
                var got = new List<(long Chain, long Row, long Column)>();
                long longest = 0;
                for (long index = 0; index < order.Count; index++)
                {
                    var chain = order[index];
                    Assert.InRange(chain.Steps, 1, 256);
                    longest = Math.Max(longest, chain.Steps);
                    for (var row = chain.FirstRow; row < chain.FirstRow + chain.Rows; row++)
                    {
                        for (var column = chain.FirstColumn; column < chain.FirstColumn + chain.Columns; column++)
                        {
                            got.Add((index, row, column));
                        }
                    }
                }

                Assert.Equal(longest, order.LongestChain);
                Assert.True(ExpectedPixels(depth * height, width).SequenceEqual(got), $"{depth} x {height} x {width}");
            }
        }
    }

    /// <summary>Blocks of max(1, 256 / taps) channels, taps in runs of 256; in a block taps in order, for each the block's channels.</summary>
    private static IEnumerable<(long Chain, long Channel, long Tap)> Expected(long channels, long taps)
    {
        var block = Math.Max(1, 256 / taps);
        long chain = 0;
        for (long first = 0; first < channels; first += block)
        {
            for (long run = 0; run < taps; run += 256, chain++)
            {
                for (var tap = run; tap < Math.Min(run + 256, taps); tap++)
                {
                    for (var channel = first; channel < Math.Min(first + block, channels); channel++)
                    {
                        yield return (chain, channel, tap);
                    }
                }
            }
        }
    }

    /// <summary>Chains of max(1, 256 / width) rows, rows in runs of 256.</summary>
    private static IEnumerable<(long Chain, long Row, long Column)> ExpectedPixels(long rows, long width)
    {
        var block = Math.Max(1, 256 / width);
        long chain = 0;
        for (long first = 0; first < rows; first += block)
        {
            for (long run = 0; run < width; run += 256, chain++)
            {
                for (var row = first; row < Math.Min(first + block, rows); row++)
                {
                    for (var column = run; column < Math.Min(run + 256, width); column++)
                    {
                        yield return (chain, row, column);
                    }
                }
            }
        }
    }
}
