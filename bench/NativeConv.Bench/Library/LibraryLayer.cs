using NativeConv.Bench.Measuring;
using NativeConv.Native;

namespace NativeConv.Bench.Library;

/// <summary>A layer computed by the published library, through the C ABI, on one thread.</summary>
internal sealed unsafe class LibraryLayer : Layer
{
    private readonly LibraryPlan plan;
    private readonly NcPassInfo info;

    // forward (plan, x, w, bias, y, exec), backward_data (plan, dy, w, y, dx, exec), backward_weights (plan, x, dy, y, dw, db, exec)
    private readonly delegate* unmanaged[Cdecl]<void*, void*, void*, void*, void*, NcExec*, int> four;
    private readonly delegate* unmanaged[Cdecl]<void*, void*, void*, void*, void*, void*, NcExec*, int> five;

    public LibraryLayer(LayerBuffers buffers, ConvPass pass)
        : base(buffers, pass)
    {
        plan = new LibraryPlan(buffers.Shape, buffers.Element);
        info = plan.Info(pass);
        var function = PublishedLibrary.Instance.Function((buffers.Shape.Kind, pass) switch
        {
            (ConvKind.Conv, ConvPass.Forward) => "nc_conv_forward",
            (ConvKind.Conv, ConvPass.BackwardData) => "nc_conv_backward_data",
            (ConvKind.Conv, _) => "nc_conv_backward_weights",
            (_, ConvPass.Forward) => "nc_deconv_forward",
            (_, ConvPass.BackwardData) => "nc_deconv_backward_data",
            _ => "nc_deconv_backward_weights",
        });
        four = (delegate* unmanaged[Cdecl]<void*, void*, void*, void*, void*, NcExec*, int>)function;
        five = (delegate* unmanaged[Cdecl]<void*, void*, void*, void*, void*, void*, NcExec*, int>)function;
        AllocateWorkspace();
    }

    public override string Engine => "library";

    public override long WorkspaceBytes => (long)info.WorkspaceBytes;

    public override string Algorithm
    {
        get
        {
            fixed (byte* name = info.Algorithm)
            {
                return PublishedLibrary.Text(name);
            }
        }
    }

    public override void Run()
    {
        var b = Buffers;
        var exec = new NcExec { StructSize = (uint)sizeof(NcExec), NumThreads = 1, Workspace = Workspace, WorkspaceBytes = (nuint)WorkspaceBytes };
        PublishedLibrary.Instance.Check(Pass switch
        {
            ConvPass.Forward => four(plan.Pointer, b.X, b.W, b.Shape.HasBias ? b.Bias : null, b.Result, &exec),
            ConvPass.BackwardData => four(plan.Pointer, b.Dy, b.W, null, b.Result, &exec),
            _ => five(plan.Pointer, b.X, b.Dy, null, b.Result, b.Shape.HasBias ? b.BiasGradient : null, &exec),
        });
    }

    public override void Dispose()
    {
        plan.Dispose();
        base.Dispose();
    }
}
