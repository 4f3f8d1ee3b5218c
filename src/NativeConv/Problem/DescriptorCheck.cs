namespace NativeConv.Problem;

/// <summary>Turns a descriptor into a geometry, or says which field is wrong, what came and what was expected.</summary>
internal static class DescriptorCheck
{
    // Coordinates are sums of a few sizes, pads and products below this: they fit 63 bits.
    private const long Largest = 1L << 61;

    /// <summary>
    /// Checks everything. <see cref="Fault.Unsupported"/> is the last thing looked at: a descriptor that gets it is otherwise legal.
    /// </summary>
    public static Fault Run(in ConvDescriptor descriptor, out ConvGeometry geometry, ref Message message)
    {
        geometry = default;
        message.Clear();
        Fault fault;
        if ((fault = Enumerations(descriptor, ref message)) != Fault.None
            || (fault = ActivationParameters(descriptor, ref message)) != Fault.None
            || (fault = Channels(descriptor, ref message)) != Fault.None
            || (fault = UnusedEntries(descriptor, ref message)) != Fault.None)
        {
            return fault;
        }

        geometry = new ConvGeometry
        {
            Kind = descriptor.Kind,
            Rank = descriptor.Rank,
            Element = descriptor.Element == 0 ? ElementType.Float32 : descriptor.Element,
            Activation = descriptor.Activation,
            GradientRule = descriptor.GradientRule,
            ActivationAlpha = descriptor.ActivationAlpha,
            ActivationBeta = descriptor.ActivationBeta,
            WorkspaceLimit = descriptor.WorkspaceLimit,
            Batch = descriptor.Batch,
            InChannels = descriptor.InChannels,
            OutChannels = descriptor.OutChannels,
            Groups = descriptor.Groups == 0 ? 1 : descriptor.Groups,
            Input = new Axes(1, 1, 1),
            Output = new Axes(1, 1, 1),
            Kernel = new Axes(1, 1, 1),
            Stride = new Axes(1, 1, 1),
            Dilation = new Axes(1, 1, 1),
        };
        for (var axis = 0; axis < descriptor.Rank; axis++)
        {
            if ((fault = Axis(descriptor, axis, ref geometry, ref message)) != Fault.None)
            {
                return fault;
            }
        }

        if ((fault = TensorSizes(geometry, ref message)) != Fault.None
            || (fault = DescriptorStrides.Check(descriptor, geometry, ref message)) != Fault.None)
        {
            return fault;
        }

        return Support(descriptor, geometry, ref message);
    }

    private static Fault Enumerations(in ConvDescriptor d, ref Message message)
    {
        if (d.Kind is not (ConvKind.Conv or ConvKind.Deconv))
        {
            return Refuse(ref message, "kind"u8, (int)d.Kind, "expected 0 (conv) or 1 (deconv)"u8);
        }

        if (d.Rank is < 1 or > 3)
        {
            return Refuse(ref message, "rank"u8, d.Rank, "expected 1, 2 or 3 spatial axes"u8);
        }

        if (d.Element is < 0 or > ElementType.BFloat16)
        {
            return Refuse(ref message, "dtype"u8, (int)d.Element, "expected 0 (default), 1 (f32), 2 (f64), 3 (f16) or 4 (bf16)"u8);
        }

        if (d.WeightElement is < 0 or > ElementType.BFloat16)
        {
            return Refuse(ref message, "w_dtype"u8, (int)d.WeightElement, "expected 0 (as dtype), 1 (f32), 2 (f64), 3 (f16) or 4 (bf16)"u8);
        }

        if (d.Layout is not (TensorLayout.ChannelsFirst or TensorLayout.ChannelsLast))
        {
            return Refuse(ref message, "layout"u8, (int)d.Layout, "expected 0 (channels first) or 1 (channels last)"u8);
        }

        if (d.Activation is < Activation.Identity or > Activation.Elu)
        {
            return Refuse(ref message, "activation"u8, (int)d.Activation, "expected 0 (identity) to 6 (elu)"u8);
        }

        if (d.GradientRule is < GradientRule.Backprop or > GradientRule.Guided)
        {
            return Refuse(ref message, "gradient_rule"u8, (int)d.GradientRule, "expected 0 (backprop), 1 (deconvnet) or 2 (guided)"u8);
        }

        if (d.GradientRule != GradientRule.Backprop && d.Activation != Activation.Relu)
        {
            return Refuse(ref message, "gradient_rule"u8, (int)d.GradientRule, "rules other than 0 (backprop) need activation 1 (relu)"u8);
        }

        if (d.Algorithm is not (AlgorithmChoice.Auto or AlgorithmChoice.Direct))
        {
            return Refuse(ref message, "algorithm"u8, (int)d.Algorithm, "expected 0 (auto) or 1 (direct)"u8);
        }

        return Fault.None;
    }

