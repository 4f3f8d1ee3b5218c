namespace NativeConv.Problem;

/// <summary>The strides of a descriptor: all zero, or those of a view. Only dense views run in this version.</summary>
internal static class DescriptorStrides
{
    private const int Tensors = 4;
    private const int StrideCount = 5;

    /// <summary>Whether every given view is legal.</summary>
    public static Fault Check(in ConvDescriptor d, in ConvGeometry geometry, ref Message message)
    {
        for (var tensor = 0; tensor < Tensors; tensor++)
        {
            var view = View(d, geometry, tensor);
            var fault = Check(view, d.Rank + 2, ref message);
            if (fault != Fault.None)
            {
                return fault;
            }
        }

        return Fault.None;
    }

    /// <summary>Whether every given view is the dense one.</summary>
    public static Fault Support(in ConvDescriptor d, in ConvGeometry geometry, ref Message message)
    {
        for (var tensor = 0; tensor < Tensors; tensor++)
        {
            var view = View(d, geometry, tensor);
            if (!IsDefault(view.Strides) && !IsDense(view, d.Rank + 2))
            {
                message.Add(view.Field);
                message.Add(": views that are not dense are not in this version"u8);
                return Fault.Unsupported;
            }
        }

        return Fault.None;
    }

    private static TensorView View(in ConvDescriptor d, in ConvGeometry geometry, int tensor) => tensor switch
    {
        0 => new(tensor, d.XStrides, geometry, geometry.InChannels, geometry.Input),
        1 => new(tensor, d.YStrides, geometry, geometry.OutChannels, geometry.Output),
        2 => new(tensor, d.DxStrides, geometry, geometry.InChannels, geometry.Input),
        _ => new(tensor, d.DyStrides, geometry, geometry.OutChannels, geometry.Output),
    };

    private static Fault Check(in TensorView view, int dimensions, ref Message message)
    {
        if (IsDefault(view.Strides))
        {
            return Fault.None;
        }

        for (var i = dimensions; i < StrideCount; i++)
        {
            if (view.Strides[i] != 0)
            {
                message.AddField(view.Field, i, view.Strides[i], "rank does not use it: expected 0"u8);
                return Fault.Argument;
            }
        }

        CheckedSize extent = 1;
        for (var i = 0; i < dimensions; i++)
        {
            if (view.Strides[i] < 1)
            {
                message.AddField(view.Field, i, view.Strides[i], "expected >= 1, or every stride 0 for a dense tensor"u8);
                return Fault.Shape;
            }

            extent += (CheckedSize)view.Strides[i] * Math.Max(0, view.Shape(i, dimensions) - 1);
        }

        if ((extent * view.ElementSize).Overflowed)
        {
            message.Add(view.Field);
            message.Add(": the bytes that the view spans do not fit 63 bits"u8);
            return Fault.Overflow;
        }

        return Fault.None;
    }

    private static bool IsDefault(in StrideArray strides)
    {
        for (var i = 0; i < StrideCount; i++)
        {
            if (strides[i] != 0)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsDense(in TensorView view, int dimensions)
    {
        var expected = 1L;
        for (var i = dimensions - 1; i >= 0; i--)
        {
            if (view.Strides[i] != expected)
            {
                return false;
            }

            expected *= view.Shape(i, dimensions);
        }

        return true;
    }

    private readonly struct TensorView(int tensor, StrideArray strides, ConvGeometry geometry, long channels, Axes sizes)
    {
        private readonly long batch = geometry.Batch;

        public ReadOnlySpan<byte> Field => tensor switch
        {
            0 => "x_strides"u8,
            1 => "y_strides"u8,
            2 => "dx_strides"u8,
            _ => "dy_strides"u8,
        };

        public StrideArray Strides { get; } = strides;

        public int ElementSize { get; } = geometry.ElementSize;

        /// <summary>N, C, then the spatial sizes.</summary>
        public long Shape(int i, int dimensions) => i switch
        {
            0 => batch,
            1 => channels,
            _ => sizes[Axes.Count - dimensions + i],
        };
    }
}
