using NativeConv.Kernels.Lanes;
using NativeConv.Kernels.Moves;
using NativeConv.Packing;
using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>db: the sum of delta over images and pixels of each channel of y, in interleaved partial sums by column.</summary>
internal static unsafe class BiasGradient<T>
    where T : unmanaged
{
    /// <summary>Runs the one stage.</summary>
    public static void Run(Call<T>* call, StageRunner* runner) => runner->Run(&Channel, call, call->Plan->Geometry.OutChannels);

    private static void Channel(void* job, long channel, int worker)
    {
        var call = (Call<T>*)job;
        var geometry = &call->Plan->Geometry;
        var order = new RowChainOrder(geometry->Output);
        var lanes = stackalloc T[3 * LaneConstants<T>.Interleave];
        var buffer = stackalloc T[GradientWriter<T>.Run];
        LaneSums<T> sums = new(call->Kernels, lanes + LaneConstants<T>.Interleave, lanes + (2 * LaneConstants<T>.Interleave));
        var chains = order.Count * geometry->Batch;
        for (long index = 0; index < chains; index++)
        {
            var image = Math.DivRem(index, order.Count, out var chainOfImage);
            var chain = order[chainOfImage];
            var pixels = call->Dy.Skip((((image * geometry->OutChannels) + channel) * geometry->Output.Product) + (chain.FirstRow * geometry->Output.W) + chain.FirstColumn);
            Elements<T>.Clear(lanes, LaneConstants<T>.Interleave);
            AddChain(call, pixels, geometry->Output.W, chain, buffer, lanes);
            sums.AddChain(lanes, index, chains);
        }

        buffer[0] = sums.Fold(chains);
        GradientWriter<T>.Write(call, buffer, 1, call->BiasGradient + channel, 1, rows: 1, count: 1);
    }

    private static void AddChain(Call<T>* call, in ChannelReader<T> pixels, long pitch, RowChain chain, T* buffer, T* lanes)
    {
        if (pixels.Delta == null)
        {
            call->Kernels->AddRows(pixels.Data, (nint)pitch, (nint)chain.Rows, (nint)chain.Columns, lanes);
            return;
        }

        for (long row = 0; row < chain.Rows; row++)
        {
            pixels.Read(row * pitch, chain.Columns, buffer);
            call->Kernels->AddRows(buffer, 0, 1, (nint)chain.Columns, lanes);
        }
    }
}
