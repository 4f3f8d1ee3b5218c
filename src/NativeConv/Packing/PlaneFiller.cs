using NativeConv.Kernels.Moves;
using NativeConv.Problem;

namespace NativeConv.Packing;

/// <summary>Copies one channel of an image, or those that alternate, into its planes. Every element of the planes is written: padding is zero.</summary>
internal static unsafe class PlaneFiller<T>
    where T : unmanaged
{
    // How far ahead rows are asked for, at least: better than two rows or 2 KB where rows are short (docs/decisions/0005).
    private const int LeadBytes = 4096;

    /// <summary>Elements of the buffer that it needs.</summary>
    public static CheckedSize Buffer(in PlaneLayout layout) =>
        (CheckedSize)layout.Source.W + (layout.Lanes > 1 ? (CheckedSize)layout.Lanes * layout.W.Count * layout.Size.W : 0);

    /// <param name="layout">where pixels go; no images alternate</param>
    /// <param name="channel">what is copied: a channel, dense; those that alternate with it follow</param>
    /// <param name="planes">the channel's first plane</param>
    /// <param name="buffer">of <see cref="Buffer"/> elements</param>
    public static void Fill(PlaneLayout* layout, in ChannelReader<T> channel, T* planes, T* buffer) => Fill(layout, channel, imageStride: 0, images: 1, planes, buffer);

    /// <param name="layout">where pixels go</param>
    /// <param name="channel">what is copied: a channel, dense, of the first image; those that alternate with it follow</param>
    /// <param name="imageStride">elements to the next image's</param>
    /// <param name="images">images</param>
    /// <param name="planes">the channel's first plane</param>
    /// <param name="buffer">of <see cref="Buffer"/> elements</param>
    public static void Fill(PlaneLayout* layout, in ChannelReader<T> channel, long imageStride, long images, T* planes, T* buffer)
    {
        var d = layout->D;
        var h = layout->H;
        var w = layout->W;
        for (long phaseD = 0; phaseD < d.Count; phaseD++)
        {
            var firstZ = d.Residue(phaseD) - layout->Lead.D;
            for (long phaseH = 0; phaseH < h.Count; phaseH++)
            {
                var firstY = h.Residue(phaseH) - layout->Lead.H;
                var first = planes + (((phaseD * h.Count) + phaseH) * w.Count * layout->PlaneStride);
                for (long z = 0; z < layout->Size.D; z++)
                {
                    var sourceZ = (z * layout->Step.D) + firstZ;
                    for (long y = 0; y < layout->Size.H; y++)
                    {
                        var sourceY = (y * layout->Step.H) + firstY;
                        var inside = (ulong)sourceZ < (ulong)layout->Source.D && (ulong)sourceY < (ulong)layout->Source.H;
                        var at = first + (z * layout->Strides.D) + (y * layout->Strides.H);
                        var source = inside ? channel.Row((sourceZ * layout->Source.H) + sourceY, layout->Source.W) : default;
                        if (layout->Lanes == 1)
                        {
                            if (inside) Ahead.Fetch(source.Data + Math.Max(2 * layout->Source.W, LeadBytes / sizeof(T)), layout->Source.W * sizeof(T));
                            FillRows(layout, source, at, layout->PlaneStride, buffer);
                        }
                        else
                        {
                            Alternate(layout, source, imageStride, images, at, buffer);
                        }
                    }
                }

                for (long phaseW = 0; phaseW < w.Count; phaseW++)
                {
                    var rows = layout->Strides.D * layout->Size.D;
                    Elements<T>.Clear(first + (phaseW * layout->PlaneStride) + rows, layout->PlaneStride - rows);
                }
            }
        }
    }

    /// <summary>The same row of some images and channels, number by number in turn.</summary>
    private static void Alternate(PlaneLayout* layout, in ChannelReader<T> source, long imageStride, long images, T* at, T* buffer)
    {
        var pitch = layout->Size.W;
        if (source.Data == null)
        {
            for (long phase = 0; phase < layout->W.Count; phase++)
            {
                Elements<T>.Clear(at + (phase * layout->PlaneStride), pitch * layout->Lanes);
            }

            return;
        }

        // Of one channel, or two, of each image more numbers are turned at once by way of a buffer.
        if ((layout->Images == 1 || layout->Channels == Interleaving<T>.MostRows) && layout->Step.W == 1 && layout->W.Count == 1 && source.Delta == null)
        {
            var (first, end) = layout->FirstColumns;
            Elements<T>.Clear(at, first * layout->Lanes);
            at += first * layout->Lanes;
            var pixels = source.Data + first - layout->Lead.W;
            if (layout->Channels > Interleaving<T>.MostRows)
            {
                Transposition<T>.RunFromFar(pixels, layout->Source.Product, at, layout->Lanes, layout->Lanes, end - first);
            }
            else
            {
                for (long image = 0; image < images; image++, pixels += imageStride)
                {
                    if (images > 1) AskForNextRow(layout, pixels, layout->Channels);
                    Interleaving<T>.Run(pixels, layout->Source.Product, (int)layout->Channels, at + (image * layout->Channels), layout->Lanes, end - first);
                }
            }

            Elements<T>.Clear(at + ((end - first) * layout->Lanes), (pitch - end) * layout->Lanes);
            return;
        }

        var rows = buffer + layout->Source.W;
        var ofLane = layout->W.Count * pitch;
        var lanes = images * layout->Channels;
        for (long lane = 0; lane < lanes; lane++)
        {
            var image = Math.DivRem(lane, layout->Channels, out var channel);
            var row = source.Skip((image * imageStride) + (channel * layout->Source.Product));
            AskForNextRow(layout, row.Data, channels: 1);
            FillRows(layout, row, rows + (lane * ofLane), pitch, buffer);
        }

        for (long phase = 0; phase < layout->W.Count; phase++)
        {
            Transposition<T>.Run(rows + (phase * pitch), ofLane, at + (phase * layout->PlaneStride), layout->Lanes, lanes, pitch);
        }
    }

    /// <summary>The next row of some channels: as many places as there are lanes, which no prefetcher follows.</summary>
    private static void AskForNextRow(PlaneLayout* layout, T* row, long channels)
    {
        for (var next = row + layout->Source.W; channels > 0; channels--, next += layout->Source.Product)
        {
            Ahead.Fetch(next, layout->Source.W * sizeof(T));
        }
    }

    /// <summary>One source row into the rows of all residues of the W axis, so many elements apart; <paramref name="source"/> without data means zeros.</summary>
    private static void FillRows(PlaneLayout* layout, in ChannelReader<T> source, T* at, long phaseStride, T* row)
    {
        var pitch = layout->Size.W;
        if (source.Data == null)
        {
            for (long phase = 0; phase < layout->W.Count; phase++)
            {
                Elements<T>.Clear(at + (phase * phaseStride), pitch);
            }

            return;
        }

        if (layout->Step.W == 1 && layout->W.Count == 1)
        {
            var (first, end) = layout->FirstColumns;
            Elements<T>.Clear(at, first);
            source.Read(first - layout->Lead.W, end - first, at + first);
            Elements<T>.Clear(at + end, pitch - end);
            return;
        }

        var pixels = source.Data;
        if (source.Delta != null)
        {
            source.Read(0, layout->Source.W, row);
            pixels = row;
        }

        for (long phase = 0; phase < layout->W.Count; phase++, at += phaseStride)
        {
            var (first, end) = layout->ColumnsOf(phase, pitch);
            Elements<T>.Clear(at, first);
            var step = layout->Step.W;
            Elements<T>.CopyEvery(step, pixels + (first * step) + layout->W.Residue(phase) - layout->Lead.W, at + first, end - first);
            Elements<T>.Clear(at + end, pitch - end);
        }
    }
}
