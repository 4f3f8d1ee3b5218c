using NativeConv.Problem;

namespace NativeConv.Packing;

/// <summary>How tiles see the source.</summary>
internal enum SourceForm
{
    /// <summary>Channels copied into zero-padded planes.</summary>
    Planes,

    /// <summary>The caller's own buffer.</summary>
    InPlace,

    /// <summary>One tap: the pixels that a tile reads, channel after channel, copied for each tile.</summary>
    Columns,

    /// <summary>One tap: the pixels of all tiles, copied once, those of a tile side by side.</summary>
    Tiles,
}

/// <summary>
/// Where the pixels of an image lie once each channel has been copied into zero-padded planes. Along an axis, coordinate c of the plane of residue r
/// holds source pixel <c>step * c + residue - lead</c>, or zero where there is none; a source that is read with a stride is split into one plane for
/// each residue that taps use, so that neighbours in a plane are neighbours in the sum. "The pixel one tap away" is then a constant offset, whatever the row.
/// </summary>
/// <remarks>
/// Rows have a pitch that may be smaller than their logical length: the zeros right of one row are the zeros left of the next. With the source at
/// [first, end) of a row of length L, coordinate c >= pitch of a row is coordinate c - pitch of the next, and both are zero if pitch >= end and pitch >= L - first.
/// </remarks>
internal struct PlaneLayout
{
    public SourceForm Form;
    public Axes Source;
    public Axes Step;
    public Axes Lead;
    public AxisPhases D;
    public AxisPhases H;
    public AxisPhases W;

    /// <summary>Rows of a plane along depth and height; W is the pitch.</summary>
    public Axes Size;

    /// <summary>Images whose numbers alternate: the same pixel of all of them lies side by side. 1: images lie one behind the other.</summary>
    public long Images;

    /// <summary>Channels whose numbers alternate, within those of images: a tile with pixels in rows then reads few cache lines, each of them whole.</summary>
    public long Channels;

    /// <summary>Elements between rows, D being slices: multiply by coordinates to get an offset.</summary>
    public Axes Strides;

    /// <summary>Coordinates from what one result pixel reads to what the next along each axis reads.</summary>
    public Axes PixelStep;

    /// <summary>Of the first residue of the W axis: coordinates [first, end) of a row that hold source pixels.</summary>
    public (long First, long End) FirstColumns;

    /// <summary>Elements from one plane, of all images and channels that alternate, to the next.</summary>
    public long PlaneStride;

    /// <summary>Elements of a channel: from one to the next, unless they alternate (<see cref="ChannelAt"/>).</summary>
    public long ChannelStride;

    /// <summary>Of <see cref="SourceForm.Tiles"/>: elements from one tile's pixels to the next's.</summary>
    public long TileStride;

    /// <param name="source">the image</param>
    /// <param name="step">source pixels from one plane coordinate to the next</param>
    /// <param name="lead">source pixels before the image that the planes begin with; negative: pixels of the image that they leave out</param>
    /// <param name="length">logical coordinates along each axis</param>
    /// <param name="phases">residues of each axis; <see cref="AxisPhases.Single"/> where the step is not split</param>
    /// <param name="minimumPitch">columns that a row must have of its own</param>
    /// <param name="alternating">images and channels whose numbers alternate</param>
    /// <param name="elementSize">bytes of an element</param>
    /// <param name="layout">the layout</param>
    /// <returns>whether the sizes fit 63 bits</returns>
    public static bool TryCreate(
        Axes source, Axes step, Axes lead, Axes length, (AxisPhases D, AxisPhases H, AxisPhases W) phases, long minimumPitch, (long Images, long Channels) alternating, int elementSize, out PlaneLayout layout)
    {
        layout = new PlaneLayout { Source = source, Step = step, PixelStep = new Axes(1, 1, 1), Lead = lead, D = phases.D, H = phases.H, W = phases.W, Images = alternating.Images, Channels = alternating.Channels };
        var pitch = Math.Max(1, minimumPitch);
        for (long phase = 0; phase < phases.W.Count; phase++)
        {
            var (first, end) = layout.ColumnsOf(phase, length.W);
            if (first < end)
            {
                pitch = Math.Max(pitch, Math.Max(end, length.W - first));
            }
        }

        layout.Size = new Axes(length.D, length.H, pitch);
        var lanes = layout.Lanes;
        var slice = (CheckedSize)pitch * length.H * lanes;

        // The last row is read to its logical end. Channels that alternate have equal parts.
        long unit = Alignment / elementSize;
        unit *= unit % alternating.Channels == 0 ? 1 : alternating.Channels;
        var plane = ((slice * length.D) + ((CheckedSize)Math.Max(0, length.W - pitch) * lanes)).RoundUp(unit);

        // Planes a multiple of a page apart would all fall into the same cache sets.
        plane += plane.Value * elementSize % Page == 0 ? unit : 0;
        var channels = plane * phases.D.Count * phases.H.Count * phases.W.Count;
        layout.Strides = new Axes(slice.Value, pitch * lanes, lanes);
        layout.PlaneStride = plane.Value;
        layout.FirstColumns = layout.ColumnsOf(0, pitch);
        layout.ChannelStride = channels.Value / layout.Channels;
        return !slice.Overflowed && !channels.Overflowed && !(channels * elementSize).Overflowed;
    }

