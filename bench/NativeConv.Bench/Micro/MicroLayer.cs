using NativeConv.Bench.Measuring;
using NativeConv.Bench.Shapes;
using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Planning;

namespace NativeConv.Bench.Micro;

/// <summary>A layer whose parts are measured: its plan, its tensors and its forward pass.</summary>
internal sealed unsafe class MicroLayer : IDisposable
{
    private readonly ConvPlan owner;

    public MicroLayer(string line, Isa isa)
    {
        Buffers = new LayerBuffers(ShapeLine.Parse(line), ElementType.Float32);
        owner = ConvPlan.Create(Buffers.Shape.ToDescriptor(ElementType.Float32), new PlanOptions(isa, "direct-planes"));
        Plan = owner.Alive;
    }

    public LayerBuffers Buffers { get; }

    public Plan* Plan { get; }

    public PassPlan* Forward => &Plan->Forward;

    public void Dispose()
    {
        owner.Dispose();
        Buffers.Dispose();
    }
}
