using NativeConv.Problem;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Problem;

/// <summary>Each invalid descriptor is refused with its fault and a message that begins with the field.</summary>
public class DescriptorCheckTests
{
    private const long Largest = 1L << 61;

    private delegate void Edit(ref ConvDescriptor d);

    private static Layer Conv => Layer.Conv(2, 4, 6).Groups(2).Input(5, 7).Kernel(3, 2);

    private static Layer Deconv => Layer.Deconv(2, 4, 6).Groups(2).Input(5, 7).Kernel(3, 2);

    [Fact]
    public void Enumerations()
    {
        foreach (var value in (int[])[-1, 7, int.MinValue, int.MaxValue])
        {
            Refused(Conv, (ref d) => d.Kind = (ConvKind)value, Fault.Argument, "kind: ");
            Refused(Conv, (ref d) => d.Rank = value, Fault.Argument, "rank: ");
            Refused(Conv, (ref d) => d.Element = (ElementType)value, Fault.Argument, "dtype: ");
            Refused(Conv, (ref d) => d.WeightElement = (ElementType)value, Fault.Argument, "w_dtype: ");
            Refused(Conv, (ref d) => d.Layout = (TensorLayout)value, Fault.Argument, "layout: ");
            Refused(Conv, (ref d) => d.Activation = (Activation)value, Fault.Argument, "activation: ");
            Refused(Conv, (ref d) => d.GradientRule = (GradientRule)value, Fault.Argument, "gradient_rule: ");
            Refused(Conv, (ref d) => d.Algorithm = (AlgorithmChoice)value, Fault.Argument, "algorithm: ");
        }

        // One beyond the last.
        Refused(Conv, (ref d) => d.Kind = (ConvKind)2, Fault.Argument, "kind: 2");
        Refused(Conv, (ref d) => d.Rank = 0, Fault.Argument, "rank: 0");
        Refused(Conv, (ref d) => d.Rank = 4, Fault.Argument, "rank: 4");
        Refused(Conv, (ref d) => d.Element = (ElementType)5, Fault.Argument, "dtype: 5");
        Refused(Conv, (ref d) => d.WeightElement = (ElementType)5, Fault.Argument, "w_dtype: 5");
        Refused(Conv, (ref d) => d.Layout = (TensorLayout)2, Fault.Argument, "layout: 2");
        Refused(Conv, (ref d) => d.GradientRule = (GradientRule)3, Fault.Argument, "gradient_rule: 3");
        Refused(Conv, (ref d) => d.Algorithm = (AlgorithmChoice)2, Fault.Argument, "algorithm: 2");
    }

    [Fact]
    public void RulesNeedRelu()
    {
        for (var activation = Activation.Identity; activation <= Activation.Elu; activation++)
        {
            var (alpha, beta) = Parameters(activation);
            foreach (var rule in (GradientRule[])[GradientRule.Deconvnet, GradientRule.Guided])
            {
                var layer = Conv.Activation(activation, alpha, beta, rule);
                if (activation == Activation.Relu)
                {
                    Accepted(layer);
                }
                else
                {
                    Refused(layer, None, Fault.Argument, "gradient_rule: ");
                }
            }
        }
    }

    [Fact]
    public void ActivationParameters()
    {
        foreach (var activation in (Activation[])[Activation.LeakyRelu, Activation.Elu])
        {
            Accepted(Conv.Activation(activation, 0.1));
            foreach (var alpha in (double[])[0, -0.0, -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity])
            {
                Refused(Conv.Activation(activation, alpha), None, Fault.Argument, "activation_alpha: ");
            }

            // Judged as the arithmetic sees them: 0 and infinite in f32, ordinary in f64.
            foreach (var alpha in (double[])[1e-60, 1e60])
            {
                Refused(Conv.Activation(activation, alpha), None, Fault.Argument, "activation_alpha: ");
                Accepted(Conv.Activation(activation, alpha).Type(ElementType.Float64));
            }

            Refused(Conv.Activation(activation, 1, 1), None, Fault.Argument, "activation_beta: ");
        }

        Accepted(Conv.Activation(Activation.Clip, 0, 6));
        Accepted(Conv.Activation(Activation.Clip, double.NegativeInfinity, double.PositiveInfinity));
        Refused(Conv.Activation(Activation.Clip, 6, 0), None, Fault.Argument, "activation_alpha: ");
        Refused(Conv.Activation(Activation.Clip, 0, 0), None, Fault.Argument, "activation_alpha: ");
        Refused(Conv.Activation(Activation.Clip, double.NaN, 0), None, Fault.Argument, "activation_alpha: ");
        Refused(Conv.Activation(Activation.Clip, 0, double.NaN), None, Fault.Argument, "activation_alpha: ");
        Refused(Conv.Activation(Activation.Clip, 1, 1 + 1e-12), None, Fault.Argument, "activation_alpha: ");
        Accepted(Conv.Activation(Activation.Clip, 1, 1 + 1e-12).Type(ElementType.Float64));

        foreach (var activation in (Activation[])[Activation.Identity, Activation.Relu, Activation.Sigmoid, Activation.Tanh])
        {
            foreach (var value in (double[])[1, double.NaN, 1e-60])
            {
                Refused(Conv.Activation(activation, value), None, Fault.Argument, "activation_alpha: ");
                Refused(Conv.Activation(activation, 0, value), None, Fault.Argument, "activation_beta: ");
            }
        }
    }

