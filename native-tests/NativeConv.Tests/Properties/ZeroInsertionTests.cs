using System.Numerics;
using NativeConv.Tests.Engine;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Properties;

/// <summary>
/// What output phases stand for: deconv is the convolution, at stride 1 with the flipped kernel, of the image with stride - 1 zeros between its pixels, padded by
/// d (k - 1) - pad_begin and d (k - 1) - pad_end + output_padding. The library inserts no zero; here they are inserted.
/// </summary>
public class ZeroInsertionTests
{
    [Fact]
    public void DeconvIsConvOfAnImageWithZerosBetween() => Property.Check(LayerGen.Linear, one =>
    {
        if (one.Descriptor.Element == ElementType.Float64) Check<double>(one);
        else Check<float>(one);
    });

    private static void Check<T>(LayerCase one)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // A convolution's backward-data is its adjoint's forward pass.
        var d = Small(one.Descriptor.Kind == ConvKind.Deconv ? one.Descriptor : Adjoint.Of(one.Descriptor));
        var wide = d;
        (wide.Kind, wide.InChannels, wide.OutChannels) = (ConvKind.Conv, d.InChannels, d.OutChannels);
        for (var axis = 0; axis < d.Rank; axis++)
        {
            var reach = d.Dilation[axis] * (d.Kernel[axis] - 1);
            wide.Input[axis] = (d.Stride[axis] * (d.Input[axis] - 1)) + 1;
            (wide.PadBegin[axis], wide.PadEnd[axis]) = (reach - d.PadBegin[axis], reach - d.PadEnd[axis] + d.OutputPadding[axis]);
            (wide.Stride[axis], wide.OutputPadding[axis]) = (1, 0);
        }

        using var plan = one.Plan(d);
        using var widePlan = one.Plan(wide);
        Assert.Equal(plan.OutputLength, widePlan.OutputLength);

        // Whole numbers: the same, whatever the order of summation.
        var whole = new Operands<T>(d, one.Seed, integers: true, bias: true);
        var (y, wideY) = (new T[plan.OutputLength], new T[plan.OutputLength]);
        plan.Forward<T>(whole.X, whole.W, whole.Bias, y);
        widePlan.Forward<T>(Spread(whole.X, d, wide), Flip(whole.W, d), whole.Bias, wideY);
        Outcome<T>.Same(wideY, y, "deconv, and conv of the image with zeros between");

        // Others: within the bound of exact sums, of the zeros too.
        var operands = new Operands<T>(d, one.Seed);
        var exact = new Oracle(wide).Forward(Truth<T>.Doubles(Spread(operands.X, d, wide)), Truth<T>.Doubles(Flip(operands.W, d)));
        plan.Forward<T>(operands.X, operands.W, [], y);
        for (var i = 0; i < y.Length; i++)
        {
            var error = Math.Abs(double.CreateChecked(y[i]) - exact.Value[i]);
            Assert.True(error <= 8 * Truth<T>.Rounding * exact.Scale[i], $"y[{i}] is {y[i]:R}, exactly {exact.Value[i]:R}");
        }
    }

    /// <summary>The image with zeros has the product of the strides as many pixels.</summary>
    private static ConvDescriptor Small(ConvDescriptor d)
    {
        for (var axis = 0; axis < d.Rank; axis++)
        {
            // Along one axis it only removes rows that no kernel reaches.
            var stride = Math.Min(d.Stride[axis], d.Rank == 3 ? 2 : 4);
            d.OutputPadding[axis] += (d.Stride[axis] - stride) * (d.Input[axis] - 1);
            d.Stride[axis] = stride;
            d.Input[axis] = Math.Min(d.Input[axis], d.Rank == 1 ? 100 : 12);
        }

        return d;
    }

    private static T[] Spread<T>(T[] x, in ConvDescriptor d, in ConvDescriptor wide)
    {
        long pixels = 1, widePixels = 1;
        for (var axis = 0; axis < d.Rank; axis++)
        {
            (pixels, widePixels) = (pixels * d.Input[axis], widePixels * wide.Input[axis]);
        }

        var spread = new T[d.Batch * d.InChannels * widePixels];
        for (long i = 0; i < x.Length; i++)
        {
            var (rest, at, step) = (i % pixels, 0L, 1L);
            for (var axis = d.Rank - 1; axis >= 0; axis--)
            {
                at += rest % d.Input[axis] * d.Stride[axis] * step;
                rest /= d.Input[axis];
                step *= wide.Input[axis];
            }

            spread[(i / pixels * widePixels) + at] = x[i];
        }

        return spread;
    }

    /// <summary>w[in channel][out channel of the group][tap] to w[out channel][in channel of the group][last tap - tap].</summary>
    private static T[] Flip<T>(T[] w, in ConvDescriptor d)
    {
        long taps = 1;
        for (var axis = 0; axis < d.Rank; axis++)
        {
            taps *= d.Kernel[axis];
        }

        var (ins, outs) = (d.InChannels / d.Groups, d.OutChannels / d.Groups);
        var flipped = new T[w.Length];
        for (long i = 0; i < w.Length; i++)
        {
            var (channel, o, tap) = (i / taps / outs, i / taps % outs, i % taps);
            var (group, c) = (channel / ins, channel % ins);
            flipped[((((group * outs) + o) * ins) + c) * taps + (taps - 1 - tap)] = w[i];
        }

        return flipped;
    }
}
