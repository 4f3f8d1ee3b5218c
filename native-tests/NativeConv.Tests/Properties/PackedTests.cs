using System.Numerics;
using NativeConv.Tests.Published;
using Xunit;

namespace NativeConv.Tests.Properties;

/// <summary>Weights packed before, or a caller's own threads: the bits of the managed engine, through the C ABI.</summary>
public class PackedTests
{
    [Fact]
    public void PackedWeightsDoNotShow() => Property.Check(LayerGen.Any, one =>
    {
        if (one.Descriptor.Element == ElementType.Float64) Check<double>(one);
        else Check<float>(one);
    });

    private static void Check<T>(LayerCase one)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var managed = one.Plan(one.Descriptor);
        using var published = new NcPlan(one.Descriptor);
        var tensors = new Tensors<T>(one.Descriptor, managed, one.Seed);
        var expected = Results<T>.Managed(managed, tensors);
        Results<T>.Published(published, tensors, NcExec.Init, packed: true).MustEqual(expected, "packed");
        Results<T>.Published(published, tensors, NcExec.Init, packed: true, separateAddend: true).MustEqual(expected, "packed, addends apart");
    }
}
