namespace NativeConv.Bench.Shapes;

/// <summary>Kinds of layers that the same kernels serve: what summaries are grouped by.</summary>
public static class Family
{
    /// <summary>The family of a shape.</summary>
    public static string Of(Shape shape)
    {
        if (shape.Kind == ConvKind.Deconv) return "deconv";
        if (shape.Groups > 1) return shape.Groups == shape.InChannels ? "depthwise" : "grouped";

        // Fewer channels than an AVX2 vector has lanes, and than a tile has rows.
        if (shape.InChannels < 8) return "first layer";

        var strided = false;
        var kernel = "";
        for (var i = 0; i < shape.Rank; i++)
        {
            strided |= shape[i].Stride > 1;
            kernel += (i > 0 ? "x" : "") + shape[i].Kernel;
        }

        return strided ? "strided" : kernel;
    }
}
