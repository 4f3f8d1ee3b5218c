using NativeConv.Problem;

namespace NativeConv.Native;

/// <summary>nc_conv_desc into the engine's descriptor.</summary>
internal static unsafe class DescriptorReader
{
    /// <summary>sizeof(nc_conv_desc) in version 1 of the ABI.</summary>
    public const uint VersionOneSize = 424;

    /// <summary>Copies the struct; the engine's own check comes after.</summary>
    public static int TryRead(NcConvDesc* desc, out ConvDescriptor descriptor, ref Message message)
    {
        descriptor = default;
        var status = StructReader.TryRead(desc, VersionOneSize, "desc"u8, out var copy, ref message);
        if (status != NcStatus.Ok)
        {
            return status;
        }

        if (copy.Flags != 0)
        {
            message.AddField("flags"u8, copy.Flags, "expected 0"u8);
            return NcStatus.InvalidArgument;
        }

        descriptor = new ConvDescriptor
        {
            Kind = (ConvKind)copy.Kind,
            Rank = copy.Rank,
            Element = (ElementType)copy.Dtype,
            WeightElement = (ElementType)copy.WDtype,
            Layout = (TensorLayout)copy.Layout,
            Activation = (Activation)copy.Activation,
            GradientRule = (GradientRule)copy.GradientRule,
            Algorithm = (AlgorithmChoice)copy.Algorithm,
            ActivationAlpha = copy.ActivationAlpha,
            ActivationBeta = copy.ActivationBeta,
            WorkspaceLimit = copy.WorkspaceLimit,
            Batch = copy.Batch,
            InChannels = copy.InChannels,
            OutChannels = copy.OutChannels,
            Groups = copy.Groups,
            Input = *(SpatialArray*)copy.Input,
            Kernel = *(SpatialArray*)copy.Kernel,
            Stride = *(SpatialArray*)copy.Stride,
            Dilation = *(SpatialArray*)copy.Dilation,
            PadBegin = *(SpatialArray*)copy.PadBegin,
            PadEnd = *(SpatialArray*)copy.PadEnd,
            OutputPadding = *(SpatialArray*)copy.OutputPadding,
            XStrides = *(StrideArray*)copy.XStrides,
            YStrides = *(StrideArray*)copy.YStrides,
            DxStrides = *(StrideArray*)copy.DXStrides,
            DyStrides = *(StrideArray*)copy.DYStrides,
        };
        return NcStatus.Ok;
    }

    /// <summary>Reads and checks everything.</summary>
    public static int TryRead(NcConvDesc* desc, out ConvGeometry geometry, ref Message message)
    {
        geometry = default;
        var status = TryRead(desc, out ConvDescriptor descriptor, ref message);
        return status != NcStatus.Ok ? status : Status(DescriptorCheck.Run(descriptor, out geometry, ref message));
    }

    /// <summary>The status of a descriptor that the engine refused.</summary>
    public static int Status(Fault fault) => fault switch
    {
        Fault.None => NcStatus.Ok,
        Fault.Argument => NcStatus.InvalidArgument,
        Fault.Shape => NcStatus.InvalidShape,
        Fault.Overflow => NcStatus.Overflow,
        Fault.OutOfMemory => NcStatus.OutOfMemory,
        _ => NcStatus.Unsupported,
    };
}
