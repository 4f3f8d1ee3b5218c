using Microsoft.ML.OnnxRuntime;
using NativeConv.Bench.Measuring;

namespace NativeConv.Bench.Peers;

/// <summary>A layer computed by ONNX Runtime: forward, f32.</summary>
internal sealed unsafe class OnnxLayer : Layer
{
    private readonly SessionOptions options;
    private readonly RunOptions run;
    private readonly InferenceSession session;
    private readonly OrtValue x;
    private readonly OrtValue y;

    public OnnxLayer(LayerBuffers buffers, int threads)
        : base(buffers, ConvPass.Forward)
    {
        PeerLibraries.LoadOnnxRuntime();
        options = new SessionOptions();
        run = new RunOptions();
        var shape = buffers.Shape;
        options.IntraOpNumThreads = threads;
        options.ExecutionMode = ExecutionMode.ORT_SEQUENTIAL;

        // Threads that spin between runs would take the cores from those whose turn it is.
        options.AddSessionConfigEntry("session.force_spinning_stop", "1");
        var weights = new ReadOnlySpan<byte>(buffers.W, checked((int)(shape.WeightElements * sizeof(float))));
        var bias = shape.HasBias ? new ReadOnlySpan<byte>(buffers.Bias, (int)shape.OutChannels * sizeof(float)) : [];
        session = new InferenceSession(OnnxModel.Encode(shape, weights, bias), options);
        x = Tensor(buffers.X, [shape.Batch, shape.InChannels, .. OnnxModel.Axes(shape, axis => axis.Input)]);
        y = Tensor(buffers.Result, [shape.Batch, shape.OutChannels, .. OnnxModel.Axes(shape, axis => axis.Output)]);
    }

    public override string Engine => Vocabulary.OnnxRuntime;

    public override long WorkspaceBytes => 0;

    public override string Algorithm => "";

    public override void Run() => session.Run(run, ["x"], [x], ["y"], [y]);

    public override void Dispose()
    {
        y.Dispose();
        x.Dispose();
        session.Dispose();
        run.Dispose();
        options.Dispose();
        base.Dispose();
    }

    private static OrtValue Tensor(byte* data, long[] sizes)
    {
        var bytes = sizes.Aggregate(1L, (product, size) => product * size) * sizeof(float);
        return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, sizes, (nint)data, bytes);
    }
}
