using NativeConv.Packing;
using NativeConv.Problem;
using Xunit;

namespace NativeConv.Tests.Packing;

/// <summary>The taps that read the source, against each tap's place.</summary>
public class TapReachTests
{
    [Fact]
    public void FromTheFirstToTheLastThatReadsThePixels()
    {
        var random = new Random(3);
        var met = 0;
        for (var i = 0; i < 20000; i++)
        {
            var sign = i % 2 == 0 ? 1 : -1;
            var reach = new TapReach
            {
                Source = Draw(random, 1, 6),
                Origin = Draw(random, -5, 6),
                PixelStep = Draw(random, 1, 4),
                TapStep = new Axes(sign * random.Next(1, 4), sign * random.Next(1, 4), sign * random.Next(1, 4)),
                Taps = Draw(random, 1, 5),
            };
            var pixel = Draw(random, 0, 6);
            var inside = Enumerable.Range(0, (int)reach.Taps.Product).Where(tap => Reads(reach, pixel, tap)).ToList();
            var (first, end) = reach.Of(pixel);
            if (inside.Count == 0)
            {
                Assert.Equal(first, end);
                continue;
            }

            met++;
            Assert.Equal((inside[0], inside[^1] + 1), (first, end));
        }

        Assert.True(met > 300, $"only {met}");
    }

    [Fact]
    public void UnionsLeaveOutWhatIsEmpty()
    {
        Assert.Equal((2, 7), TapReach.Union((2, 4), (6, 7)));
        Assert.Equal((2, 4), TapReach.Union((2, 4), (9, 9)));
        Assert.Equal((2, 4), TapReach.Union((0, 0), (2, 4)));
    }

    private static Axes Draw(Random random, int from, int to) => new(random.Next(from, to), random.Next(from, to), random.Next(from, to));

    private static bool Reads(TapReach reach, Axes pixel, int tap)
    {
        var at = new Axes(tap / (reach.Taps.H * reach.Taps.W), tap / reach.Taps.W % reach.Taps.H, tap % reach.Taps.W);
        var reads = true;
        for (var axis = 0; axis < Axes.Count; axis++)
        {
            var place = reach.Origin[axis] + (reach.PixelStep[axis] * pixel[axis]) + (reach.TapStep[axis] * at[axis]);
            reads &= place >= 0 && place < reach.Source[axis];
        }

        return reads;
    }
}
