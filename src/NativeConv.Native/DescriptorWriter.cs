using NativeConv.Problem;

namespace NativeConv.Native;

/// <summary>The calls that write a caller's struct from or for a descriptor.</summary>
internal static unsafe class DescriptorWriter
{
    // sizeof(nc_tensor) in version 1 of the ABI.
    private const uint TensorVersionOneSize = 104;

    /// <summary>nc_conv_desc_init.</summary>
    public static int Init(NcConvDesc* desc, nuint descSize, int kind, int rank, ref Message message)
    {
        if (desc == null)
        {
            return Validate.Null(ref message, "desc"u8);
        }

        if (descSize is < DescriptorReader.VersionOneSize or > StructReader.Largest)
        {
            message.AddField("desc_size"u8, (long)descSize, "expected sizeof(nc_conv_desc)"u8);
            return NcStatus.InvalidArgument;
        }

        if (kind is not (NcKind.Conv or NcKind.Deconv))
        {
            message.AddField("kind"u8, kind, "expected 0 (conv) or 1 (deconv)"u8);
            return NcStatus.InvalidArgument;
        }

        if (rank is < 1 or > Axes.Count)
        {
            message.AddField("rank"u8, rank, "expected 1, 2 or 3 spatial axes"u8);
            return NcStatus.InvalidArgument;
        }

        new Span<byte>(desc, (int)descSize).Clear();
        desc->StructSize = (uint)descSize;
        desc->Kind = kind;
        desc->Rank = rank;
        return NcStatus.Ok;
    }

    /// <summary>nc_describe_tensor.</summary>
    public static int DescribeTensor(NcConvDesc* desc, int tensor, NcTensor* info, ref Message message)
    {
        var status = DescriptorReader.TryRead(desc, out ConvGeometry geometry, ref message);
        if (status != NcStatus.Ok)
        {
            return status;
        }

        if (tensor is < NcTensorId.X or > NcTensorId.DY)
        {
            message.AddField("tensor"u8, tensor, "expected NC_X (0) to NC_DY (5)"u8);
            return NcStatus.InvalidArgument;
        }

        var description = new NcTensor();
        switch (tensor)
        {
            case NcTensorId.X or NcTensorId.DX:
                Describe(ref description, geometry, geometry.Batch, geometry.InChannels, geometry.Input);
                break;
            case NcTensorId.Y or NcTensorId.DY:
                Describe(ref description, geometry, geometry.Batch, geometry.OutChannels, geometry.Output);
                break;
            case NcTensorId.W when geometry.Kind == ConvKind.Conv:
                Describe(ref description, geometry, geometry.OutChannels, geometry.InChannels / geometry.Groups, geometry.Kernel);
                break;
            case NcTensorId.W:
                Describe(ref description, geometry, geometry.InChannels, geometry.OutChannels / geometry.Groups, geometry.Kernel);
                break;
            default:
                description.Ndim = 1;
                description.Shape[0] = geometry.OutChannels;
                description.Strides[0] = 1;
                description.Bytes = (ulong)(geometry.OutChannels * geometry.ElementSize);
                break;
        }

        return StructReader.TryWrite(info, TensorVersionOneSize, "info"u8, description, ref message);
    }

    /// <summary>A dense tensor of two outer sizes and the spatial ones; entries beyond its dimensions are 0.</summary>
    private static void Describe(ref NcTensor description, in ConvGeometry geometry, long first, long second, Axes sizes)
    {
        description.Ndim = geometry.Rank + 2;
        description.Shape[0] = first;
        description.Shape[1] = second;
        for (var axis = 0; axis < geometry.Rank; axis++)
        {
            description.Shape[2 + axis] = sizes[Axes.Count - geometry.Rank + axis];
        }

        var stride = 1L;
        for (var i = description.Ndim - 1; i >= 0; i--)
        {
            description.Strides[i] = stride;
            stride *= description.Shape[i];
        }

        description.Bytes = (ulong)stride * (ulong)geometry.ElementSize;
    }
}
