using System.Runtime.InteropServices;

namespace NativeConv.Tests.Published;

/// <summary>nc_conv_desc as a .NET program would declare it, from the header alone.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NcConvDesc
{
    public uint StructSize;
    public int Kind;
    public int Rank;
    public int Dtype;
    public int WDtype;
    public int Layout;
    public int Activation;
    public int GradientRule;
    public int Algorithm;
    public uint Flags;
    public double ActivationAlpha;
    public double ActivationBeta;
    public long WorkspaceLimit;
    public long Batch;
    public long InChannels;
    public long OutChannels;
    public long Groups;
    public SpatialArray Input;
    public SpatialArray Kernel;
    public SpatialArray Stride;
    public SpatialArray Dilation;
    public SpatialArray PadBegin;
    public SpatialArray PadEnd;
    public SpatialArray OutputPadding;
    public StrideArray XStrides;
    public StrideArray YStrides;
    public StrideArray DxStrides;
    public StrideArray DyStrides;

    public static unsafe NcConvDesc Of(in ConvDescriptor d) => new()
    {
        StructSize = (uint)sizeof(NcConvDesc),
        Kind = (int)d.Kind,
        Rank = d.Rank,
        Dtype = (int)d.Element,
        WDtype = (int)d.WeightElement,
        Layout = (int)d.Layout,
        Activation = (int)d.Activation,
        GradientRule = (int)d.GradientRule,
        Algorithm = (int)d.Algorithm,
        ActivationAlpha = d.ActivationAlpha,
        ActivationBeta = d.ActivationBeta,
        WorkspaceLimit = d.WorkspaceLimit,
        Batch = d.Batch,
        InChannels = d.InChannels,
        OutChannels = d.OutChannels,
        Groups = d.Groups,
        Input = d.Input,
        Kernel = d.Kernel,
        Stride = d.Stride,
        Dilation = d.Dilation,
        PadBegin = d.PadBegin,
        PadEnd = d.PadEnd,
        OutputPadding = d.OutputPadding,
        XStrides = d.XStrides,
        YStrides = d.YStrides,
        DxStrides = d.DxStrides,
        DyStrides = d.DyStrides,
    };
}
