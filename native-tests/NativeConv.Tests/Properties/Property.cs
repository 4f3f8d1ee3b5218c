using CsCheck;
using Xunit;
using Xunit.Sdk;

namespace NativeConv.Tests.Properties;

/// <summary>
/// Holds a property against random layers, the same in every run. Of those that break it the smallest that can be found is printed, as a line of descriptors.tsv.
/// </summary>
/// <remarks>CsCheck's own driver begins every run with another seed; its generators, and its way of shrinking, are used here: generate again, and keep what is smaller and still fails.</remarks>
internal static class Property
{
    // Samples for each unit of NATIVECONV_PROPERTY_VOLUME, 1 if unset: long runs take more.
    private const int Samples = 120;

    private const int ShrinkingAttempts = 20_000;
    private static readonly TimeSpan ShrinkingTime = TimeSpan.FromSeconds(20);

    /// <summary>Layers that each property is held against.</summary>
    public static int Volume { get; } = Samples * int.Parse(Environment.GetEnvironmentVariable("NATIVECONV_PROPERTY_VOLUME") ?? "1", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Runs <paramref name="holds"/>, which throws if the property does not.</summary>
    public static void Check(Gen<LayerCase> layers, Action<LayerCase> holds)
    {
        for (uint sample = 0; sample < Volume; sample++)
        {
            var one = layers.Generate(new PCG(sample, 0), null, out var size);
            if (Failure(one, holds) is { } failure)
            {
                var (smallest, why) = Shrink(layers, holds, one, failure, size);
                Assert.Fail($"{why}\nthe smallest layer, in the columns of native-tests/conformance/descriptors.tsv:\n{DescriptorLine.Header}\n{smallest}\nfound first, as sample {sample}: {one}");
            }
        }
    }

    internal static (LayerCase Smallest, string Why) Shrink(Gen<LayerCase> layers, Action<LayerCase> holds, LayerCase one, string why, Size size)
    {
        var end = DateTime.UtcNow + ShrinkingTime;
        for (uint attempt = 0; attempt < ShrinkingAttempts && DateTime.UtcNow < end; attempt++)
        {
            // Generators give up as soon as they are larger than the limit.
            var other = layers.Generate(new PCG(attempt, 1), size, out var otherSize);
            if (Size.IsLessThan(otherSize, size) && Failure(other, holds) is { } failure)
            {
                (one, why, size) = (other, failure, otherSize);
            }
        }

        return (one, why);
    }

    private static string? Failure(LayerCase one, Action<LayerCase> holds)
    {
        try
        {
            holds(one);
            return null;
        }
        catch (Exception failure) when (failure is XunitException or ArgumentException or NotSupportedException or IndexOutOfRangeException)
        {
            return failure.Message;
        }
    }
}
