using NativeConv.Problem;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Problem;

/// <summary>Output sizes and refusals that other projects measured (native-tests/reference).</summary>
public class OutputSizeTests
{
    [Fact]
    public void SizesOfOthers()
    {
        foreach (var line in TableLine.Read("native-tests", "reference", "outsize.tsv"))
        {
            var layer = line["op"] == "conv" ? Layer.Conv(1, 1, 1) : Layer.Deconv(1, 1, 1);
            layer.Input(line.Integer("in")).Kernel(line.Integer("k")).Stride(line.Integer("stride")).Dilation(line.Integer("dilation"))
                .PadBegin(line.Integer("pad_begin")).PadEnd(line.Integer("pad_end")).OutputPadding(line.Integer("output_padding"));
            var message = new Message(new byte[256]);
            var fault = DescriptorCheck.Run(layer.Descriptor, out var geometry, ref message);
            Assert.True(fault == Fault.None, $"{line}: {message.ToString()}");
            Assert.True(geometry.Output.W == line.Integer("out"), $"{line}: {geometry.Output.W}");
        }
    }

    [Fact]
    public void RefusalsOfOthers()
    {
        foreach (var line in TableLine.Read("native-tests", "reference", "invalid.tsv"))
        {
            // One cannot be written down: the shape of w follows from the descriptor.
            if (line["status"] == "-")
            {
                continue;
            }

            var (batch, inChannels, outChannels) = (line.Integer("batch"), line.Integer("in_channels"), line.Integer("out_channels"));
            var layer = line["op"] == "conv" ? Layer.Conv(batch, inChannels, outChannels) : Layer.Deconv(batch, inChannels, outChannels);
            layer.Input(line.List("input")).Kernel(line.List("kernel")).Stride(line.List("stride")).Dilation(line.List("dilation"))
                .PadBegin(line.List("pad")).PadEnd(line.List("pad")).OutputPadding(line.List("output_padding")).Groups(line.Integer("groups"));
            var descriptor = layer.Descriptor;
            descriptor.Rank = (int)line.Integer("rank");
            var message = new Message(new byte[256]);
            var fault = DescriptorCheck.Run(descriptor, out _, ref message);
            var expected = line["status"] switch
            {
                "OK" => Fault.None,
                "INVALID_SHAPE" => Fault.Shape,
                "INVALID_ARGUMENT" => Fault.Argument,
                "OVERFLOW" => Fault.Overflow,
                _ => throw new FormatException(line["status"]),
            };
            Assert.True(fault == expected, $"{line}: {fault} {message.ToString()}");
        }
    }
}
