using NativeConv.Kernels;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>What tests are repeated for.</summary>
public static class Cases
{
    /// <summary>Names of every vector width that runs here, with both element types.</summary>
    public static TheoryData<string, ElementType> IsasAndElements { get; } = Pairs();

    /// <summary>Both element types.</summary>
    public static TheoryData<ElementType> Elements { get; } = new() { ElementType.Float32, ElementType.Float64 };

    internal static Isa Isa(string name) => Isas.Available.Single(isa => IsaSupport.Name(isa) == name);

    /// <summary>A plan of the plain loop: what the others must equal. One width is enough: the tests of the kernels hold the widths together.</summary>
    internal static ConvPlan Plain(in ConvDescriptor descriptor) => ConvPlan.Create(descriptor, new PlanOptions(Isas.Available[0], "plain"));

    /// <summary>A plan; null if the algorithm that is forced does not take this layer.</summary>
    internal static ConvPlan? TryPlan(in ConvDescriptor descriptor, PlanOptions options)
    {
        try
        {
            return ConvPlan.Create(descriptor, options);
        }
        catch (NotSupportedException) when (options.ForcedAlgorithm is not null)
        {
            return null;
        }
    }

    private static TheoryData<string, ElementType> Pairs()
    {
        var pairs = new TheoryData<string, ElementType>();
        foreach (var isa in Isas.Available)
        {
            pairs.Add(IsaSupport.Name(isa), ElementType.Float32);
            pairs.Add(IsaSupport.Name(isa), ElementType.Float64);
        }

        return pairs;
    }
}
