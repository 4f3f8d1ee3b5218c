using System.Numerics;

namespace NativeConv.Tests.Support;

/// <summary>All that a layer's passes read. The old values are what results are before a call.</summary>
internal sealed class Tensors<T>
    where T : unmanaged, INumber<T>
{
    public Tensors(Layer layer, Data data, int seed)
    {
        X = Numbers.Fill<T>(data, seed, 0, layer.InputCount);
        W = Numbers.Fill<T>(data, seed, 1, layer.WeightCount);
        Bias = Numbers.Fill<T>(data, seed, 2, layer.Channels.Out);
        Dy = Numbers.Fill<T>(data, seed, 3, layer.OutputCount);
        OldY = Numbers.Fill<T>(data, seed, 4, layer.OutputCount);
        OldDx = Numbers.Fill<T>(data, seed, 5, layer.InputCount);
        OldDw = Numbers.Fill<T>(data, seed, 6, layer.WeightCount);
        OldDb = Numbers.Fill<T>(data, seed, 7, layer.Channels.Out);
    }

    public T[] X { get; set; }

    public T[] W { get; set; }

    /// <summary>Empty: none.</summary>
    public T[] Bias { get; set; }

    public T[] Dy { get; set; }

    public T[] OldY { get; set; }

    public T[] OldDx { get; set; }

    public T[] OldDw { get; set; }

    public T[] OldDb { get; set; }
}

/// <summary>The scalars of a call; forward has no alpha.</summary>
internal readonly record struct Scalars(double Alpha, double Beta)
{
    /// <summary>The result alone.</summary>
    public static Scalars None => new(1, 0);
}
