using System.Text;
using NativeConv.Bench.Shapes;

namespace NativeConv.Bench.Peers;

/// <summary>A model of one Conv or ConvTranspose node, as ONNX Runtime loads it: the weights are constants, which it may pack when a session is made.</summary>
/// <remarks>Field numbers are those of onnx.proto (github.com/onnx/onnx), wire types those of protocol buffers (protobuf.dev/programming-guides/encoding).</remarks>
internal sealed class OnnxModel
{
    // The oldest that ONNX Runtime's kernels for these operators are written for; its IR.
    private const int OperatorSet = 11;
    private const int IrVersion = 6;

    private const int Float = 1;
    private const int AttributeInt = 2;
    private const int AttributeInts = 7;

    private readonly MemoryStream bytes = new();

    private OnnxModel()
    {
    }

    /// <summary>The model's bytes: input "x", output "y".</summary>
    /// <param name="shape">the layer</param>
    /// <param name="weights">w, as bytes of f32</param>
    /// <param name="bias">as bytes of f32, or empty</param>
    public static byte[] Encode(Shape shape, ReadOnlySpan<byte> weights, ReadOnlySpan<byte> bias)
    {
        var conv = shape.Kind == ConvKind.Conv;
        var node = new OnnxModel();
        node.Text(1, "x").Text(1, "w");
        if (!bias.IsEmpty) node.Text(1, "b");
        node.Text(2, "y").Text(4, conv ? "Conv" : "ConvTranspose");
        node.Message(5, Attribute("group", shape.Groups));
        node.Message(5, Attribute("kernel_shape", Axes(shape, axis => axis.Kernel)));
        node.Message(5, Attribute("strides", Axes(shape, axis => axis.Stride)));
        node.Message(5, Attribute("dilations", Axes(shape, axis => axis.Dilation)));
        node.Message(5, Attribute("pads", [.. Axes(shape, axis => axis.PadBegin), .. Axes(shape, axis => axis.PadEnd)]));
        if (!conv) node.Message(5, Attribute("output_padding", Axes(shape, axis => axis.OutputPadding)));

        var (fine, coarse) = conv ? (shape.InChannels, shape.OutChannels) : (shape.OutChannels, shape.InChannels);
        var graph = new OnnxModel().Message(1, node).Text(2, "layer");
        graph.Message(5, Tensor("w", [coarse, fine / shape.Groups, .. Axes(shape, axis => axis.Kernel)], weights));
        if (!bias.IsEmpty) graph.Message(5, Tensor("b", [shape.OutChannels], bias));
        graph.Message(11, Value("x", [shape.Batch, shape.InChannels, .. Axes(shape, axis => axis.Input)]));
        graph.Message(12, Value("y", [shape.Batch, shape.OutChannels, .. Axes(shape, axis => axis.Output)]));
        return new OnnxModel().Number(1, IrVersion).Message(7, graph).Message(8, new OnnxModel().Number(2, OperatorSet)).bytes.ToArray();
    }

    /// <summary>One number for each axis.</summary>
    public static long[] Axes(Shape shape, Func<ShapeAxis, long> size) => [.. Enumerable.Range(0, shape.Rank).Select(i => size(shape[i]))];

    private static OnnxModel Attribute(string name, long value) => new OnnxModel().Text(1, name).Number(3, value).Number(20, AttributeInt);

    private static OnnxModel Attribute(string name, long[] values)
    {
        var attribute = new OnnxModel().Text(1, name);
        foreach (var value in values) attribute.Number(8, value);
        return attribute.Number(20, AttributeInts);
    }

    private static OnnxModel Tensor(string name, long[] sizes, ReadOnlySpan<byte> data)
    {
        var tensor = new OnnxModel();
        foreach (var size in sizes) tensor.Number(1, size);
        return tensor.Number(2, Float).Text(8, name).Bytes(9, data);
    }

    private static OnnxModel Value(string name, long[] sizes)
    {
        var shape = new OnnxModel();
        foreach (var size in sizes) shape.Message(1, new OnnxModel().Number(1, size));
        return new OnnxModel().Text(1, name).Message(2, new OnnxModel().Message(1, new OnnxModel().Number(1, Float).Message(2, shape)));
    }

    private OnnxModel Number(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    private OnnxModel Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    private OnnxModel Message(int field, OnnxModel message) => Bytes(field, message.bytes.GetBuffer().AsSpan(0, (int)message.bytes.Length));

    private OnnxModel Bytes(int field, ReadOnlySpan<byte> content)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)content.Length);
        bytes.Write(content);
        return this;
    }

    private void Varint(ulong value)
    {
        for (; value >= 128; value >>= 7) bytes.WriteByte((byte)(value | 128));
        bytes.WriteByte((byte)value);
    }
}
