using NativeConv.Problem;

namespace NativeConv.Packing;

/// <summary>
/// Which taps of a set read pixels of the source, not padding: for result pixel p, tap t reads source pixel <c>origin + pixelStep * p + tapStep * t</c> along each axis.
/// </summary>
internal struct TapReach
{
    public Axes Source;
    public Axes Origin;
    public Axes PixelStep;

    /// <summary>Negative where later taps read earlier pixels.</summary>
    public Axes TapStep;

    public Axes Taps;

    /// <summary>From the first to behind the last tap, in raster order, that reads a pixel of the source; equal: none does.</summary>
    public readonly (long First, long End) Of(Axes pixel)
    {
        var (firstD, endD) = Along(0, pixel.D);
        var (firstH, endH) = Along(1, pixel.H);
        var (firstW, endW) = Along(2, pixel.W);
        return firstD >= endD || firstH >= endH || firstW >= endW
            ? (0, 0)
            : ((((firstD * Taps.H) + firstH) * Taps.W) + firstW, ((((endD - 1) * Taps.H) + endH - 1) * Taps.W) + endW);
    }

    /// <summary>The taps of both.</summary>
    public static (long First, long End) Union((long First, long End) a, (long First, long End) b) =>
        a.First >= a.End ? b : b.First >= b.End ? a : (Math.Min(a.First, b.First), Math.Max(a.End, b.End));

    private readonly (long First, long End) Along(int axis, long pixel)
    {
        var origin = Origin[axis] + (PixelStep[axis] * pixel);
        var (last, step) = (Source[axis] - 1, TapStep[axis]);

        // Seen from the other end of the axis the same taps go forward.
        if (step < 0)
        {
            (origin, step) = (last - origin, -step);
        }

        var first = origin >= 0 ? 0 : step == 1 ? -origin : (step - 1 - origin) / step;
        var end = origin > last ? 0 : step == 1 ? last - origin + 1 : ((last - origin) / step) + 1;
        return (first, Math.Min(end, Taps[axis]));
    }
}
