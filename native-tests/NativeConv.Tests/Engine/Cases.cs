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