    [Fact]
    public void UnusedEntries()
    {
        foreach (var value in (long[])[1, -1, long.MaxValue])
        {
            Refused(Conv, (ref d) => d.Input[2] = value, Fault.Argument, "input[2]: ");
            Refused(Conv, (ref d) => d.Kernel[2] = value, Fault.Argument, "kernel[2]: ");
            Refused(Conv, (ref d) => d.Stride[2] = value, Fault.Argument, "stride[2]: ");
            Refused(Conv, (ref d) => d.Dilation[2] = value, Fault.Argument, "dilation[2]: ");
            Refused(Conv, (ref d) => d.PadBegin[2] = value, Fault.Argument, "pad_begin[2]: ");
            Refused(Conv, (ref d) => d.PadEnd[2] = value, Fault.Argument, "pad_end[2]: ");
            Refused(Deconv, (ref d) => d.OutputPadding[2] = value, Fault.Argument, "output_padding[2]: ");
            Refused(Conv, (ref d) => d.OutputPadding[0] = value, Fault.Argument, "output_padding[0]: ");
            Refused(Conv, (ref d) => d.OutputPadding[1] = value, Fault.Argument, "output_padding[1]: ");
            Refused(Conv, (ref d) => DenseStrides(ref d.XStrides)[4] = value, Fault.Argument, "x_strides[4]: ");
        }
    }

    [Fact]
    public void SizesAndGroups()
    {
        foreach (var value in (long[])[-1, -(1L << 31), -(1L << 32), long.MinValue])
        {
            Refused(Conv, (ref d) => d.WorkspaceLimit = value, Fault.Argument, "workspace_limit: ");
            Refused(Conv, (ref d) => d.Batch = value, Fault.Shape, "batch: ");
            Refused(Conv, (ref d) => d.InChannels = value, Fault.Shape, "in_channels: ");
            Refused(Conv, (ref d) => d.OutChannels = value, Fault.Shape, "out_channels: ");
            Refused(Conv, (ref d) => d.Groups = value, Fault.Shape, "groups: ");
            Refused(Conv, (ref d) => d.Input[1] = value, Fault.Shape, "input[1]: ");
            Refused(Conv, (ref d) => d.Kernel[0] = value, Fault.Shape, "kernel[0]: ");
            Refused(Conv, (ref d) => d.Stride[1] = value, Fault.Shape, "stride[1]: ");
            Refused(Conv, (ref d) => d.Dilation[0] = value, Fault.Shape, "dilation[0]: ");
            Refused(Deconv, (ref d) => d.OutputPadding[1] = value, Fault.Shape, "output_padding[1]: ");
        }

        Refused(Conv, (ref d) => d.InChannels = 0, Fault.Shape, "in_channels: 0");
        Refused(Conv, (ref d) => d.OutChannels = 0, Fault.Shape, "out_channels: 0");
        Refused(Conv, (ref d) => d.Input[0] = 0, Fault.Shape, "input[0]: 0");
        Refused(Conv, (ref d) => d.Kernel[1] = 0, Fault.Shape, "kernel[1]: 0");
        Refused(Conv, (ref d) => d.Groups = 3, Fault.Shape, "groups: 3");
        Refused(Conv, (ref d) => d.Groups = 4, Fault.Shape, "groups: 4");
        Refused(Conv, (ref d) => d.Groups = 1L << 32, Fault.Shape, "groups: ");
        Refused(Conv, (ref d) => d.Groups = long.MaxValue, Fault.Shape, "groups: ");
        Refused(Conv, (ref d) => d.Kernel[1] = 8, Fault.Shape, "kernel[1]: the dilated kernel (dilation 1, kernel 8 -> 8) is larger");
        Refused(Conv, (ref d) => d.PadEnd[0] = -3, Fault.Shape, "kernel[0]: ");
        Refused(Deconv, (ref d) => d.PadBegin[1] = 8, Fault.Shape, "pad_begin[1]: ");
    }

