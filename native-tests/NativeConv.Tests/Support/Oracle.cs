using System.Numerics;
using NativeConv.Bench.Accuracy;

namespace NativeConv.Tests.Support;

/// <summary>
/// The layer by its definition: every product of a pixel of x, a tap of w and a pixel of y is visited once and added to the one of the three that is asked for. It
/// shares no formula with the engine: no phases, no planes, no exchange of conv and deconv. Sums are as good as if added in twice the precision of a double, so
/// results in f64 can be judged too.
/// </summary>
internal sealed class Oracle
{
    private const int MostAxes = 3;

    private readonly ConvDescriptor descriptor;
    private readonly ExactActivation activation;
    private readonly long groups;
    private readonly long[] input = [1, 1, 1];
    private readonly long[] output = [1, 1, 1];
    private readonly long[] kernel = [1, 1, 1];
    private readonly long[] stride = [1, 1, 1];
    private readonly long[] dilation = [1, 1, 1];
    private readonly long[] pad = [0, 0, 0];

    public Oracle(in ConvDescriptor descriptor)
    {
        this.descriptor = descriptor;
        activation = new ExactActivation(descriptor);
        groups = Math.Max(1, descriptor.Groups);
        for (var axis = 0; axis < descriptor.Rank; axis++)
        {
            var to = MostAxes - descriptor.Rank + axis;
            input[to] = descriptor.Input[axis];
            kernel[to] = descriptor.Kernel[axis];
            stride[to] = Math.Max(1, descriptor.Stride[axis]);
            dilation[to] = Math.Max(1, descriptor.Dilation[axis]);
            pad[to] = descriptor.PadBegin[axis];
            var pads = descriptor.PadBegin[axis] + descriptor.PadEnd[axis];
            var extent = (dilation[to] * (kernel[to] - 1)) + 1;
            output[to] = descriptor.Kind == ConvKind.Conv
                ? ((input[to] + pads - extent) / stride[to]) + 1
                : (stride[to] * (input[to] - 1)) + extent - pads + descriptor.OutputPadding[axis];
        }
    }

    private enum Target
    {
        X,
        W,
        Y,
    }

    public long InputLength => descriptor.Batch * descriptor.InChannels * Product(input);

    public long OutputLength => descriptor.Batch * descriptor.OutChannels * Product(output);

    public long WeightLength => descriptor.InChannels * descriptor.OutChannels / groups * Product(kernel);

    /// <summary>Pixels of one channel of y.</summary>
    public long OutputPixels => Product(output);

    /// <summary>Size of y along a spatial axis.</summary>
    public long OutputSize(int axis) => output[MostAxes - descriptor.Rank + axis];

    /// <summary>What forward finishes into y: sums for each pixel of y.</summary>
    public Sums Forward(double[] x, double[] w) => Sum(Target.Y, x, w, []);

    /// <summary>Sums for each pixel of dx.</summary>
    public Sums BackwardData(double[] delta, double[] w) => Sum(Target.X, [], w, delta);

    /// <summary>Sums for each weight.</summary>
    public Sums WeightGradient(double[] x, double[] delta) => Sum(Target.W, x, [], delta);

    /// <summary>Sums for each channel of y.</summary>
    public Sums BiasGradient(double[] delta)
    {
        var sums = new Sums(descriptor.OutChannels);
        for (long i = 0; i < delta.Length; i++)
        {
            sums.Add(i / OutputPixels % descriptor.OutChannels, delta[i], 1);
        }

        sums.Finish();
        return sums;
    }

    /// <summary>h(a), with parameters as the element type holds them.</summary>
    public double Activate(double a) => activation.Of(a);

    /// <summary>How much h can enlarge an error of its argument.</summary>
    public double Slope => activation.Slope;

    /// <summary>dy h' as the rule says, in the arithmetic of the element type: the engine's must have these bits.</summary>
    public T[] Delta<T>(T[] dy, T[] y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var delta = new T[dy.Length];
        for (var i = 0; i < delta.Length; i++)
        {
            delta[i] = Delta(dy[i], y[i]);
        }

        return delta;
    }

