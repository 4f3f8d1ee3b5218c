namespace NativeConv.Bench.Shapes;

/// <summary>One spatial axis of a layer, in the terms of nativeconv.h: dilation 1 is dense.</summary>
/// <param name="Input">pixels of x</param>
/// <param name="Output">pixels of y</param>
/// <param name="Kernel">taps</param>
/// <param name="Stride">steps of the window</param>
/// <param name="Dilation">pixels from tap to tap</param>
/// <param name="PadBegin">padding before</param>
/// <param name="PadEnd">padding after</param>
/// <param name="OutputPadding">deconv: pixels added after y</param>
public readonly record struct ShapeAxis(long Input, long Output, long Kernel, long Stride, long Dilation, long PadBegin, long PadEnd, long OutputPadding)
{
    /// <summary>An axis from what a line says: either of output and first padding may be missing.</summary>
    /// <remarks>
    /// Where both are given, the padding after follows. Several of them may give the same output; the one that equals the padding before is taken if it is among them.
    /// </remarks>
    public static ShapeAxis From(ConvKind kind, long input, long? output, long kernel, long stride, long dilation, long? pad)
    {
        // The window's extent; the pixels that n windows reach; which of the two images is read by windows, and which has one pixel for each.
        var extent = ((kernel - 1) * dilation) + 1;
        var isConv = kind == ConvKind.Conv;
        if (output is not { } known)
        {
            var both = pad ?? 0;
            var size = isConv
                ? FloorDivide(input + (2 * both) - extent, stride) + 1
                : (stride * (input - 1)) + extent - (2 * both);
            return new ShapeAxis(input, size, kernel, stride, dilation, both, both, 0);
        }

        var (fine, coarse) = isConv ? (input, known) : (known, input);
        var padded = (stride * (coarse - 1)) + extent;
        var begin = pad ?? FloorDivide(padded - fine, 2);

        // Conv: the least padding after; up to stride - 1 more are never read. Deconv: padding after less output_padding.
        var end = padded - fine - begin;
        if (isConv)
        {
            return new ShapeAxis(input, known, kernel, stride, dilation, begin, end <= begin && begin < end + stride ? begin : end, 0);
        }

        return end <= begin
            ? new ShapeAxis(input, known, kernel, stride, dilation, begin, begin, begin - end)
            : new ShapeAxis(input, known, kernel, stride, dilation, begin, end, 0);
    }

    private static long FloorDivide(long value, long divisor) => (value - ((value % divisor) + divisor) % divisor) / divisor;
}
