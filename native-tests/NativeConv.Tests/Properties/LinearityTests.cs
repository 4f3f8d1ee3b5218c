using System.Numerics;
using NativeConv.Tests.Engine;
using Xunit;

namespace NativeConv.Tests.Properties;

/// <summary>Every pass is linear in each of its operands; whole numbers leave no room for rounding.</summary>
public class LinearityTests
{
    [Fact]
    public void PassesAreLinear() => Property.Check(LayerGen.Linear, one =>
    {
        if (one.Descriptor.Element == ElementType.Float64) Check<double>(one);
        else Check<float>(one);
    });

    private static void Check<T>(LayerCase one)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (d, seed) = (one.Descriptor, one.Seed);
        using var plan = one.Plan(d);
        var a = new Operands<T>(d, seed, integers: true);
        var b = new Operands<T>(d, seed + 1, integers: true);
        var ofA = Outcome<T>.Of(plan, a);

        // Each part changes the operands that its results are linear in, one at a time.
        var x = (Other: Run(a, b.X, a.W, a.Dy), Mixed: Run(a, Mix(a.X, b.X), a.W, a.Dy));
        Outcome<T>.Same(Mix(ofA.Y, x.Other.Y), x.Mixed.Y, "y of x");
        Outcome<T>.Same(Mix(ofA.Dw, x.Other.Dw), x.Mixed.Dw, "dw of x");
        var w = (Other: Run(a, a.X, b.W, a.Dy), Mixed: Run(a, a.X, Mix(a.W, b.W), a.Dy));
        Outcome<T>.Same(Mix(ofA.Y, w.Other.Y), w.Mixed.Y, "y of w");
        Outcome<T>.Same(Mix(ofA.Dx, w.Other.Dx), w.Mixed.Dx, "dx of w");
        var dy = (Other: Run(a, a.X, a.W, b.Dy), Mixed: Run(a, a.X, a.W, Mix(a.Dy, b.Dy)));
        Outcome<T>.Same(Mix(ofA.Dx, dy.Other.Dx), dy.Mixed.Dx, "dx of dy");
        Outcome<T>.Same(Mix(ofA.Dw, dy.Other.Dw), dy.Mixed.Dw, "dw of dy");
        Outcome<T>.Same(Mix(ofA.Db, dy.Other.Db), dy.Mixed.Db, "db of dy");

        Outcome<T> Run(Operands<T> like, T[] x, T[] w, T[] dy) => Outcome<T>.Of(plan, new Operands<T>(d, seed, integers: true) { X = x, W = w, Dy = dy, Bias = like.Bias });
    }

    private static T[] Mix<T>(T[] a, T[] b)
        where T : INumber<T> => [.. a.Zip(b, (one, other) => (T.CreateChecked(2) * one) - (T.CreateChecked(3) * other))];
}
