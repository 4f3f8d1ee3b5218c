using System.Numerics;
using NativeConv.Tests.Engine;
using Xunit;

namespace NativeConv.Tests.Properties;

/// <summary>Groups, images of a batch and axes of one pixel: layers made of layers, to the last bit.</summary>
public class CompositionTests
{
    [Fact]
    public void GroupsAreLayersSideBySide() => Property.Check(LayerGen.Ungrouped, one =>
    {
        if (one.Descriptor.Element == ElementType.Float64) Groups<double>(one);
        else Groups<float>(one);
    });

    /// <summary>An image's y and dx have the same bits alone and among others; dw and db are sums over images.</summary>
    [Fact]
    public void BatchesAreImagesInARow() => Property.Check(LayerGen.Any, one =>
    {
        if (one.Descriptor.Element == ElementType.Float64) Images<double>(one);
        else Images<float>(one);
    });

    /// <summary>A line is a plane of one row, a plane a volume of one slice.</summary>
    [Fact]
    public void AnAxisOfOnePixelDoesNotShow() => Property.Check(LayerGen.Flat, one =>
    {
        if (one.Descriptor.Element == ElementType.Float64) Embed<double>(one);
        else Embed<float>(one);
    });

    private static void Groups<T>(LayerCase one)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (d, seed) = (one.Descriptor, one.Seed);
        d.Batch = 1;
        var groups = 2 + (seed % 3);
        var all = d;
        (all.Groups, all.InChannels, all.OutChannels) = (groups, d.InChannels * groups, d.OutChannels * groups);

        using var plan = one.Plan(all);
        using var part = one.Plan(d);
        var operands = new Operands<T>(all, seed, bias: true);
        var outcome = Outcome<T>.Of(plan, operands);
        for (var group = 0; group < groups; group++)
        {
            var expected = Outcome<T>.Of(part, new Operands<T>(d, seed)
            {
                X = Part(operands.X, group, groups),
                W = Part(operands.W, group, groups),
                Bias = Part(operands.Bias, group, groups),
                Dy = Part(operands.Dy, group, groups),
            });
            new Outcome<T>
            {
                Y = Part(outcome.Y, group, groups),
                Dx = Part(outcome.Dx, group, groups),
                Dw = Part(outcome.Dw, group, groups),
                Db = Part(outcome.Db, group, groups),
                Delta = Part(outcome.Delta, group, groups),
            }.MustEqual(expected, $"group {group} of {groups}");
        }
    }

    private static void Images<T>(LayerCase test)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (one, seed) = (test.Descriptor, test.Seed);
        (one.Batch, one.Algorithm) = (1, AlgorithmChoice.Direct);
        var images = 2 + (seed % 3);
        var all = one;
        all.Batch = images;

        using var plan = test.Plan(all);
        using var part = test.Plan(one);
        var operands = new Operands<T>(all, seed, bias: true);
        var outcome = Outcome<T>.Of(plan, operands);
        for (var image = 0; image < images; image++)
        {
            var alone = Outcome<T>.Of(part, Image(operands, image));
            Outcome<T>.Same(alone.Y, Part(outcome.Y, image, images), $"y of image {image}");
            Outcome<T>.Same(alone.Dx, Part(outcome.Dx, image, images), $"dx of image {image}");
        }

        // Sums of images are exact for whole numbers only, and relu keeps them whole.
        (all.Activation, all.ActivationAlpha, all.ActivationBeta) = (Activation.Relu, 0, 0);
        (one.Activation, one.ActivationAlpha, one.ActivationBeta) = (Activation.Relu, 0, 0);
        using var wholePlan = test.Plan(all);
        using var wholePart = test.Plan(one);
        var whole = new Operands<T>(all, seed, integers: true, bias: true);
        var (dw, db) = (new T[whole.W.Length], new T[whole.Bias.Length]);
        for (var image = 0; image < images; image++)
        {
            var alone = Outcome<T>.Of(wholePart, Image(whole, image));
            dw = [.. dw.Zip(alone.Dw, (sum, one) => sum + one)];
            db = [.. db.Zip(alone.Db, (sum, one) => sum + one)];
        }

        var together = Outcome<T>.Of(wholePlan, whole);
        Outcome<T>.Same(dw, together.Dw, "dw");
        Outcome<T>.Same(db, together.Db, "db");

        Operands<T> Image(Operands<T> of, int image) =>
            new(one, seed) { X = Part(of.X, image, images), W = of.W, Bias = of.Bias, Dy = Part(of.Dy, image, images) };
    }

    private static void Embed<T>(LayerCase one)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var d = one.Descriptor;
        var more = d;
        more.Rank++;
        for (var axis = 0; axis < more.Rank; axis++)
        {
            var from = axis - 1;
            more.Input[axis] = from < 0 ? 1 : d.Input[from];
            more.Kernel[axis] = from < 0 ? 1 : d.Kernel[from];
            more.Stride[axis] = from < 0 ? 1 : d.Stride[from];
            more.Dilation[axis] = from < 0 ? 1 : d.Dilation[from];
            more.PadBegin[axis] = from < 0 ? 0 : d.PadBegin[from];
            more.PadEnd[axis] = from < 0 ? 0 : d.PadEnd[from];
            more.OutputPadding[axis] = from < 0 ? 0 : d.OutputPadding[from];
        }

        using var plan = one.Plan(d);
        using var embedded = one.Plan(more);
        var operands = new Operands<T>(d, one.Seed, bias: true, alpha: 0.7, beta: 0.3);
        Outcome<T>.Of(embedded, operands).MustEqual(Outcome<T>.Of(plan, operands), $"{more.Rank} axes for {d.Rank}");
    }

    private static T[] Part<T>(T[] values, int index, int parts) => values[(values.Length / parts * index)..(values.Length / parts * (index + 1))];
}
