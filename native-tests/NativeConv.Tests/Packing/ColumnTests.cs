using NativeConv.Kernels.Elementwise;
using NativeConv.Kernels.Lanes;
using NativeConv.Packing;
using NativeConv.Problem;
using Xunit;

namespace NativeConv.Tests.Packing;

/// <summary>The columns of a tile against direct indexing: the one pixel that each reads of each channel, or zero where there is none.</summary>
public unsafe class ColumnTests
{
    [Fact]
    public void EveryColumnOfEveryChannel()
    {
        var random = new Random(6);
        for (var i = 0; i < 6000; i++)
        {
            Axes source = default, step = default;
            var set = default(TapSet);
            for (var axis = 0; axis < Axes.Count; axis++)
            {
                source[axis] = random.Next(1, 7);
                step[axis] = random.Next(2) == 0 ? 1 : random.Next(1, 4);
                set.Origin[axis] = random.Next(2) == 0 ? 0 : random.Next(-3, 4);
                set.Number[axis] = random.Next(2) == 0 ? source[axis] : random.Next(1, 9);
            }

            var most = random.Next(1, 30);
            var layout = PlaneLayout.Columns(source, step, most);
            var filler = new ColumnFiller<float>
            {
                Set = &set,
                Layout = &layout,
                Pitch = layout.ChannelStride,
                Slice = random.Next((int)set.Number.D),
                First = random.Next((int)(set.Number.H * set.Number.W)),
                Count = random.Next(1, most + 1),
            };
            Check(filler, random.Next(1, 4), useDelta: i % 2 == 0, $"case {i}");
        }
    }

    private static void Check(ColumnFiller<float> filler, int channels, bool useDelta, string what)
    {
        var (source, step, set) = (filler.Layout->Source, filler.Layout->Step, *filler.Set);
        var pixels = Enumerable.Range(1, (int)(channels * source.Product)).Select(i => (float)i).ToArray();
        var gates = Enumerable.Range(0, pixels.Length).Select(i => (float)((i % 3) - 1)).ToArray();
        var columns = new float[channels * filler.Layout->ChannelStride];
        Array.Fill(columns, float.NaN);
        var buffer = new float[source.W];
        fixed (float* from = pixels, y = gates, to = columns, row = buffer)
        {
            var reader = new ChannelReader<float> { Data = from };
            if (useDelta)
            {
                reader.Y = y;
                reader.Delta = &Delta<float, float, LanesScalar<float>, Relu<float, float, LanesScalar<float>>>.Run;
            }

            filler.Fill(reader, channels, to, row);
        }

        for (long channel = 0; channel < channels; channel++)
        {
            for (long column = 0; column < filler.Layout->ChannelStride; column++)
            {
                var got = columns[(channel * filler.Layout->ChannelStride) + column];
                if (column >= filler.Count)
                {
                    Assert.True(float.IsNaN(got), what);
                    continue;
                }

                var (y, x) = Math.DivRem(filler.First + column, set.Number.W);
                var (sz, sy, sx) = (set.Origin.D + (filler.Slice * step.D), set.Origin.H + (y * step.H), set.Origin.W + (x * step.W));
                var inside = y < set.Number.H && sz >= 0 && sz < source.D && sy >= 0 && sy < source.H && sx >= 0 && sx < source.W;
                var index = (((((channel * source.D) + sz) * source.H) + sy) * source.W) + sx;
                var expected = inside && !(useDelta && gates[index] <= 0) ? pixels[index] : 0;
                Assert.True(got == expected, $"{what}: channel {channel} column {column}: {got}, expected {expected}");
            }
        }
    }
}
