using System.Numerics;

namespace NativeConv.Tests.Support;

/// <summary>All that a layer's passes write.</summary>
internal sealed class Results<T>
    where T : unmanaged, INumber<T>
{
    public required T[] Y { get; init; }

    public required T[] Dx { get; init; }

    public required T[] Dw { get; init; }

    public required T[] Db { get; init; }

    /// <summary>What the backward passes compute with.</summary>
    public required T[] Delta { get; init; }

    /// <summary>Runs every pass; the backward passes get the y of forward, or <paramref name="y"/>.</summary>
    public static Results<T> Of(ConvPlan plan, Tensors<T> tensors, Scalars scalars, T[]? y = null)
    {
        var results = new Results<T>
        {
            Y = [.. tensors.OldY],
            Dx = [.. tensors.OldDx],
            Dw = [.. tensors.OldDw],
            Db = [.. tensors.OldDb],
            Delta = new T[tensors.Dy.Length],
        };
        plan.Forward<T>(tensors.X, tensors.W, tensors.Bias, results.Y, scalars.Beta);
        y ??= results.Y;
        plan.BackwardData<T>(tensors.Dy, tensors.W, y, results.Dx, scalars.Alpha, scalars.Beta);
        plan.BackwardWeights<T>(tensors.X, tensors.Dy, y, results.Dw, results.Db, scalars.Alpha, scalars.Beta);
        plan.ActivationBackward<T>(tensors.Dy, y, results.Delta);
        return results;
    }

    /// <summary>Every bit of every result; a difference names the first element.</summary>
    public void MustEqual(Results<T> expected, string what)
    {
        Bits.MustEqual<T>(expected.Y, Y, $"{what}: y");
        Bits.MustEqual<T>(expected.Dx, Dx, $"{what}: dx");
        Bits.MustEqual<T>(expected.Dw, Dw, $"{what}: dw");
        Bits.MustEqual<T>(expected.Db, Db, $"{what}: db");
        Bits.MustEqual<T>(expected.Delta, Delta, $"{what}: delta");
    }
}
