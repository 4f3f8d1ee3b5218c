using NativeConv.Packing;
using NativeConv.Problem;
using Xunit;

namespace NativeConv.Tests.Packing;

/// <summary>The taps that read the source, against each tap's place.</summary>
public class TapReachTests
{
    [Fact]
    public void AlongEachAxisThoseThatReadThePixels()
    {
        var random = new Random(3);
        var met = 0;
        for (var i = 0; i < 20000; i++)
        {
            var reach = DrawReach(random, forward: i % 2 == 0);
            var pixel = Draw(random, 0, 6);
            for (var axis = 0; axis < Axes.Count; axis++)
            {
                var inside = Enumerable.Range(0, (int)reach.Taps[axis]).Where(tap => Reads(reach, axis, pixel[axis], tap)).ToList();
                var (first, end) = reach.Along(axis, pixel[axis]);
                Assert.InRange(first, 0, end);
                Assert.InRange(end, first, reach.Taps[axis]);
                Assert.Equal(inside, [.. Enumerable.Range((int)first, (int)(end - first))]);
                met += inside.Count;
            }
        }

        Assert.True(met > 20000, $"only {met}");
    }

    /// <summary>Where pixels stop being alike, and how many products read pixels, counted one by one.</summary>
    [Fact]
    public void PixelsThatAreAlikeAndThePartThatIsRead()
    {
        var random = new Random(4);
        for (var i = 0; i < 5000; i++)
        {
            var reach = DrawReach(random, forward: i % 2 == 0);
            var number = Draw(random, 1, 12);
            double part = 1;
            for (var axis = 0; axis < Axes.Count; axis++)
            {
                var read = 0;
                for (var pixel = 0; pixel < number[axis]; pixel++)
                {
                    read += Enumerable.Range(0, (int)reach.Taps[axis]).Count(tap => Reads(reach, axis, pixel, tap));
                    long end = pixel + 1;
                    while (end < number[axis] && reach.Along(axis, end) == reach.Along(axis, pixel))
                    {
                        end++;
                    }

                    Assert.Equal(end, reach.EndOfAlike(axis, pixel, number[axis]));
                }

                part *= read / (double)(number[axis] * reach.Taps[axis]);
            }

            Assert.Equal(part, reach.PartOf(number), 12);
        }
    }

    private static TapReach DrawReach(Random random, bool forward)
    {
        var sign = forward ? 1 : -1;
        return new TapReach
        {
            Source = Draw(random, 1, 9),
            Origin = Draw(random, -5, 9),
            PixelStep = Draw(random, 1, 4),
            TapStep = new Axes(sign * random.Next(1, 4), sign * random.Next(1, 4), sign * random.Next(1, 4)),
            Taps = Draw(random, 1, 5),
        };
    }

    private static Axes Draw(Random random, int from, int to) => new(random.Next(from, to), random.Next(from, to), random.Next(from, to));

    private static bool Reads(TapReach reach, int axis, long position, int tap)
    {
        var place = reach.Origin[axis] + (reach.PixelStep[axis] * position) + (reach.TapStep[axis] * tap);
        return place >= 0 && place < reach.Source[axis];
    }
}
