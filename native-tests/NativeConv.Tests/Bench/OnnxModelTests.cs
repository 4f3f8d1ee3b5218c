using NativeConv.Bench.Peers;
using NativeConv.Bench.Shapes;
using Xunit;

namespace NativeConv.Tests.Bench;

/// <summary>The model that ONNX Runtime is given, byte by byte.</summary>
public class OnnxModelTests
{
    [Fact]
    public void ASmallConvolution()
    {
        var model = OnnxModel.Encode(ShapeLine.Parse("mb1ic1iw2oc1ow2kw1pw0"), [1, 2, 3, 4], []);

        // Written down from onnx.proto: tag bytes are field * 8 + wire type.
        byte[] node =
        [
            .. Field(1, "x"), .. Field(1, "w"), .. Field(2, "y"), .. Field(4, "Conv"),
            .. Field(5, [.. Field(1, "group"), 0x18, 1, 0xA0, 0x01, 2]),
            .. Field(5, [.. Field(1, "kernel_shape"), 0x40, 1, 0xA0, 0x01, 7]),
            .. Field(5, [.. Field(1, "strides"), 0x40, 1, 0xA0, 0x01, 7]),
            .. Field(5, [.. Field(1, "dilations"), 0x40, 1, 0xA0, 0x01, 7]),
            .. Field(5, [.. Field(1, "pads"), 0x40, 0, 0x40, 0, 0xA0, 0x01, 7]),
        ];
        byte[] sizes = [.. Field(1, [0x08, 1]), .. Field(1, [0x08, 1]), .. Field(1, [0x08, 2])];
        byte[] type = Field(2, Field(1, [0x08, 1, .. Field(2, sizes)]));
        byte[] graph =
        [
            .. Field(1, node), .. Field(2, "layer"),
            .. Field(5, [0x08, 1, 0x08, 1, 0x08, 1, 0x10, 1, .. Field(8, "w"), .. Field(9, [1, 2, 3, 4])]),
            .. Field(11, [.. Field(1, "x"), .. type]), .. Field(12, [.. Field(1, "y"), .. type]),
        ];
        Assert.Equal([0x08, 6, .. Field(7, graph), .. Field(8, [0x10, 11])], model);
    }

    [Fact]
    public void ADeconvolutionHasItsOutputPadding()
    {
        var model = OnnxModel.Encode(ShapeLine.Parse("--deconv mb1ic2ih4oc3oh8kh3sh2ph1"), new byte[3 * 2 * 9 * 4], new byte[12]);
        var text = System.Text.Encoding.Latin1.GetString(model);
        Assert.Contains("ConvTranspose", text, StringComparison.Ordinal);
        Assert.Contains("output_padding\x40\x01\x40\x01", text, StringComparison.Ordinal);
        Assert.Contains("\u000A\u0001b", text, StringComparison.Ordinal);
    }

    private static byte[] Field(int number, string text) => Field(number, System.Text.Encoding.UTF8.GetBytes(text));

    private static byte[] Field(int number, byte[] content) => content.Length < 128
        ? [(byte)((number << 3) | 2), (byte)content.Length, .. content]
        : [(byte)((number << 3) | 2), (byte)((content.Length & 127) | 128), (byte)(content.Length >> 7), .. content];
}