    [Fact]
    public void ZeroMeansTheDefault()
    {
        var geometry = Accepted(Layer.Conv(0, 4, 6).Input(5, 7).Kernel(3, 2));
        Assert.Equal(ElementType.Float32, geometry.Element);
        Assert.Equal(1, geometry.Groups);
        Assert.Equal((1, 1, 1), (geometry.Stride.D, geometry.Stride.H, geometry.Stride.W));
        Assert.Equal((1, 1, 1), (geometry.Dilation.D, geometry.Dilation.H, geometry.Dilation.W));
        Assert.Equal((1, 3, 6), (geometry.Output.D, geometry.Output.H, geometry.Output.W));
    }

    [Fact]
    public void Strides()
    {
        Accepted(Conv, (ref d) => DenseStrides(ref d.XStrides));
        Refused(Conv, (ref d) => d.XStrides[0] = 1, Fault.Shape, "x_strides[1]: ");
        Refused(Conv, (ref d) => DenseStrides(ref d.YStrides)[2] = -1, Fault.Shape, "y_strides[2]: ");
        Refused(Conv, (ref d) => DenseStrides(ref d.DxStrides)[0] = long.MinValue, Fault.Shape, "dx_strides[0]: ");
        Refused(Conv, (ref d) => DenseStrides(ref d.DyStrides)[0] = long.MaxValue, Fault.Overflow, "dy_strides: ");
        Refused(Conv, (ref d) => DenseStrides(ref d.XStrides)[1] = 1L << 61, Fault.Overflow, "x_strides: ");
        Refused(Conv, (ref d) => DenseStrides(ref d.XStrides)[0] = 1000, Fault.Unsupported, "x_strides: ");
    }

    [Fact]
    public void UnsupportedComesLast()
    {
        Edit[] unsupported =
        [
            (ref d) => d.Element = ElementType.Float16,
            (ref d) => d.Element = ElementType.BFloat16,
            (ref d) => d.WeightElement = ElementType.Float64,
            (ref d) => d.Layout = TensorLayout.ChannelsLast,
        ];
        string[] fields = ["dtype: ", "dtype: ", "w_dtype: ", "layout: "];
        foreach (var (edit, field) in unsupported.Zip(fields))
        {
            Refused(Conv, edit, Fault.Unsupported, field);
            Refused(Conv, (ref d) =>
            {
                edit(ref d);
                d.Kernel[1] = 8;
            }, Fault.Shape, "kernel[1]: ");
            Refused(Conv, (ref d) =>
            {
                edit(ref d);
                d.Batch = 1L << 60;
            }, Fault.Overflow, "input: ");
        }
    }

    [Fact]
    public void BeyondTheLargestCoordinate()
    {
        foreach (var value in (long[])[Largest + 1, long.MaxValue])
        {
            Refused(Conv, (ref d) => d.Input[0] = value, Fault.Overflow, "input[0]: ");
            Refused(Conv, (ref d) => d.Stride[0] = value, Fault.Overflow, "stride[0]: ");
            Refused(Conv, (ref d) => d.PadBegin[1] = value, Fault.Overflow, "pad_begin[1]: ");
            Refused(Conv, (ref d) => d.PadEnd[1] = value, Fault.Overflow, "pad_end[1]: ");
            Refused(Conv, (ref d) => d.PadBegin[1] = -value, Fault.Overflow, "pad_begin[1]: ");
            Refused(Conv, (ref d) => d.Dilation[0] = value, Fault.Overflow, "kernel[0]: ");
            Refused(Conv, (ref d) => d.Kernel[0] = value, Fault.Overflow, "kernel[0]: ");
            Refused(Deconv, (ref d) => d.OutputPadding[0] = value, Fault.Overflow, "output_padding[0]: ");
        }

        Refused(Conv, (ref d) => d.PadEnd[1] = long.MinValue, Fault.Overflow, "pad_end[1]: ");
        Refused(Deconv, (ref d) => d.Stride[0] = Largest, Fault.Overflow, "input[0]: ");
    }

    [Theory]
    [InlineData(1L << 61)]
    [InlineData(1L << 60)]
    [InlineData(1L << 59)]
    public void BytesBeyond63Bits(long images)
    {
        // 4 * 35 numbers of an image, 4 bytes each: 560 * 2^59 and more.
        Refused(Conv, (ref d) => d.Batch = images, Fault.Overflow, "input: ");
        Refused(Conv, (ref d) => d.InChannels = images, Fault.Overflow, "input: ");
        Refused(Layer.Conv(1, 1, images).Input(6).Kernel(3), None, Fault.Overflow, "out_channels: ");

        // An image alone must fit, whatever the batch.
        Refused(Layer.Conv(0, images, 1).Input(5).Kernel(3), None, Fault.Overflow, "input: ");
        Refused(Layer.Conv(0, 1, 1).Input(4, images).Kernel(1, 1), None, Fault.Overflow, "input: ");
    }

