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
                Step = new Axes(random.Next(1, 4), random.Next(1, 4), random.Next(1, 4)),
                Number = new Axes(random.Next(1, 4), random.Next(1, 6), random.Next(1, 9)),
            };
            Axes size = default;
            for (var axis = 0; axis < Axes.Count; axis++)
            {
                size[axis] = set.First[axis] + ((set.Number[axis] - 1) * set.Step[axis]) + 1 + random.Next(3);
            }

            var count = random.Next(1, 30);
            var result = new ResultTile<float>
            {
                Set = &set,
                Size = size,
                Pitch = set.Number.W + random.Next(4),
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

                var z = tile.Set->First.D + (tile.Slice * tile.Set->Step.D);
                var pixel = (((z * tile.Size.H) + tile.Set->First.H + (y * tile.Set->Step.H)) * tile.Size.W) + tile.Set->First.W + (x * tile.Set->Step.W);
                var at = (channel * tile.TilePitch) + column;
                expectedPixels[(channel * size) + pixel] = columns[at];
                expectedBack[at] = columns[at];
            }
        }

        fixed (float* from = columns, image = pixels, to = back)
        {
            tile.Write(from, image);
            tile.Read(to, image);
        }

        Assert.True(expectedPixels.AsSpan().SequenceEqual(pixels), $"{what}: written pixels");
        Assert.True(expectedBack.AsSpan().SequenceEqual(back), $"{what}: read columns");
    }
}
