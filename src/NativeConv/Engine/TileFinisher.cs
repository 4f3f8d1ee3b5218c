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
        var problem = &call->Pass->Problem;
        var start = ((image * problem->Groups * problem->ResultChannels) + channel) * tile.Size.Product;
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
}
