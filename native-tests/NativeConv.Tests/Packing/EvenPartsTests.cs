using NativeConv.Packing;
using Xunit;

namespace NativeConv.Tests.Packing;

/// <summary>Parts follow each other, differ by one at most, halves too, and are as few as can be.</summary>
public class EvenPartsTests
{
    [Fact]
    public void EveryWholeAndPart()
    {
        for (long whole = 0; whole <= 100; whole++)
        {
            for (long most = 1; most <= 20; most++)
            {
                var parts = EvenParts.AtMost(most, whole);
                Assert.Equal((whole + most - 1) / most, parts.Count);
                long next = 0;
                for (long part = 0; part < parts.Count; part++)
                {
                    var (first, length) = parts[part];
                    Assert.Equal(next, first);
                    Assert.InRange(length, whole / parts.Count, parts.Most);
                    next += length;
                }

                Assert.Equal(whole, next);
                Assert.Equal(parts.Count == 0 ? 0 : (whole + parts.Count - 1) / parts.Count, parts.Most);
                if (parts.Count % 2 == 0 && parts.Count > 0)
                {
                    Assert.InRange(parts[parts.Count / 2].First, whole / 2, (whole + 1) / 2);
                }
            }
        }
    }

    [Fact]
    public void BlocksOfChannelsAreWholeVectors()
    {
        for (var channels = 1; channels <= 200; channels++)
        {
            var blocks = new ChannelBlocks(channels, 4, 3);
            long next = 0;
            for (long block = 0; block < blocks.Count; block++)
            {
                var (first, units) = blocks[block];
                Assert.Equal(next, first);
                Assert.InRange(units, 1, 3);
                next += units * 4;
            }

            Assert.Equal(blocks.Padded, next);
            Assert.Equal((channels + 3) / 4 * 4, next);
        }
    }
}
