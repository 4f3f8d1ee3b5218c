using NativeConv.Bench.Measuring;

namespace NativeConv.Bench.Peers;

/// <summary>A layer computed by PyTorch, eagerly: every pass. It allocates its results, as it does for its users.</summary>
internal sealed unsafe class TorchLayer : Layer
{
    // ScalarType and DeviceType of c10.
    private const int Float32 = 6;
    private const int Float64 = 7;
    private const int Cpu = 0;

    private readonly TorchLibrary torch = TorchLibrary.Instance;
    private readonly void* x;
    private readonly void* dy;
    private readonly void* w;
    private readonly void* bias;
    private readonly long[] stride;
    private readonly long[] padding;
    private readonly long[] dilation;
    private readonly long[] outputPadding;
    private readonly nint[] results = new nint[3];

    public TorchLayer(LayerBuffers buffers, ConvPass pass)
        : base(buffers, pass)
    {
        var shape = buffers.Shape;
        var conv = shape.Kind == ConvKind.Conv;
        var (fine, coarse) = conv ? (shape.InChannels, shape.OutChannels) : (shape.OutChannels, shape.InChannels);
        x = Tensor(buffers.X, [shape.Batch, shape.InChannels, .. OnnxModel.Axes(shape, axis => axis.Input)]);
        dy = Tensor(buffers.Dy, [shape.Batch, shape.OutChannels, .. OnnxModel.Axes(shape, axis => axis.Output)]);
        w = Tensor(buffers.W, [coarse, fine / shape.Groups, .. OnnxModel.Axes(shape, axis => axis.Kernel)]);
        bias = Tensor(buffers.Bias, [shape.OutChannels]);
        stride = OnnxModel.Axes(shape, axis => axis.Stride);
        padding = OnnxModel.Axes(shape, axis => axis.PadBegin);
        dilation = OnnxModel.Axes(shape, axis => axis.Dilation);

        // PyTorch has one padding for both ends: what a deconv crops less at the end is output padding there.
        outputPadding = OnnxModel.Axes(shape, axis => conv ? 0 : axis.OutputPadding + axis.PadBegin - axis.PadEnd);
    }

    public override string Engine => Vocabulary.PyTorch;

    public override long WorkspaceBytes => 0;

    public override string Algorithm => "";

    public override void Run()
    {
        Free();
        var shape = Buffers.Shape;
        var rank = shape.Rank;
        var transposed = shape.Kind == ConvKind.Deconv ? 1 : 0;
        void* y, dx = null, dw = null, db = null;
        fixed (long* s = stride, p = padding, d = dilation, o = outputPadding)
        {
            if (Pass == ConvPass.Forward)
            {
                var b = bias;
                TorchLibrary.Check(torch.Convolution(x, w, shape.HasBias ? &b : null, s, rank, p, rank, d, rank, transposed, o, rank, shape.Groups, &y));
                results[0] = (nint)y;
                return;
            }

            var weights = Pass == ConvPass.BackwardWeights;
            var mask = stackalloc int[3] { weights ? 0 : 1, weights ? 1 : 0, weights && shape.HasBias ? 1 : 0 };
            var channels = shape.OutChannels;
            var sizes = &channels;
            TorchLibrary.Check(torch.ConvolutionBackward(
                dy, x, w, &sizes, 1, s, rank, p, rank, d, rank, transposed, o, rank, shape.Groups, mask, 3, &dx, &dw, &db));
        }

        (results[0], results[1], results[2]) = ((nint)dx, (nint)dw, (nint)db);
    }

    public override void Publish()
    {
        var shape = Buffers.Shape;
        Copy(results[Pass == ConvPass.BackwardWeights ? 1 : 0], Buffers.Result, Pass switch
        {
            ConvPass.Forward => shape.OutputElements,
            ConvPass.BackwardData => shape.InputElements,
            _ => shape.WeightElements,
        });
        if (Pass == ConvPass.BackwardWeights && shape.HasBias) Copy(results[2], Buffers.BiasGradient, shape.OutChannels);
    }

    public override void Dispose()
    {
        Free();
        foreach (var tensor in (ReadOnlySpan<nint>)[(nint)x, (nint)dy, (nint)w, (nint)bias]) torch.DeleteTensor((void*)tensor);
        base.Dispose();
    }

    private void Copy(nint tensor, byte* target, long elements)
    {
        void* data;
        TorchLibrary.Check(torch.GetDataPointer((void*)tensor, &data));
        var bytes = elements * Buffers.ElementSize;
        Buffer.MemoryCopy(data, target, bytes, bytes);
    }

    private void Free()
    {
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i] != 0) torch.DeleteTensor((void*)results[i]);
            results[i] = 0;
        }
    }

    private void* Tensor(byte* data, long[] sizes)
    {
        var strides = new long[sizes.Length];
        long next = 1;
        for (var i = sizes.Length - 1; i >= 0; next *= sizes[i], i--) strides[i] = next;
        void* tensor;
        fixed (long* size = sizes, stride = strides)
        {
            TorchLibrary.Check(torch.CreateTensorFromBlob(data, sizes.Length, size, stride, 0, Buffers.Element == ElementType.Float64 ? Float64 : Float32, Cpu, 0, &tensor));
        }

        return tensor;
    }
}
