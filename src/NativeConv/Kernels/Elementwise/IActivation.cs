namespace NativeConv.Kernels.Elementwise;

/// <summary>An activation, or a rule for gradients, on vectors. Formulas and ties: docs/design.md, Activations.</summary>
internal interface IActivation<TVec>
    where TVec : unmanaged
{
    /// <summary>h(a)</summary>
    static abstract TVec Forward(TVec a, TVec alpha, TVec beta);

    /// <summary>dy times h' at the point where h was y, by selection: an infinite or NaN dy is never multiplied by 0.</summary>
    static abstract TVec Backward(TVec dy, TVec y, TVec alpha, TVec beta);
}
