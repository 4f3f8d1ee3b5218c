namespace NativeConv;

/// <summary>Which of two adjoint operations a descriptor means.</summary>
public enum ConvKind
{
    /// <summary>Cross-correlation: every output is a sum over a window of the input.</summary>
    Conv = 0,

    /// <summary>Transposed convolution, the adjoint of <see cref="Conv"/>: every input is spread over a window of the output.</summary>
    Deconv = 1,
}

/// <summary>One of the three computations of a layer.</summary>
public enum ConvPass
{
    /// <summary>y from x and w.</summary>
    Forward = 0,

    /// <summary>dx from dy and w.</summary>
    BackwardData = 1,

    /// <summary>dw and db from x and dy.</summary>
    BackwardWeights = 2,
}

/// <summary>The type of the numbers in a tensor.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32 = 1,

    /// <summary>IEEE 754 binary64.</summary>
    Float64 = 2,

    /// <summary>IEEE 754 binary16, storage only.</summary>
    Float16 = 3,

    /// <summary>bfloat16, storage only.</summary>
    BFloat16 = 4,
}

/// <summary>Order of the axes of x, y, dx and dy.</summary>
public enum TensorLayout
{
    /// <summary>N, C, spatial axes.</summary>
    ChannelsFirst = 0,

    /// <summary>N, spatial axes, C.</summary>
    ChannelsLast = 1,
}

/// <summary>The function h that forward applies last.</summary>
public enum Activation
{
    /// <summary>a</summary>
    Identity = 0,

    /// <summary>a &lt;= 0 ? 0 : a</summary>
    Relu = 1,

    /// <summary>a &gt; 0 ? a : alpha * a, alpha &gt; 0</summary>
    LeakyRelu = 2,

    /// <summary>min(max(a, alpha), beta), alpha &lt; beta</summary>
    Clip = 3,

    /// <summary>1 / (1 + exp(-a))</summary>
    Sigmoid = 4,

    /// <summary>tanh(a)</summary>
    Tanh = 5,

    /// <summary>a &gt; 0 ? a : alpha * (exp(a) - 1), alpha &gt; 0</summary>
    Elu = 6,
}

/// <summary>What the backward passes put in the place of h'.</summary>
public enum GradientRule
{
    /// <summary>The derivative: dy * h'(a).</summary>
    Backprop = 0,

    /// <summary>Positive gradients pass, whatever the activation was: dy &lt;= 0 ? 0 : dy. Needs <see cref="Activation.Relu"/>.</summary>
    Deconvnet = 1,

    /// <summary>Both conditions of the other two. Needs <see cref="Activation.Relu"/>.</summary>
    Guided = 2,
}

/// <summary>Which algorithms a plan may choose.</summary>
public enum AlgorithmChoice
{
    /// <summary>Any.</summary>
    Auto = 0,

    /// <summary>Sums of products only.</summary>
    Direct = 1,
}
