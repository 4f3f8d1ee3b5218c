using NativeConv.Kernels.Moves;
using NativeConv.Packing;

namespace NativeConv.Engine;

/// <summary>Bias, addend and activation for the sums of some channels and pixels, and these into the result.</summary>
internal static unsafe class TileFinisher<T>
    where T : unmanaged
{
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
        var isFinished = IsFinished(call, bias);
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

            if (!isFinished)
            {
                call->FinishRows(sums + column, (nint)tile.TilePitch, sums + column, (nint)tile.TilePitch, (nint)tile.Channels, (nint)length, &args);
            }

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
    /// <param name="bias">of channel 0, all groups counted; null: none, or the sums hold it</param>
    /// <param name="turned">a buffer for rows of channels</param>
    /// <param name="addend">a buffer as large</param>
    public static void RunTurned(Call<T>* call, in ResultTile<T> tile, long image, long channel, T* sums, long pitch, T* bias, T* turned, T* addend)
    {
        if (!tile.IsDense || call->Addend == call->Result)
        {
            Transposition<T>.Run(sums, pitch, turned, tile.TilePitch, tile.Count, tile.Channels);
            Run(call, tile, image, channel, turned, bias, addend);
            return;
        }

        var size = (nint)tile.Size.Product;
        var start = Start(call, tile, image, channel);
        var args = call->Finish;
        args.Bias = bias == null ? null : bias + channel;
        args.AddendPitch = size;
        long next = 0;
        while (tile.NextRun(ref next, out var column, out var pixel, out var length))
        {
            var pixels = call->Result + start + pixel;
            Transposition<T>.RunToResult(sums + (column * pitch), pitch, pixels, size, length, tile.Channels, call->Pass->ResultsAreFar);
            if (!IsFinished(call, args.Bias))
            {
                args.Addend = call->Addend == null ? null : call->Addend + start + pixel;
                call->FinishRows(pixels, size, pixels, size, (nint)tile.Channels, (nint)length, &args);
            }
        }
    }

    /// <summary>Sums are results as they are.</summary>
    private static bool IsFinished(Call<T>* call, T* bias) => bias == null && !call->Finish.Scale && call->Addend == null && !call->Activates;

    /// <summary>The first element of the first channel.</summary>
    private static long Start(Call<T>* call, in ResultTile<T> tile, long image, long channel)
    {
        var problem = &call->Pass->Problem;
        return ((image * problem->Groups * problem->ResultChannels) + channel) * tile.Size.Product;
    }
}
