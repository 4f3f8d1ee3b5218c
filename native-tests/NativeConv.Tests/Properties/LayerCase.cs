using NativeConv.Kernels;
using NativeConv.Planning;

namespace NativeConv.Tests.Properties;

/// <summary>A layer, the seed of its data, and what computes it.</summary>
/// <param name="Descriptor">the layer</param>
/// <param name="Seed">of all data</param>
/// <param name="Isa">the vector width</param>
internal sealed record LayerCase(ConvDescriptor Descriptor, int Seed, Isa Isa)
{
    public ConvPlan Plan(in ConvDescriptor descriptor) => ConvPlan.Create(descriptor, new PlanOptions(Isa));

    /// <summary>The line of descriptors.tsv; behind it the rest, as a remark.</summary>
    public override string ToString() => $"{DescriptorLine.Format(Descriptor, id: Seed)}\t# {IsaSupport.Name(Isa)}";
}
