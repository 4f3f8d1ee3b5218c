#nullable enable

namespace NativeConv.Interop
{
    /// <summary>nc_status: what a call returns.</summary>
    public enum Status
    {
        Ok = 0,
        NullPointer = -1,
        InvalidArgument = -2,
        InvalidShape = -3,
        Overflow = -4,
        Unsupported = -5,
        Workspace = -6,
        Overlap = -7,
        OutOfMemory = -8,
        Parallel = -9,
        Internal = -99,
    }

    /// <summary>Convolution, or its adjoint.</summary>
    public enum Kind
    {
        Conv = 0,
        Deconv = 1,
    }

    /// <summary>Element types; the library computes with the first two.</summary>
    public enum DataType
    {
        F32 = 1,
        F64 = 2,
        F16 = 3,
        Bf16 = 4,
    }

    /// <summary>Axis order of x, y, dx, dy.</summary>
    public enum TensorLayout
    {
        ChannelsFirst = 0,
        ChannelsLast = 1,
    }

    /// <summary>What forward applies last; nativeconv.h has the formulas.</summary>
    public enum Activation
    {
        Identity = 0,
        Relu = 1,
        LeakyRelu = 2,
        Clip = 3,
        Sigmoid = 4,
        Tanh = 5,
        Elu = 6,
    }

    /// <summary>How backward passes a relu.</summary>
    public enum GradientRule
    {
        Backprop = 0,
        Deconvnet = 1,
        Guided = 2,
    }

    /// <summary>The passes of a layer.</summary>
    public enum Pass
    {
        Forward = 0,
        BackwardData = 1,
        BackwardWeights = 2,
    }

    /// <summary>Which algorithms may run.</summary>
    public enum Algorithm
    {
        Auto = 0,
        Direct = 1,
    }

    /// <summary>The tensors of a layer.</summary>
    public enum TensorName
    {
        X = 0,
        W = 1,
        Bias = 2,
        Y = 3,
        Dx = 4,
        Dy = 5,
    }
}
