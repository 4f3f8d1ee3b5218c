using NativeConv.Kernels;
using NativeConv.Planning;

namespace NativeConv.Bench.Measuring;

/// <summary>A layer computed by the engine assembly, compiled just in time.</summary>
internal sealed unsafe class ManagedLayer : Layer
{
    private readonly ConvPlan plan;

    public ManagedLayer(LayerBuffers buffers, ConvPass pass, Isa isa, int threads)
        : base(buffers, pass)
    {
        plan = ConvPlan.Create(buffers.Shape.ToDescriptor(buffers.Element), new PlanOptions(isa), threads);
        AllocateWorkspace();
    }

    public override string Engine => Vocabulary.Managed;

    public override long WorkspaceBytes => plan.WorkspaceBytes(Pass);

    public override string Algorithm => plan.AlgorithmName(Pass);

    public override void Run()
    {
        if (Buffers.Element == ElementType.Float64) Run<double>();
        else Run<float>();
    }

    public override void Dispose()
    {
        plan.Dispose();
        base.Dispose();
    }

    private void Run<T>()
        where T : unmanaged
    {
        var shape = Buffers.Shape;
        var x = Span<T>(Buffers.X, shape.InputElements);
        var dy = Span<T>(Buffers.Dy, shape.OutputElements);
        var w = Span<T>(Buffers.W, shape.WeightElements);
        var workspace = new Span<byte>(Workspace, checked((int)WorkspaceBytes));
        switch (Pass)
        {
            case ConvPass.Forward:
                plan.Forward<T>(x, w, Span<T>(Buffers.Bias, shape.HasBias ? shape.OutChannels : 0), Span<T>(Buffers.Result, shape.OutputElements), workspace: workspace);
                break;
            case ConvPass.BackwardData:
                plan.BackwardData<T>(dy, w, [], Span<T>(Buffers.Result, shape.InputElements), workspace: workspace);
                break;
            default:
                var db = Span<T>(Buffers.BiasGradient, shape.HasBias ? shape.OutChannels : 0);
                plan.BackwardWeights<T>(x, dy, [], Span<T>(Buffers.Result, shape.WeightElements), db, workspace: workspace);
                break;
        }
    }

    private static Span<T> Span<T>(byte* buffer, long length)
        where T : unmanaged => new(buffer, checked((int)length));
}
