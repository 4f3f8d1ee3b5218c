using System.Numerics;
using NativeConv.Tests.Support;

namespace NativeConv.Tests.Published;

/// <summary>The layers that the published library and the managed engine are compared on.</summary>
internal static class BothEngines
{
    /// <summary>Layers of one seed: with six seeds, 150.</summary>
    public const int LayersOfASeed = 25;

    /// <summary>Runs the passes of every layer of a seed in the published library, and holds the bits against those of the managed engine.</summary>
    public static void Compare(int seed, NcExec how, bool packed = false, bool separateAddend = false) =>
        Compare(RandomLayers.Of(seed, LayersOfASeed), seed, how, packed, separateAddend);

    public static void Compare(IEnumerable<ConvDescriptor> layers, int seed, NcExec how, bool packed = false, bool separateAddend = false)
    {
        var number = 0;
        foreach (var layer in layers)
        {
            var tensorSeed = (seed * 1000) + (10 * number++);
            if (layer.Element == ElementType.Float64)
            {
                Compare<double>(layer, tensorSeed, how, packed, separateAddend);
            }
            else
            {
                Compare<float>(layer, tensorSeed, how, packed, separateAddend);
            }
        }
    }

    private static void Compare<T>(in ConvDescriptor layer, int tensorSeed, NcExec how, bool packed, bool separateAddend)
        where T : unmanaged, IFloatingPoint<T>
    {
        using var managed = ConvPlan.Create(layer);
        using var published = new NcPlan(layer);
        var tensors = new Tensors<T>(layer, managed, tensorSeed);
        var what = $"{Layer.Describe(layer)}, data {tensorSeed}";
        Results<T>.Published(published, tensors, how, packed, separateAddend).MustEqual(Results<T>.Managed(managed, tensors), what);
    }
}
