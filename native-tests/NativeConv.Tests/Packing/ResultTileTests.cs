using NativeConv.Packing;
using NativeConv.Problem;
using Xunit;

namespace NativeConv.Tests.Packing;

/// <summary>Tiles go to their pixels and back; columns in the margins belong to nobody.</summary>
public unsafe class ResultTileTests
{
    [Fact]
    public void ThereAndBack()
    {
        var random = new Random(3);
        for (var i = 0; i < 4000; i++)
        {
            var set = new TapSet
            {
                First = new Axes(random.Next(3), random.Next(3), random.Next(3)),
                PixelStep = new Axes(random.Next(1, 4), random.Next(1, 4), random.Next(1, 4)),
                Number = new Axes(random.Next(1, 4), random.Next(1, 6), random.Next(1, 9)),
            };
            Axes size = default;
            for (var axis = 0; axis < Axes.Count; axis++)
            {
                size[axis] = set.First[axis] + ((set.Number[axis] - 1) * set.PixelStep[axis]) + 1 + random.Next(3);
            }

            // Often as wide as the result: rows of which may lie end to end.
            if (random.Next(3) == 0)
            {
                (set.First.W, set.PixelStep.W, size.W) = (0, 1, set.Number.W);
            }

            var count = random.Next(1, 30);
            var result = new ResultTile<float>
            {
                Set = &set,
                Size = size,
                Pitch = set.Number.W + (random.Next(2) * random.Next(4)),
                Slice = random.Next((int)set.Number.D),
                First = random.Next(20),
                Count = count,
                Channels = random.Next(1, 4),
                TilePitch = count + random.Next(3),
            };
            Check(result, $"case {i}");
        }
    }

    private static void Check(ResultTile<float> tile, string what)
    {
        var size = tile.Size.Product;
        var columns = Enumerable.Range(1, (int)(tile.Channels * tile.TilePitch)).Select(i => (float)i).ToArray();
        var pixels = new float[tile.Channels * size];
        var back = new float[columns.Length];
        Array.Fill(pixels, -1);
        Array.Fill(back, -2);

        var expectedPixels = (float[])pixels.Clone();
        var expectedBack = (float[])back.Clone();
        for (long channel = 0; channel < tile.Channels; channel++)
        {
            for (long column = 0; column < tile.Count; column++)
            {
                var y = (tile.First + column) / tile.Pitch;
                var x = (tile.First + column) % tile.Pitch;
                if (y >= tile.Set->Number.H || x >= tile.Set->Number.W)
                {
                    continue;
                }

                var z = tile.Set->First.D + (tile.Slice * tile.Set->PixelStep.D);
                var pixel = (((z * tile.Size.H) + tile.Set->First.H + (y * tile.Set->PixelStep.H)) * tile.Size.W) + tile.Set->First.W + (x * tile.Set->PixelStep.W);
                var at = (channel * tile.TilePitch) + column;
                expectedPixels[(channel * size) + pixel] = columns[at];
                expectedBack[at] = columns[at];
            }
        }

        var runs = 0;
        fixed (float* from = columns, image = pixels, to = back)
        {
            long at = 0;
            while (tile.NextRun(ref at, out var column, out var pixel, out var length))
            {
                tile.Scatter(from + column, image + pixel, length);
                tile.Gather(image + pixel, to + column, length);
                runs++;
            }
        }

        // Where all rows lie end to end, all is one run.
        var joined = tile.Pitch == tile.Size.W && tile.Set->Number.W == tile.Size.W && tile.Set->PixelStep.H == 1 && tile.Set->PixelStep.W == 1;
        Assert.True(!joined || runs <= 1, $"{what}: {runs} runs");
        Assert.True(expectedPixels.AsSpan().SequenceEqual(pixels), $"{what}: written pixels");
        Assert.True(expectedBack.AsSpan().SequenceEqual(back), $"{what}: read columns");
    }
}
