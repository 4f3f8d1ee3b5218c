using NativeConv.Kernels.Moves;
using NativeConv.Packing;

namespace NativeConv.Engine;

/// <summary>Bias, addend and activation for the sums of some channels and pixels, and these into the result.</summary>
internal static unsafe class TileFinisher<T>
    where T : unmanaged
{
    // Channels that are turned and finished before the next: lines of so many rows of a result stay in a first-level cache.
    private const long ChannelsAtOnce = 16;

    /// <param name="call">scalars, addend and result</param>
    /// <param name="tile">which pixels, and how many channels</param>
    /// <param name="image">of which image</param>
    /// <param name="channel">the first channel, all groups counted</param>
    /// <param name="sums">rows of channels; overwritten</param>
    /// <param name="bias">of channel 0, all groups counted; null: none, or the sums hold it</param>
    /// <param name="addend">a buffer as large</param>
    public static void Run(Call<T>* call, in ResultTile<T> tile, long image, long channel, T* sums, T* bias, T* addend)
    {
        var start = Start(call, tile, image, channel);
        var args = call->Finish;
        args.Bias = bias == null ? null : bias + channel;
        args.AddendPitch = tile.IsDense ? (nint)tile.Size.Product : (nint)tile.TilePitch;
        long next = 0;
        while (tile.NextRun(ref next, out var column, out var pixel, out var length))
        {
            var pixels = call->Result + start + pixel;
            var old = call->Addend == null ? null : call->Addend + start + pixel;
            if (tile.IsDense)
            {
                args.Addend = old;
                call->FinishRows(sums + column, (nint)tile.TilePitch, pixels, (nint)tile.Size.Product, (nint)tile.Channels, (nint)length, &args);
                continue;
            }

            if (old != null)
            {
                args.Addend = addend;
                tile.Gather(old, addend, length);
            }

            call->FinishRows(sums + column, (nint)tile.TilePitch, sums + column, (nint)tile.TilePitch, (nint)tile.Channels, (nint)length, &args);
            tile.Scatter(sums + column, pixels, length);
        }
    }

    /// <summary>The same for rows of pixels, which are turned: into the result itself and finished there, if its pixels lie side by side and it does not hold the addend.</summary>
    /// <param name="call">scalars, addend and result</param>
    /// <param name="tile">which pixels, and how many channels</param>
    /// <param name="image">of which image</param>
    /// <param name="channel">the first channel, all groups counted</param>
    /// <param name="sums">rows of pixels</param>
    /// <param name="pitch">from one row to the next</param>
    /// <param name="turned">a buffer for rows of channels</param>
    /// <param name="addend">a buffer as large</param>
    public static void RunTurned(Call<T>* call, in ResultTile<T> tile, long image, long channel, T* sums, long pitch, T* turned, T* addend)
    {
        if (!tile.IsDense || call->Addend == call->Result)
        {
            Transposition<T>.Run(sums, pitch, turned, tile.TilePitch, tile.Count, tile.Channels);
            Run(call, tile, image, channel, turned, call->Finish.Bias, addend);
            return;
        }

        var size = (nint)tile.Size.Product;
        var start = Start(call, tile, image, channel);
        var args = call->Finish;
        args.AddendPitch = size;
        var isFar = call->Pass->ResultsAreFar;
        var isFinished = args.Bias == null && !args.Scale && call->Addend == null && !call->Activates;
        long next = 0;
        while (tile.NextRun(ref next, out var column, out var pixel, out var length))
        {
            if (isFar)
            {
                Ahead.Fetch(call->Result + start + pixel, size * sizeof(T), Math.Min(ChannelsAtOnce, tile.Channels), length * sizeof(T));
            }

            for (long first = 0; first < tile.Channels; first += ChannelsAtOnce)
            {
                var at = start + (first * size) + pixel;
                var pixels = call->Result + at;
                var channels = Math.Min(ChannelsAtOnce, tile.Channels - first);
                if (isFar)
                {
                    Ahead.Fetch(pixels + (channels * size), size * sizeof(T), Math.Min(ChannelsAtOnce, tile.Channels - first - channels), length * sizeof(T));
                }

                Transposition<T>.Run(sums + (column * pitch) + first, pitch, pixels, size, length, channels);
                if (!isFinished)
                {
                    args.Bias = call->Finish.Bias == null ? null : call->Finish.Bias + channel + first;
                    args.Addend = call->Addend == null ? null : call->Addend + at;
                    call->FinishRows(pixels, size, pixels, size, (nint)channels, (nint)length, &args);
                }
            }
        }
    }

    /// <summary>The first element of the first channel.</summary>
    private static long Start(Call<T>* call, in ResultTile<T> tile, long image, long channel)
    {
        var problem = &call->Pass->Problem;
        return ((image * problem->Groups * problem->ResultChannels) + channel) * tile.Size.Product;
    }
}