    private static Fault ActivationParameters(in ConvDescriptor d, ref Message message)
    {
        // Parameters are rounded to the type of the arithmetic before they are used, so they are judged rounded.
        var single = d.Element != ElementType.Float64;
        var alpha = single ? (float)d.ActivationAlpha : d.ActivationAlpha;
        var beta = single ? (float)d.ActivationBeta : d.ActivationBeta;
        if (d.Activation is Activation.LeakyRelu or Activation.Elu)
        {
            if (!(double.IsFinite(alpha) && alpha > 0))
            {
                return Refuse(ref message, "activation_alpha"u8, d.ActivationAlpha, "leaky relu and elu need a finite number > 0 (in the type of the arithmetic)"u8);
            }
        }
        else if (d.Activation == Activation.Clip)
        {
            return alpha < beta
                ? Fault.None
                : Refuse(ref message, "activation_alpha"u8, d.ActivationAlpha, "clip needs activation_alpha < activation_beta, which is "u8, d.ActivationBeta);
        }
        else if (d.ActivationAlpha != 0 || double.IsNaN(d.ActivationAlpha))
        {
            return Refuse(ref message, "activation_alpha"u8, d.ActivationAlpha, "this activation does not use it: expected 0"u8);
        }

        return d.ActivationBeta == 0
            ? Fault.None
            : Refuse(ref message, "activation_beta"u8, d.ActivationBeta, "this activation does not use it: expected 0"u8);
    }

    private static Fault Channels(in ConvDescriptor d, ref Message message)
    {
        if (d.WorkspaceLimit < 0)
        {
            return Refuse(ref message, "workspace_limit"u8, d.WorkspaceLimit, "expected bytes >= 0, 0 meaning no limit"u8);
        }

        if (d.Batch < 0)
        {
            return Refuse(ref message, "batch"u8, d.Batch, "expected >= 0"u8, Fault.Shape);
        }

        if (d.InChannels < 1)
        {
            return Refuse(ref message, "in_channels"u8, d.InChannels, "expected >= 1"u8, Fault.Shape);
        }

        if (d.OutChannels < 1)
        {
            return Refuse(ref message, "out_channels"u8, d.OutChannels, "expected >= 1"u8, Fault.Shape);
        }

        if (d.Groups < 0)
        {
            return Refuse(ref message, "groups"u8, d.Groups, "expected >= 1, or 0 for the default of 1"u8, Fault.Shape);
        }

        var groups = d.Groups == 0 ? 1 : d.Groups;
        if (d.InChannels % groups != 0 || d.OutChannels % groups != 0)
        {
            message.Add("groups: "u8);
            message.Add(groups);
            message.Add(" does not divide in_channels "u8);
            message.Add(d.InChannels);
            message.Add(" and out_channels "u8);
            message.Add(d.OutChannels);
            return Fault.Shape;
        }

        return Fault.None;
    }

    private static Fault UnusedEntries(in ConvDescriptor d, ref Message message)
    {
        Fault fault;
        return (fault = Unused(d.Input, "input"u8, d.Rank, ref message)) != Fault.None
            || (fault = Unused(d.Kernel, "kernel"u8, d.Rank, ref message)) != Fault.None
            || (fault = Unused(d.Stride, "stride"u8, d.Rank, ref message)) != Fault.None
            || (fault = Unused(d.Dilation, "dilation"u8, d.Rank, ref message)) != Fault.None
            || (fault = Unused(d.PadBegin, "pad_begin"u8, d.Rank, ref message)) != Fault.None
            || (fault = Unused(d.PadEnd, "pad_end"u8, d.Rank, ref message)) != Fault.None
            || (fault = Unused(d.OutputPadding, "output_padding"u8, d.Kind == ConvKind.Conv ? 0 : d.Rank, ref message)) != Fault.None
            ? fault
            : Fault.None;
    }

