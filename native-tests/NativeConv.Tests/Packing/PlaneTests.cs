using System.Runtime.CompilerServices;
using NativeConv.Kernels.Elementwise;
using NativeConv.Kernels.Lanes;
using NativeConv.Packing;
using NativeConv.Problem;
using Xunit;

namespace NativeConv.Tests.Packing;

/// <summary>Planes against direct indexing: every coordinate below the logical length reads its pixel, or zero where there is none.</summary>
public unsafe class PlaneTests
{
    private static readonly (AxisPhases D, AxisPhases H, AxisPhases W) Single = (AxisPhases.Single, AxisPhases.Single, AxisPhases.Single);

    [Fact]
    public void StridedPlanes()
    {
        var random = new Random(1);
        for (var i = 0; i < 3000; i++)
        {
            Axes source = default, step = default, lead = default, length = default, kernel = default, dilation = default;
            for (var axis = 0; axis < Axes.Count; axis++)
            {
                source[axis] = random.Next(1, 9);
                step[axis] = random.Next(1, 5);
                dilation[axis] = random.Next(1, 5);
                kernel[axis] = random.Next(1, 5);
                lead[axis] = random.Next(-4, 6);
                length[axis] = random.Next(1, 9) + ((kernel[axis] - 1) * dilation[axis] / step[axis]);
            }

            var phases = (Phases(kernel, step, dilation, 0), Phases(kernel, step, dilation, 1), Phases(kernel, step, dilation, 2));
            Check<float>(source, step, lead, length, phases, random.Next(0, 9), useDelta: i % 3 == 0, 4);
            Check<double>(source, step, lead, length, phases, random.Next(0, 9), useDelta: i % 3 == 1, 8);
        }
    }

    [Fact]
    public void PlanesOfOnePhase()
    {
        var random = new Random(2);
        for (var i = 0; i < 3000; i++)
        {
            Axes source = default, lead = default, length = default;
            for (var axis = 0; axis < Axes.Count; axis++)
            {
                source[axis] = random.Next(1, 20);
                lead[axis] = random.Next(-10, 11);
                length[axis] = random.Next(1, 25);
            }

            Check<float>(source, new Axes(1, 1, 1), lead, length, Single, random.Next(0, 25), useDelta: i % 2 == 0, 4);
        }
    }

    [Fact]
    public void RowsShareTheirPadding()
    {
        // Eight pixels between two margins of one: the right margin of a row is the left margin of the next.
        Assert.True(PlaneLayout.TryCreate(new Axes(1, 4, 8), new Axes(1, 1, 1), new Axes(0, 1, 1), new Axes(1, 6, 10), Single, 8, (1, 1), 4, out var layout));
        Assert.Equal(9, layout.Size.W);

        // Margins of two and none: nothing to share on the right.
        Assert.True(PlaneLayout.TryCreate(new Axes(1, 4, 8), new Axes(1, 1, 1), new Axes(0, 0, 2), new Axes(1, 4, 10), Single, 8, (1, 1), 4, out layout));
        Assert.Equal(10, layout.Size.W);

        // A crop: no margins, the pitch is the length.
        Assert.True(PlaneLayout.TryCreate(new Axes(1, 4, 8), new Axes(1, 1, 1), new Axes(0, 0, -2), new Axes(1, 4, 5), Single, 5, (1, 1), 4, out layout));
        Assert.Equal(5, layout.Size.W);

        // Columns that a result row needs of its own.
        Assert.True(PlaneLayout.TryCreate(new Axes(1, 4, 8), new Axes(1, 1, 1), new Axes(0, 1, 1), new Axes(1, 6, 10), Single, 10, (1, 1), 4, out layout));
        Assert.Equal(10, layout.Size.W);
    }

    [Fact]
    public void PlanesAreNotAPageApart()
    {
        for (var width = 1; width <= 2048; width++)
        {
            Assert.True(PlaneLayout.TryCreate(new Axes(1, 1, width), new Axes(1, 1, 1), default, new Axes(1, 1, width), Single, width, (1, 1), 4, out var layout));
            Assert.NotEqual(0, layout.PlaneStride * 4 % 4096);
            Assert.Equal(0, layout.PlaneStride * 4 % 64);
        }
    }

