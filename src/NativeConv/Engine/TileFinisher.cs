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
    /// <param name="sums">rows of channels</param>
    /// <param name="addend">a buffer as large</param>
    public static void Run(Call<T>* call, in ResultTile<T> tile, long image, long channel, T* sums, T* addend)
    {
        var problem = &call->Pass->Problem;
        var start = ((image * problem->Groups * problem->ResultChannels) + channel) * tile.Size.Product;
        var args = call->Finish;
        args.Bias = args.Bias == null ? null : args.Bias + channel;
        if (call->Addend != null)
        {
            args.Addend = addend;
            tile.Read(addend, call->Addend + start);
        }

        call->FinishRows(sums, (nint)tile.Channels, (nint)tile.TilePitch, (nint)tile.Count, &args);
        tile.Write(sums, call->Result + start);
    }
}