    private static Fault Unused(scoped in SpatialArray values, scoped ReadOnlySpan<byte> field, int used, ref Message message)
    {
        for (var axis = used; axis < Axes.Count; axis++)
        {
            if (values[axis] != 0)
            {
                return RefuseAxis(ref message, field, axis, values[axis], "rank and kind do not use it: expected 0"u8, Fault.Argument);
            }
        }

        return Fault.None;
    }

    private static Fault Axis(in ConvDescriptor d, int axis, ref ConvGeometry geometry, ref Message message)
    {
        long input = d.Input[axis], kernel = d.Kernel[axis], stride = d.Stride[axis], dilation = d.Dilation[axis];
        long padBegin = d.PadBegin[axis], padEnd = d.PadEnd[axis], outputPadding = d.OutputPadding[axis];
        if (input < 1)
        {
            return RefuseAxis(ref message, "input"u8, axis, input, "expected >= 1"u8, Fault.Shape);
        }

        if (kernel < 1)
        {
            return RefuseAxis(ref message, "kernel"u8, axis, kernel, "expected >= 1"u8, Fault.Shape);
        }

        if (stride < 0)
        {
            return RefuseAxis(ref message, "stride"u8, axis, stride, "expected >= 1, or 0 for the default of 1"u8, Fault.Shape);
        }

        if (dilation < 0)
        {
            return RefuseAxis(ref message, "dilation"u8, axis, dilation, "expected >= 1, or 0 for the default of 1"u8, Fault.Shape);
        }

        if (outputPadding < 0)
        {
            return RefuseAxis(ref message, "output_padding"u8, axis, outputPadding, "expected >= 0"u8, Fault.Shape);
        }

        stride = stride == 0 ? 1 : stride;
        dilation = dilation == 0 ? 1 : dilation;
        Fault fault;
        if ((fault = Magnitude(ref message, "input"u8, axis, input)) != Fault.None
            || (fault = Magnitude(ref message, "stride"u8, axis, stride)) != Fault.None
            || (fault = Magnitude(ref message, "pad_begin"u8, axis, padBegin)) != Fault.None
            || (fault = Magnitude(ref message, "pad_end"u8, axis, padEnd)) != Fault.None
            || (fault = Magnitude(ref message, "output_padding"u8, axis, outputPadding)) != Fault.None)
        {
            return fault;
        }

        var extent = ((Int128)dilation * (kernel - 1)) + 1;
        if (extent > Largest)
        {
            return RefuseAxis(ref message, "kernel"u8, axis, kernel, "the dilated kernel is beyond 2^61"u8, Fault.Overflow);
        }

        Int128 output;
        if (d.Kind == ConvKind.Conv)
        {
            var padded = (Int128)input + padBegin + padEnd;
            if (padded < extent)
            {
                message.Add("kernel["u8);
                message.Add(axis);
                message.Add("]: the dilated kernel (dilation "u8);
                message.Add(dilation);
                message.Add(", kernel "u8);
                message.Add(kernel);
                message.Add(" -> "u8);
                message.Add((long)extent);
                message.Add(") is larger than the padded input (input "u8);
                AddPads(ref message, input, padBegin, padEnd);
                message.Add((long)padded);
                message.Add(")"u8);
                return Fault.Shape;
            }

            output = ((padded - extent) / stride) + 1;
        }
        else
        {
            output = ((Int128)stride * (input - 1)) + extent - padBegin - padEnd + outputPadding;
            if (output < 1)
            {
                message.Add("pad_begin["u8);
                message.Add(axis);
                message.Add("]: the pads leave no output (input "u8);
                message.Add(input);
                message.Add(", stride "u8);
                message.Add(stride);
                message.Add(", dilated kernel "u8);
                message.Add((long)extent);
                message.Add(", pads "u8);
                message.Add(padBegin);
                message.Add(" + "u8);
                message.Add(padEnd);
                message.Add(" -> output "u8);
                message.Add(output < long.MinValue ? long.MinValue : (long)output);
                message.Add(", expected >= 1)"u8);
                return Fault.Shape;
            }
        }

        if (output > Largest)
        {
            return RefuseAxis(ref message, "input"u8, axis, input, "the output of this axis is beyond 2^61"u8, Fault.Overflow);
        }

        var lifted = Axes.Count - d.Rank + axis;
        geometry.Input[lifted] = input;
        geometry.Output[lifted] = (long)output;
        geometry.Kernel[lifted] = kernel;
        geometry.Stride[lifted] = stride;
        geometry.Dilation[lifted] = dilation;
        geometry.PadBegin[lifted] = padBegin;
        return Fault.None;
    }

