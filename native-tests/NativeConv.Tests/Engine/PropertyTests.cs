using CsCheck;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>What must hold between layers, for layers at random: each run takes new ones, and a failure prints its seed.</summary>
public class PropertyTests
{
    private const int Samples = 60;

    private static readonly Gen<int> Seeds = Gen.Int[0, 1 << 20];

    /// <summary>Every pass is linear in each of its operands; whole numbers leave no room for rounding.</summary>
    [Fact]
    public void PassesAreLinear() => Check(seed =>
    {
        var descriptor = RandomLayers.Create(seed, ElementType.Float32, activation: false);
        using var plan = ConvPlan.Create(descriptor);
        var a = new Operands<float>(descriptor, seed, integers: true);
        var b = new Operands<float>(descriptor, seed + 1, integers: true);
        var ofA = Outcome<float>.Of(plan, a);
        var what = Layer.Describe(descriptor);

        // Each line changes the operands that its result is linear in, one at a time.
        var x = Both(new(descriptor, seed, integers: true) { X = b.X }, new(descriptor, seed, integers: true) { X = Mix(a.X, b.X) });
        Outcome<float>.Same(Mix(ofA.Y, x.Other.Y), x.Mixed.Y, $"y of x: {what}");
        Outcome<float>.Same(Mix(ofA.Dw, x.Other.Dw), x.Mixed.Dw, $"dw of x: {what}");
        var w = Both(new(descriptor, seed, integers: true) { W = b.W }, new(descriptor, seed, integers: true) { W = Mix(a.W, b.W) });
        Outcome<float>.Same(Mix(ofA.Y, w.Other.Y), w.Mixed.Y, $"y of w: {what}");
        Outcome<float>.Same(Mix(ofA.Dx, w.Other.Dx), w.Mixed.Dx, $"dx of w: {what}");
        var dy = Both(new(descriptor, seed, integers: true) { Dy = b.Dy }, new(descriptor, seed, integers: true) { Dy = Mix(a.Dy, b.Dy) });
        Outcome<float>.Same(Mix(ofA.Dx, dy.Other.Dx), dy.Mixed.Dx, $"dx of dy: {what}");
        Outcome<float>.Same(Mix(ofA.Dw, dy.Other.Dw), dy.Mixed.Dw, $"dw of dy: {what}");
        Outcome<float>.Same(Mix(ofA.Db, dy.Other.Db), dy.Mixed.Db, $"db of dy: {what}");

        (Outcome<float> Other, Outcome<float> Mixed) Both(Operands<float> other, Operands<float> mixed) =>
            (Outcome<float>.Of(plan, other), Outcome<float>.Of(plan, mixed));
    });

    /// <summary>Groups are layers side by side, to the last bit.</summary>
    [Fact]
    public void GroupsAreLayersSideBySide() => Check(seed =>
    {
        var one = RandomLayers.Create(seed, ElementType.Float32);
        (one.InChannels, one.OutChannels) = (one.InChannels / one.Groups, one.OutChannels / one.Groups);
        one.Groups = one.Batch = 1;
        var groups = 2 + (seed % 3);
        var all = one;
        (all.Groups, all.InChannels, all.OutChannels) = (groups, one.InChannels * groups, one.OutChannels * groups);

        using var plan = ConvPlan.Create(all);
        using var part = ConvPlan.Create(one);
        var operands = new Operands<float>(all, seed, bias: true);
        var outcome = Outcome<float>.Of(plan, operands);
        for (var group = 0; group < groups; group++)
        {
            var what = $"group {group}: {Layer.Describe(all)}";
            var expected = Outcome<float>.Of(part, new Operands<float>(one, seed)
            {
                X = Part(operands.X, group, groups),
                W = Part(operands.W, group, groups),
                Bias = Part(operands.Bias, group, groups),
                Dy = Part(operands.Dy, group, groups),
            });
            new Outcome<float>
            {
                Y = Part(outcome.Y, group, groups),
                Dx = Part(outcome.Dx, group, groups),
                Dw = Part(outcome.Dw, group, groups),
                Db = Part(outcome.Db, group, groups),
                Delta = Part(outcome.Delta, group, groups),
            }.MustEqual(expected, what);
        }
    });

