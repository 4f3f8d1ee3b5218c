namespace NativeConv.Bench.Accuracy;

/// <summary>h in double precision.</summary>
internal sealed class ExactActivation(ConvDescriptor descriptor)
{
    private readonly double alpha = Rounded(descriptor, descriptor.ActivationAlpha);
    private readonly double beta = Rounded(descriptor, descriptor.ActivationBeta);

    /// <summary>How much h can enlarge an error of its argument.</summary>
    public double Slope => descriptor.Activation is Activation.LeakyRelu or Activation.Elu ? Math.Max(1, alpha) : 1;

    /// <summary>h(a)</summary>
    public double Of(double a) => descriptor.Activation switch
    {
        Activation.Relu => a <= 0 ? 0 : a,
        Activation.LeakyRelu => a > 0 ? a : alpha * a,
        Activation.Clip => Math.Min(Math.Max(a, alpha), beta),
        Activation.Sigmoid => a < 0 ? Math.Exp(a) / (1 + Math.Exp(a)) : 1 / (1 + Math.Exp(-a)),
        Activation.Tanh => Math.Tanh(a),
        Activation.Elu => a > 0 ? a : alpha * ExpMinusOne(a),
        _ => a,
    };

    // exp(a) - 1 without cancellation: tanh(a / 2) = (exp(a) - 1) / (exp(a) + 1).
    private static double ExpMinusOne(double a) => Math.Tanh(a / 2) * (Math.Exp(a) + 1);

    // As the element type holds it.
    private static double Rounded(in ConvDescriptor descriptor, double value) => descriptor.Element == ElementType.Float64 ? value : (float)value;
}