    private T Delta<T>(T dy, T y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (alpha, beta) = (T.CreateChecked(descriptor.ActivationAlpha), T.CreateChecked(descriptor.ActivationBeta));
        return (descriptor.Activation, descriptor.GradientRule) switch
        {
            (Activation.Relu, GradientRule.Backprop) => y <= T.Zero ? T.Zero : dy,
            (Activation.Relu, GradientRule.Deconvnet) => dy <= T.Zero ? T.Zero : dy,
            (Activation.Relu, _) => dy <= T.Zero || y <= T.Zero ? T.Zero : dy,
            (Activation.LeakyRelu, _) => y > T.Zero ? dy : alpha * dy,
            (Activation.Clip, _) => alpha < y && y < beta ? dy : T.Zero,
            (Activation.Sigmoid, _) => dy * T.FusedMultiplyAdd(-y, y, y),
            (Activation.Tanh, _) => dy * T.FusedMultiplyAdd(-y, y, T.One),
            (Activation.Elu, _) => y > T.Zero ? dy : dy * (y + alpha),
            _ => dy,
        };
    }

    private static long Product(long[] sizes) => sizes[0] * sizes[1] * sizes[2];

    /// <summary>Visits the products. Conv: y[o] has w[j] x[o s - pad + j d]. Deconv: y[i s - pad + j d] has w[j] x[i].</summary>
    private Sums Sum(Target target, double[] x, double[] w, double[] y)
    {
        var sums = new Sums(target == Target.X ? InputLength : target == Target.W ? WeightLength : OutputLength);
        var conv = descriptor.Kind == ConvKind.Conv;
        var (inBlock, outBlock) = (descriptor.InChannels / groups, descriptor.OutChannels / groups);
        var steps = conv ? output : input;
        var reached = conv ? input : output;
        var at = new long[MostAxes];
        var step = new long[MostAxes];
        for (long image = 0; image < descriptor.Batch; image++)
        {
            for (long o = 0; o < descriptor.OutChannels; o++)
            {
                for (long i = 0; i < inBlock; i++)
                {
                    var channel = (o / outBlock * inBlock) + i;
                    var xChannel = ((image * descriptor.InChannels) + channel) * Product(input);
                    var yChannel = ((image * descriptor.OutChannels) + o) * Product(output);
                    var wKernel = (conv ? (o * inBlock) + i : (channel * outBlock) + (o % outBlock)) * Product(kernel);
                    for (long tap = 0; tap < Product(kernel); tap++)
                    {
                        for (step[0] = 0; step[0] < steps[0]; step[0]++)
                        {
                            at[0] = Reach(0, step[0], tap / (kernel[1] * kernel[2]));
                            for (step[1] = 0; step[1] < steps[1]; step[1]++)
                            {
                                at[1] = Reach(1, step[1], tap / kernel[2] % kernel[1]);
                                for (step[2] = 0; step[2] < steps[2]; step[2]++)
                                {
                                    at[2] = Reach(2, step[2], tap % kernel[2]);
                                    if (!Inside(at, reached))
                                    {
                                        continue;
                                    }

                                    var ofX = xChannel + Pixel(conv ? at : step, input);
                                    var ofY = yChannel + Pixel(conv ? step : at, output);
                                    var ofW = wKernel + tap;
                                    switch (target)
                                    {
                                        case Target.X:
                                            sums.Add(ofX, w[ofW], y[ofY]);
                                            break;
                                        case Target.W:
                                            sums.Add(ofW, x[ofX], y[ofY]);
                                            break;
                                        default:
                                            sums.Add(ofY, w[ofW], x[ofX]);
                                            break;
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }

        sums.Finish();
        return sums;
    }

    private long Reach(int axis, long step, long tap) => (step * stride[axis]) - pad[axis] + (tap * dilation[axis]);

    private static bool Inside(long[] at, long[] size) =>
        at[0] >= 0 && at[0] < size[0] && at[1] >= 0 && at[1] < size[1] && at[2] >= 0 && at[2] < size[2];

    private static long Pixel(long[] at, long[] size) => (((at[0] * size[1]) + at[1]) * size[2]) + at[2];

    /// <summary>Sums of products, and of their magnitudes: the scale of the error bound.</summary>
    internal sealed class Sums(long count)
    {
        private readonly double[] low = new double[count];

        public double[] Value { get; } = new double[count];

        public double[] Scale { get; } = new double[count];

        public void Add(long index, double a, double b)
        {
            CompensatedSum.Add(ref Value[index], ref low[index], a, b);
            Scale[index] += Math.Abs(a * b);
        }

        public void Finish()
        {
            for (long i = 0; i < low.Length; i++)
            {
                Value[i] += low[i];
                low[i] = 0;
            }
        }
    }
}
