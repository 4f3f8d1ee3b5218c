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

    /// <summary>From the first to behind the last tap along an axis that reads a pixel of the source, for result pixels at a position; equal: none does.</summary>
    public readonly (long First, long End) Along(int axis, long pixel)
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
        end = Math.Min(end, Taps[axis]);
        return (Math.Min(first, end), end);
    }

    /// <summary>Behind the last of the pixels up to <paramref name="end"/> that follow <paramref name="pixel"/> and are reached by the same taps.</summary>
    public readonly long EndOfAlike(int axis, long pixel, long end)
    {
        // Both ends of what reaches a pixel move one way only: alike pixels follow each other.
        var reach = Along(axis, pixel);
        while (end - pixel > 1)
        {
            var middle = pixel + ((end - pixel) / 2);
            if (Along(axis, middle) == reach)
            {
                pixel = middle;
            }
            else
            {
                end = middle;
            }
        }

        return end;
    }

    /// <summary>The same seen from taps: which of so many result pixels each reads the source for. A tap's number is where this takes a pixel's.</summary>
    public readonly TapReach FromTaps(Axes number) => new() { Source = Source, Origin = Origin, PixelStep = TapStep, TapStep = PixelStep, Taps = number };

    /// <summary>The part of the products of so many result pixels that read the source.</summary>
    public readonly double PartOf(Axes number)
    {
        var pixels = FromTaps(number);
        double part = 1;
        for (var axis = 0; axis < Axes.Count; axis++)
        {
            double read = 0;
            for (long tap = 0; tap < Taps[axis]; tap++)
            {
                var (first, end) = pixels.Along(axis, tap);
                read += end - first;
            }

            part *= read / Math.Max(1, Taps[axis] * number[axis]);
        }

        return part;
    }
}
