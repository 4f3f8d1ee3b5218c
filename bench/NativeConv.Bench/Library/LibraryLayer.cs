using System.Runtime.InteropServices;
using NativeConv.Bench.Measuring;
using NativeConv.Native;

namespace NativeConv.Bench.Library;

/// <summary>A layer computed by the published library, through the C ABI.</summary>
internal sealed unsafe class LibraryLayer : Layer
{
    private readonly LibraryPlan plan;
    private readonly NcPassInfo info;
    private readonly int threads;
    private readonly uint flags;
    private readonly byte* packed;

    // forward (plan, x, w, bias, y, exec), backward_data (plan, dy, w, y, dx, exec), backward_weights (plan, x, dy, y, dw, db, exec)
    private readonly delegate* unmanaged[Cdecl]<void*, void*, void*, void*, void*, NcExec*, int> four;
    private readonly delegate* unmanaged[Cdecl]<void*, void*, void*, void*, void*, void*, NcExec*, int> five;

    /// <param name="buffers">the tensors</param>
    /// <param name="pass">what to compute</param>
    /// <param name="threads">num_threads</param>
    /// <param name="pack">pack w now, once, instead of in every call</param>
    /// <param name="flags">of nc_exec</param>
    public LibraryLayer(LayerBuffers buffers, ConvPass pass, int threads, bool pack, uint flags = 0)
        : base(buffers, pass)
    {
        this.threads = threads;
        this.flags = flags;
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
        if (pack)
        {
            packed = (byte*)NativeMemory.AlignedAlloc((nuint)info.PackedBytes, 64);
            PublishedLibrary.Instance.Check(PublishedLibrary.Instance.PackWeights(plan.Pointer, (int)pass, buffers.W, packed, (nuint)info.PackedBytes));
        }

        AllocateWorkspace();
    }

    public override string Engine => packed == null ? Vocabulary.Library : Vocabulary.Packed;

    public override long WorkspaceBytes => (long)(info.WorkspaceBytes + ((ulong)(threads - 1) * info.WorkspacePerThread));

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
        var exec = new NcExec { StructSize = (uint)sizeof(NcExec), NumThreads = threads, Flags = flags, Workspace = Workspace, WorkspaceBytes = (nuint)WorkspaceBytes };
        if (packed != null)
        {
            exec.PackedWeights = packed;
            exec.PackedBytes = (nuint)info.PackedBytes;
        }

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
        NativeMemory.AlignedFree(packed);
        base.Dispose();
    }
}
