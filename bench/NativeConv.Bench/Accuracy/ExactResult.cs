using System.Numerics;

namespace NativeConv.Bench.Accuracy;

/// <summary>Single results of a layer by their definition: for sums so long, and results so many, that only some can be judged.</summary>
/// <remarks>
/// A layer has a fine image, which windows lie on, and a coarse one, with a pixel for each window: <c>fine = stride * coarse + dilation * tap - pad</c>. x is the fine one in
/// a convolution, y in a deconvolution; weights are w[coarse channel][fine channel of the group][tap] in both.
/// </remarks>
internal sealed class ExactResult<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Axes = 3;

    private readonly bool conv;
    private readonly long batch;
    private readonly long groups;
    private readonly long fineChannels;
    private readonly long coarseChannels;
    private readonly long[] fine = [1, 1, 1];
    private readonly long[] coarse = [1, 1, 1];
    private readonly long[] kernel = [1, 1, 1];
    private readonly long[] stride = [1, 1, 1];
    private readonly long[] dilation = [1, 1, 1];
    private readonly long[] pad = [0, 0, 0];

    public ExactResult(in ConvDescriptor d, SpatialArray outputShape)
    {
        conv = d.Kind == ConvKind.Conv;
        (batch, groups) = (d.Batch, Math.Max(1, d.Groups));
        (fineChannels, coarseChannels) = conv ? (d.InChannels / groups, d.OutChannels / groups) : (d.OutChannels / groups, d.InChannels / groups);
        for (var axis = 0; axis < d.Rank; axis++)
        {
            var to = Axes - d.Rank + axis;
            (fine[to], coarse[to]) = conv ? (d.Input[axis], outputShape[axis]) : (outputShape[axis], d.Input[axis]);
            (kernel[to], pad[to]) = (d.Kernel[axis], d.PadBegin[axis]);
            (stride[to], dilation[to]) = (Math.Max(1, d.Stride[axis]), Math.Max(1, d.Dilation[axis]));
        }
    }

    private enum Result
    {
        Fine,
        Coarse,
        Weights,
    }

    /// <summary>Result <paramref name="index"/> of a pass.</summary>
    /// <param name="pass">forward reads x and w, backward-data delta and w, backward-weights x and delta</param>
    /// <param name="index">which number of y, dx or dw</param>
    /// <param name="x">what forward reads</param>
    /// <param name="w">the weights</param>
    /// <param name="delta">gradient of y before the activation</param>
    /// <returns>the sum, the sum of magnitudes, and how many products they have</returns>
    public (double Value, double Scale, long Products) At(ConvPass pass, long index, T[] x, T[] w, T[] delta)
    {
        var result = pass == ConvPass.BackwardWeights ? Result.Weights : (pass == ConvPass.Forward) == conv ? Result.Coarse : Result.Fine;
        var (fineData, coarseData) = conv ? (x, delta) : (delta, x);
        var (value, low, scale, products) = (0.0, 0.0, 0.0, 0L);
        void Add(T a, T b)
        {
            var (one, other) = (double.CreateTruncating(a), double.CreateTruncating(b));
            CompensatedSum.Add(ref value, ref low, one, other);
            scale += Math.Abs(one * other);
            products++;
        }

        switch (result)
        {
            case Result.Coarse:
                {
                    var (channel, pixel) = (index / Product(coarse), Split(index % Product(coarse), coarse));
                    var (image, group) = (channel / (groups * coarseChannels), channel % (groups * coarseChannels) / coarseChannels);
                    for (long c = 0; c < fineChannels; c++)
                    {
                        var from = ((((image * groups) + group) * fineChannels) + c) * Product(fine);
                        var weights = ((channel % (groups * coarseChannels) * fineChannels) + c) * Product(kernel);
                        for (long tap = 0; tap < Product(kernel); tap++)
                        {
                            if (FinePixel(pixel, tap) is var at and >= 0) Add(w[weights + tap], fineData[from + at]);
                        }
                    }

                    break;
                }

            case Result.Fine:
                {
                    var (channel, pixel) = (index / Product(fine), Split(index % Product(fine), fine));
                    var (image, inGroup) = (channel / (groups * fineChannels), channel % fineChannels);
                    var group = channel % (groups * fineChannels) / fineChannels;
                    for (var c = group * coarseChannels; c < (group + 1) * coarseChannels; c++)
                    {
                        var from = ((image * groups * coarseChannels) + c) * Product(coarse);
                        var weights = ((c * fineChannels) + inGroup) * Product(kernel);
                        for (long tap = 0; tap < Product(kernel); tap++)
                        {
                            if (CoarsePixel(pixel, tap) is var at and >= 0) Add(w[weights + tap], coarseData[from + at]);
                        }
                    }

                    break;
                }

            default:
                {
                    var (tap, channels) = (index % Product(kernel), index / Product(kernel));
                    var (coarseChannel, inGroup) = (channels / fineChannels, channels % fineChannels);
                    var fineChannel = (coarseChannel / coarseChannels * fineChannels) + inGroup;
                    for (long image = 0; image < batch; image++)
                    {
                        var fromFine = ((image * groups * fineChannels) + fineChannel) * Product(fine);
                        var fromCoarse = ((image * groups * coarseChannels) + coarseChannel) * Product(coarse);
                        for (long pixel = 0; pixel < Product(coarse); pixel++)
                        {
                            if (FinePixel(Split(pixel, coarse), tap) is var at and >= 0) Add(fineData[fromFine + at], coarseData[fromCoarse + pixel]);
                        }
                    }

                    break;
                }
        }

        return (value + low, scale, products);
    }

    private static long Product(long[] sizes) => sizes[0] * sizes[1] * sizes[2];

    private static (long D, long H, long W) Split(long pixel, long[] size) => (pixel / (size[1] * size[2]), pixel / size[2] % size[1], pixel % size[2]);

    /// <summary>Where a tap of a window lies; -1: outside.</summary>
    private long FinePixel((long D, long H, long W) window, long tap)
    {
        var taps = Split(tap, kernel);
        var (d, h, w) = (Fine(0, window.D, taps.D), Fine(1, window.H, taps.H), Fine(2, window.W, taps.W));
        return d < 0 || h < 0 || w < 0 ? -1 : (((d * fine[1]) + h) * fine[2]) + w;
    }

    /// <summary>The window that has a fine pixel under a tap; -1: there is none.</summary>
    private long CoarsePixel((long D, long H, long W) pixel, long tap)
    {
        var taps = Split(tap, kernel);
        var (d, h, w) = (Coarse(0, pixel.D, taps.D), Coarse(1, pixel.H, taps.H), Coarse(2, pixel.W, taps.W));
        return d < 0 || h < 0 || w < 0 ? -1 : (((d * coarse[1]) + h) * coarse[2]) + w;
    }

    private long Fine(int axis, long window, long tap)
    {
        var at = (window * stride[axis]) + (tap * dilation[axis]) - pad[axis];
        return at < fine[axis] ? Math.Max(at, -1) : -1;
    }

    private long Coarse(int axis, long pixel, long tap)
    {
        var at = pixel + pad[axis] - (tap * dilation[axis]);
        return at >= 0 && at % stride[axis] == 0 && at / stride[axis] < coarse[axis] ? at / stride[axis] : -1;
    }
}