    [Fact]
    public void SizesThatDoNotFitAreRefused()
    {
        var one = new Axes(1, 1, 1);
        Assert.False(PlaneLayout.TryCreate(one, one, default, new Axes(1L << 21, 1L << 21, 1L << 21), Single, 1, (1, 1), 4, out _));
        Assert.False(PlaneLayout.TryCreate(new Axes(1, 1, 1L << 61), one, default, new Axes(1, 1, 1L << 61), Single, 1, (1, 1), 8, out _));
        Assert.False(PlaneLayout.TryCreate(new Axes(1, 1, 1L << 32), one, default, new Axes(1, 1L << 31, 1L << 32), Single, 1, (1, 1), 4, out _));
        Assert.True(PlaneLayout.TryCreate(new Axes(1, 1, 1L << 32), one, default, new Axes(1, 1L << 8, 1L << 32), Single, 1, (1, 1), 4, out var layout));
        Assert.True(layout.PlaneStride >= 1L << 40);
    }

    private static AxisPhases Phases(Axes kernel, Axes step, Axes dilation, int axis) => new(kernel[axis], step[axis], dilation[axis]);

    private static void Check<T>(
        Axes source, Axes step, Axes lead, Axes length, (AxisPhases D, AxisPhases H, AxisPhases W) phases, long minimumPitch, bool useDelta, int elementSize)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        // Of one image and channel, or several whose numbers alternate.
        var images = 1 + ((source.W + length.H) % 3);
        var channels = 1L << (int)((source.H + length.W) % 3);
        var lanes = images * channels;
        var what = $"{images} images of {channels} channels, source {Text(source)} step {Text(step)} lead {Text(lead)} length {Text(length)} phases {phases.D.Count} {phases.H.Count} {phases.W.Count}";
        Assert.True(PlaneLayout.TryCreate(source, step, lead, length, phases, minimumPitch, (images, channels), elementSize, out var layout), what);
        Assert.True(layout.Size.W >= minimumPitch, what);
        Assert.Equal(phases.D.Count * phases.H.Count * phases.W.Count * layout.PlaneStride, layout.ChannelStride * channels);

        var pixels = Numbers<T>((int)(lanes * source.Product));
        var gates = Enumerable.Range(0, pixels.Length).Select(i => T.CreateChecked((i % 3) - 1)).ToArray();
        T Pixel(long i) => useDelta && gates[i] <= T.Zero ? T.Zero : pixels[i];

        // A guard behind the planes, and NaN wherever nothing is written.
        const int Guard = 64;
        var planes = new T[(layout.ChannelStride * channels) + Guard];
        Array.Fill(planes, T.NaN);
        var row = new T[PlaneFiller<T>.Buffer(layout).Value];
        fixed (T* from = pixels, y = gates, to = planes, buffer = row)
        {
            var channel = new ChannelReader<T> { Data = from };
            if (useDelta)
            {
                channel.Y = y;
                channel.Delta = &Delta<T, T, LanesScalar<T>, Relu<T, T, LanesScalar<T>>>.Run;
            }

            PlaneFiller<T>.Fill((PlaneLayout*)Unsafe.AsPointer(ref layout), channel, channels * source.Product, images, to, buffer);
        }

        for (var i = 0; i < planes.Length; i++)
        {
            if (T.IsNaN(planes[i]) != (i >= layout.ChannelStride * channels))
            {
                Assert.Fail($"{what}: element {i} of {layout.ChannelStride * channels}");
            }
        }

        long plane = 0;
        for (long phaseD = 0; phaseD < phases.D.Count; phaseD++)
        {
            for (long phaseH = 0; phaseH < phases.H.Count; phaseH++)
            {
                for (long phaseW = 0; phaseW < phases.W.Count; phaseW++, plane++)
                {
                    var residue = new Axes(phases.D.Residue(phaseD), phases.H.Residue(phaseH), phases.W.Residue(phaseW));
                    for (long z = 0; z < length.D; z++)
                    {
                        for (long y = 0; y < length.H; y++)
                        {
                            for (long place = 0; place < length.W * lanes; place++)
                            {
                                var (x, lane) = Math.DivRem(place, lanes);
                                var (sz, sy, sx) = ((z * step.D) + residue.D - lead.D, (y * step.H) + residue.H - lead.H, (x * step.W) + residue.W - lead.W);
                                var inside = sz >= 0 && sz < source.D && sy >= 0 && sy < source.H && sx >= 0 && sx < source.W;
                                var expected = inside ? Pixel((lane * source.Product) + (((sz * source.H) + sy) * source.W) + sx) : T.Zero;
                                var got = planes[(plane * layout.PlaneStride) + (z * layout.Strides.D) + (y * layout.Strides.H) + (x * layout.Strides.W) + lane];
                                if (got != expected)
                                {
                                    Assert.Fail($"{what}: plane {plane} at {z} {y} {x} of {lane}: {got}, expected {expected}");
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private static T[] Numbers<T>(int count)
        where T : System.Numerics.INumber<T> => [.. Enumerable.Range(1, count).Select(T.CreateChecked)];

    private static string Text(Axes axes) => $"{axes.D}x{axes.H}x{axes.W}";
}