    /// <summary>The image as the caller has it, for rows of points that nowhere leave it.</summary>
    /// <param name="source">the image</param>
    /// <param name="step">source pixels from one result pixel to the next</param>
    public static PlaneLayout InPlace(Axes source, Axes step)
    {
        return new PlaneLayout
        {
            Form = SourceForm.InPlace,
            Images = 1,
            Channels = 1,
            Source = source,
            Step = new Axes(1, 1, 1),
            PixelStep = step,
            Strides = new Axes(source.H * source.W, source.W, 1),
            ChannelStride = source.Product,
        };
    }

    /// <summary>Tiles of <paramref name="columns"/> result pixels, copied one by one.</summary>
    /// <param name="source">the image</param>
    /// <param name="step">source pixels from one result pixel to the next</param>
    /// <param name="columns">result pixels of the widest tile</param>
    public static PlaneLayout Columns(Axes source, Axes step, long columns) =>
        new() { Form = SourceForm.Columns, Images = 1, Channels = 1, Source = source, Step = step, ChannelStride = columns };

    /// <summary>Tiles with pixels in rows, their pixels copied for them.</summary>
    /// <param name="source">the image</param>
    /// <param name="step">source pixels from one result pixel to the next</param>
    /// <param name="rows">of a tile</param>
    /// <param name="channels">of a group</param>
    public static PlaneLayout Tiles(Axes source, Axes step, int rows, long channels) =>
        new() { Form = SourceForm.Tiles, Images = 1, Channels = 1, Source = source, Step = step, ChannelStride = rows, TileStride = rows * channels };

    /// <summary>Elements from what one result pixel reads to what the next along each axis reads.</summary>
    public readonly Axes Pixel => new(PixelStep.D * Strides.D, PixelStep.H * Strides.H, PixelStep.W * Strides.W);

    /// <summary>Numbers that lie side by side: the same pixel of all images and channels that alternate.</summary>
    public readonly long Lanes => Images * Channels;

    /// <summary>Elements before the first number of a channel.</summary>
    public readonly long ChannelAt(long channel) => ((channel - (channel % Channels)) * ChannelStride) + (channel % Channels);

    // A cache line, and the bytes after which addresses share their cache sets (48 KB, 12 ways: 64 sets of 64 bytes; so with 32 KB, 8 ways).
    private const int Alignment = 64;
    private const int Page = 4096;

    /// <summary>Coordinates [first, end) of a row that hold source pixels, for a residue of the W axis.</summary>
    public readonly (long First, long End) ColumnsOf(long phase, long length) => Valid(Source.W, Step.W, Lead.W, W.Residue(phase), length);

    /// <summary>Coordinates [first, end) along one axis that hold source pixels; both within the length, equal if there are none.</summary>
    public static (long First, long End) Valid(long source, long step, long lead, long residue, long length)
    {
        var first = Math.Clamp(CeilingDivide(lead - residue, step), 0, length);
        var end = Math.Clamp(CeilingDivide(source + lead - residue, step), first, length);
        return (first, end);
    }

    private static long CeilingDivide(long value, long divisor) => value > 0 ? ((value - 1) / divisor) + 1 : value / divisor;
}