    private static Fault Magnitude(ref Message message, scoped ReadOnlySpan<byte> field, int axis, long value) => value is > Largest or < -Largest
        ? RefuseAxis(ref message, field, axis, value, "beyond 2^61: coordinates would not fit 63 bits"u8, Fault.Overflow)
        : Fault.None;

    private static void AddPads(ref Message message, long input, long padBegin, long padEnd)
    {
        message.Add(input);
        message.Add(" + pads "u8);
        message.Add(padBegin);
        message.Add(" + "u8);
        message.Add(padEnd);
        message.Add(" -> "u8);
    }

    private static Fault TensorSizes(in ConvGeometry g, ref Message message)
    {
        var size = (CheckedSize)g.ElementSize;
        var x = size * g.Batch * g.InChannels * g.Input.D * g.Input.H * g.Input.W;
        var y = size * g.Batch * g.OutChannels * g.Output.D * g.Output.H * g.Output.W;
        var w = size * (g.InChannels / g.Groups) * g.OutChannels * g.Kernel.D * g.Kernel.H * g.Kernel.W;

        // An image alone must fit too, whatever the batch.
        var image = size * g.InChannels * g.Input.D * g.Input.H * g.Input.W;
        var outputImage = size * g.OutChannels * g.Output.D * g.Output.H * g.Output.W;
        if (x.Overflowed || image.Overflowed)
        {
            message.Add("input: the bytes of x (batch * in_channels * input) do not fit 63 bits"u8);
            return Fault.Overflow;
        }

        if (y.Overflowed || outputImage.Overflowed)
        {
            message.Add("out_channels: the bytes of y (batch * out_channels * output) do not fit 63 bits"u8);
            return Fault.Overflow;
        }

        if (w.Overflowed)
        {
            message.Add("kernel: the bytes of w (in_channels / groups * out_channels * kernel) do not fit 63 bits"u8);
            return Fault.Overflow;
        }

        return Fault.None;
    }

    private static Fault Support(in ConvDescriptor d, in ConvGeometry geometry, ref Message message)
    {
        if (d.Element is ElementType.Float16 or ElementType.BFloat16)
        {
            return Refuse(ref message, "dtype"u8, (int)d.Element, "f16 and bf16 are not in this version"u8, Fault.Unsupported);
        }

        if (d.WeightElement != 0 && d.WeightElement != geometry.Element)
        {
            return Refuse(ref message, "w_dtype"u8, (int)d.WeightElement, "weights of another type than dtype are not in this version"u8, Fault.Unsupported);
        }

        if (d.Layout == TensorLayout.ChannelsLast)
        {
            return Refuse(ref message, "layout"u8, (int)d.Layout, "channels last is not in this version"u8, Fault.Unsupported);
        }

        return DescriptorStrides.Support(d, geometry, ref message);
    }

    private static Fault Refuse(ref Message message, scoped ReadOnlySpan<byte> field, long value, scoped ReadOnlySpan<byte> expected, Fault fault = Fault.Argument)
    {
        message.AddField(field, value, expected);
        return fault;
    }

    private static Fault Refuse(ref Message message, scoped ReadOnlySpan<byte> field, double value, scoped ReadOnlySpan<byte> expected, double? bound = null)
    {
        message.AddField(field, value, expected);
        if (bound is { } number)
        {
            message.Add(number);
        }

        return Fault.Argument;
    }

    private static Fault RefuseAxis(ref Message message, scoped ReadOnlySpan<byte> field, int axis, long value, scoped ReadOnlySpan<byte> expected, Fault fault)
    {
        message.AddField(field, axis, value, expected);
        return fault;
    }
}
