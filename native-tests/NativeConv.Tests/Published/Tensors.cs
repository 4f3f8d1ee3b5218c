using System.Numerics;
using NativeConv.Tests.Support;

namespace NativeConv.Tests.Published;

/// <summary>What a layer's passes read, and what their results hold before.</summary>
internal sealed class Tensors<T>
    where T : unmanaged, IFloatingPoint<T>
{
    public Tensors(in ConvDescriptor layer, ConvPlan plan, int seed)
    {
        X = Data.Random<T>(plan.InputLength, seed);
        W = Data.Random<T>(plan.WeightLength, seed + 1);
        Bias = Data.Random<T>(layer.OutChannels, seed + 2);
        Dy = Data.Random<T>(plan.OutputLength, seed + 3);
        OldY = Data.Random<T>(plan.OutputLength, seed + 4);
        OldDx = Data.Random<T>(plan.InputLength, seed + 5);
        OldDw = Data.Random<T>(plan.WeightLength, seed + 6);
        OldDb = Data.Random<T>(layer.OutChannels, seed + 7);
    }

    public T[] X { get; }

    public T[] W { get; }

    public T[] Bias { get; }

    public T[] Dy { get; }

    public T[] OldY { get; }

    public T[] OldDx { get; }

    public T[] OldDw { get; }

    public T[] OldDb { get; }
}