    [Fact]
    public void WeightsBeyond63Bits()
    {
        Refused(Layer.Conv(1, 1L << 31, 1L << 30).Input(1), None, Fault.Overflow, "kernel: ");
        Accepted(Layer.Conv(1, 1L << 30, 1L << 30).Input(1));
        Refused(Layer.Conv(1, 1L << 30, 1L << 30).Input(1).Type(ElementType.Float64), None, Fault.Overflow, "kernel: ");
    }

    [Fact]
    public void LargestTensorFits()
    {
        // 2^61 - 1 floats are just below 2^63 bytes; 2^61 are not.
        Accepted(Layer.Conv(1, 1, 1).Input(Largest - 1).Stride(Largest));
        Refused(Layer.Conv(1, 1, 1).Input(Largest).Stride(Largest), None, Fault.Overflow, "input: ");
    }

    [Fact]
    public void SizesBeyond32BitsAreRight()
    {
        var square = Accepted(Layer.Conv(1, 1, 1).Input(65536, 65536).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1));
        Assert.Equal(1L << 32, square.InputElements);
        Assert.Equal(1L << 32, square.OutputElements);
        Assert.Equal(9.0 * (1L << 32), square.MultiplyAdds);

        var half = Accepted(Layer.Conv(1, 1, 1).Input(46341, 46341));
        Assert.Equal(2147488281, half.InputElements);

        var strided = Accepted(Layer.Conv(1, 1, 1).Input((1L << 33) + 5).Kernel(2).Stride(1L << 32));
        Assert.Equal(3, strided.Output.W);

        var batch = Accepted(Layer.Conv(1L << 32, 3, 5).Input(2, 2).Kernel(2, 2));
        Assert.Equal(12 * (1L << 32), batch.InputElements);
        Assert.Equal(5 * (1L << 32), batch.OutputElements);

        var spread = Accepted(Layer.Deconv(1, 1, 1).Input(3).Kernel(2).Stride(1L << 32));
        Assert.Equal((1L << 33) + 2, spread.Output.W);

        var padded = Accepted(Layer.Conv(1, 1, 1).Input(1).PadBegin(1L << 31).PadEnd(1L << 31));
        Assert.Equal((1L << 32) + 1, padded.Output.W);

        var weights = Accepted(Layer.Conv(1, 1L << 16, 1L << 16).Input(1));
        Assert.Equal(1L << 32, weights.WeightElements);
    }

    private static ref StrideArray DenseStrides(ref StrideArray strides)
    {
        // Of x of this class's layers, 2 x 4 x 5 x 7; any that are positive are legal.
        (strides[0], strides[1], strides[2], strides[3]) = (140, 35, 7, 1);
        return ref strides;
    }

    private static (double Alpha, double Beta) Parameters(Activation activation) => activation switch
    {
        Activation.LeakyRelu or Activation.Elu => (0.5, 0),
        Activation.Clip => (0, 6),
        _ => (0, 0),
    };

    private static void None(ref ConvDescriptor d)
    {
    }

    private static ConvGeometry Accepted(Layer layer) => Accepted(layer, None);

    private static ConvGeometry Accepted(Layer layer, Edit edit)
    {
        var descriptor = layer.Descriptor;
        edit(ref descriptor);
        var message = new Message(new byte[512]);
        var fault = DescriptorCheck.Run(descriptor, out var geometry, ref message);
        Assert.True(fault == Fault.None, $"{layer}: {fault} {message.ToString()}");
        Assert.Equal(0, message.Length);
        return geometry;
    }

    private static void Refused(Layer layer, Edit edit, Fault expected, string start)
    {
        Accepted(Conv);
        var descriptor = layer.Descriptor;
        edit(ref descriptor);
        var message = new Message(new byte[512]);
        var fault = DescriptorCheck.Run(descriptor, out _, ref message);
        var text = message.ToString();
        Assert.True(fault == expected && text.StartsWith(start, StringComparison.Ordinal), $"expected {expected} \"{start}...\", got {fault} \"{text}\"");
        Assert.True(text.Length > start.Length, $"nothing but the field: {text}");
        Assert.True(message.Length <= 256, $"a message of {message.Length} bytes: {text}");
    }
}
