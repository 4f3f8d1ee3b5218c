using System.Runtime.CompilerServices;

namespace NativeConv;

/// <summary>One number for each spatial axis, outermost first; entries at and beyond the rank must be 0.</summary>
[InlineArray(3)]
public struct SpatialArray
{
    private long first;
}

/// <summary>Distances in elements along N, C and the spatial axes; all zero means dense.</summary>
[InlineArray(5)]
public struct StrideArray
{
    private long first;
}

/// <summary>
/// A convolution as its user says it. Zero means the default where a member says so; members that the rank, the kind or the activation does not use must be zero.
/// Tensors are x, dx (batch, in_channels, input...), y, dy (batch, out_channels, output...), w, dw: conv (out_channels, in_channels / groups, kernel...),
/// deconv (in_channels, out_channels / groups, kernel...), bias, db (out_channels).
/// </summary>
public struct ConvDescriptor
{
    /// <summary>Convolution or its adjoint.</summary>
    public ConvKind Kind;

    /// <summary>Spatial axes, 1..3.</summary>
    public int Rank;

    /// <summary>Type of x, y, dx, dy; 0 means <see cref="ElementType.Float32"/>.</summary>
    public ElementType Element;

    /// <summary>Type of w, bias, dw, db; 0 means <see cref="Element"/>.</summary>
    public ElementType WeightElement;

    /// <summary>Axis order of x, y, dx, dy.</summary>
    public TensorLayout Layout;

    /// <summary>What forward applies last.</summary>
    public Activation Activation;

    /// <summary>What the backward passes put in the place of the activation's derivative.</summary>
    public GradientRule GradientRule;

    /// <summary>Which algorithms may run.</summary>
    public AlgorithmChoice Algorithm;

    /// <summary>The activation's alpha; no default.</summary>
    public double ActivationAlpha;

    /// <summary>The activation's beta; no default.</summary>
    public double ActivationBeta;

    /// <summary>Bytes of workspace that one thread may need; 0 means no limit.</summary>
    public long WorkspaceLimit;

    /// <summary>Images, &gt;= 0.</summary>
    public long Batch;

    /// <summary>Channels of x.</summary>
    public long InChannels;

    /// <summary>Channels of y.</summary>
    public long OutChannels;

    /// <summary>Contiguous blocks of channels, block g of x feeding block g of y; 0 means 1.</summary>
    public long Groups;

    /// <summary>Spatial size of x.</summary>
    public SpatialArray Input;

    /// <summary>Spatial size of the kernel.</summary>
    public SpatialArray Kernel;

    /// <summary>Steps of the window; 0 means 1.</summary>
    public SpatialArray Stride;

    /// <summary>Distances between the kernel's taps; 0 means 1, dense.</summary>
    public SpatialArray Dilation;

    /// <summary>Zeros before the input (conv), rows dropped from the output (deconv); negative the other way.</summary>
    public SpatialArray PadBegin;

    /// <summary>The same after the end.</summary>
    public SpatialArray PadEnd;

    /// <summary>Deconv: rows added after the output's end, &gt;= 0.</summary>
    public SpatialArray OutputPadding;

    /// <summary>Strides of x.</summary>
    public StrideArray XStrides;

    /// <summary>Strides of y.</summary>
    public StrideArray YStrides;

    /// <summary>Strides of dx.</summary>
    public StrideArray DxStrides;

    /// <summary>Strides of dy.</summary>
    public StrideArray DyStrides;
}