    /// <summary>An image's y and dx have the same bits alone and among others; dw and db are sums over images.</summary>
    [Fact]
    public void BatchesAreImagesInARow() => Check(seed =>
    {
        var one = RandomLayers.Create(seed, ElementType.Float32);
        one.Batch = 1;
        one.Algorithm = AlgorithmChoice.Direct;
        var images = 2 + (seed % 3);
        var all = one;
        all.Batch = images;

        using var plan = ConvPlan.Create(all);
        using var part = ConvPlan.Create(one);
        var operands = new Operands<float>(all, seed, bias: true);
        var outcome = Outcome<float>.Of(plan, operands);
        for (var image = 0; image < images; image++)
        {
            var what = $"image {image}: {Layer.Describe(all)}";
            var alone = Outcome<float>.Of(part, Image(operands, image));
            Outcome<float>.Same(alone.Y, Part(outcome.Y, image, images), $"y of {what}");
            Outcome<float>.Same(alone.Dx, Part(outcome.Dx, image, images), $"dx of {what}");
        }

        // Sums of images are exact for whole numbers only, and relu keeps them whole.
        (all.Activation, all.ActivationAlpha, all.ActivationBeta) = (Activation.Relu, 0, 0);
        (one.Activation, one.ActivationAlpha, one.ActivationBeta) = (Activation.Relu, 0, 0);
        using var wholePlan = ConvPlan.Create(all);
        using var wholePart = ConvPlan.Create(one);
        var whole = new Operands<float>(all, seed, integers: true, bias: true);
        var (dw, db) = (new float[whole.W.Length], new float[whole.Bias.Length]);
        for (var image = 0; image < images; image++)
        {
            var alone = Outcome<float>.Of(wholePart, Image(whole, image));
            dw = [.. dw.Zip(alone.Dw, (sum, one) => sum + one)];
            db = [.. db.Zip(alone.Db, (sum, one) => sum + one)];
        }

        var together = Outcome<float>.Of(wholePlan, whole);
        Outcome<float>.Same(dw, together.Dw, $"dw of {Layer.Describe(all)}");
        Outcome<float>.Same(db, together.Db, $"db of {Layer.Describe(all)}");

        Operands<float> Image(Operands<float> of, int image) =>
            new(one, seed) { X = Part(of.X, image, images), W = of.W, Bias = of.Bias, Dy = Part(of.Dy, image, images) };
    });

    /// <summary>A layer's passes are its adjoint's passes exchanged, to the last bit.</summary>
    [Fact]
    public void AdjointsHaveTheSameBits() => Check(seed =>
    {
        var descriptor = RandomLayers.Create(seed, ElementType.Float32, activation: false);
        using var plan = ConvPlan.Create(descriptor);
        using var adjoint = ConvPlan.Create(Adjoint.Of(descriptor));
        var operands = new Operands<float>(descriptor, seed);
        var outcome = Outcome<float>.Of(plan, operands);
        var exchanged = Outcome<float>.Of(adjoint, new Operands<float>(Adjoint.Of(descriptor), seed) { X = operands.Dy, W = operands.W, Dy = operands.X });
        var what = Layer.Describe(descriptor);
        Outcome<float>.Same(outcome.Y, exchanged.Dx, $"y and the adjoint's dx: {what}");
        Outcome<float>.Same(outcome.Dx, exchanged.Y, $"dx and the adjoint's y: {what}");
        Outcome<float>.Same(outcome.Dw, exchanged.Dw, $"dw of both: {what}");
    });

    private static void Check(Action<int> property) => Seeds.Sample(property, iter: Samples, threads: 1);

    private static float[] Mix(float[] a, float[] b) => [.. a.Zip(b, (one, other) => (2 * one) - (3 * other))];

    private static float[] Part(float[] values, int index, int parts) => values[(values.Length / parts * index)..(values.Length / parts * (index + 1))];
}
