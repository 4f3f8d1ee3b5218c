using NativeConv.Kernels.Lanes;
using NativeConv.Kernels.Moves;
using NativeConv.Packing;
using NativeConv.Problem;
using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>
/// db: the sum of delta over images and pixels of each channel of y, in interleaved partial sums by column. A stage of its own, or, where weight gradients read the same chains of dy, chain by
/// chain while they are near.
/// </summary>
internal static unsafe class BiasGradient<T>
    where T : unmanaged
{
    /// <summary>Whether weight gradients sum it.</summary>
    public static bool IsSummedAlong(Call<T>* call) => call->Pass->SumsBias && call->WeightGradient != null && call->BiasGradient != null;

    /// <summary>Elements of the sums of all groups of chains.</summary>
    public static CheckedSize Sums(PassPlan* pass, long channels) => (CheckedSize)GroupGradient<T>.Groups(pass) * channels * LaneConstants<T>.Interleave;

    /// <summary>Runs the one stage.</summary>
    public static void Run(Call<T>* call, StageRunner* runner) => runner->Run(IsSummedAlong(call) ? &Join : &Channel, call, call->Plan->Geometry.OutChannels);

    /// <summary>Adds a chain of some channels to the sums of its group.</summary>
    /// <param name="call">the call</param>
    /// <param name="chain">its pixels</param>
    /// <param name="image">of which image</param>
    /// <param name="index">its number, all images counted</param>
    /// <param name="first">the first channel, all groups counted</param>
    /// <param name="count">channels</param>
    public static void AddChain(Call<T>* call, RowChain chain, long image, long index, long first, long count)
    {
        var lanes = stackalloc T[LaneConstants<T>.Interleave];
        var buffer = stackalloc T[GradientWriter<T>.Run];
        for (var channel = first; channel < first + count; channel++)
        {
            SumChain(call, chain, image, channel, buffer, lanes);
            var group = GroupSums(call, index / ChainOrder.ChainsPerGroup, channel);
            ChainGroups<T>.Add(call->Kernels, group, lanes, LaneConstants<T>.Interleave, isFirst: index % ChainOrder.ChainsPerGroup == 0);
        }
    }

    /// <summary>The sums of all groups of chains of a channel.</summary>
    private static void Join(void* job, long channel, int worker)
    {
        var call = (Call<T>*)job;
        var groups = GroupGradient<T>.Groups(call->Pass);
        for (long group = 1; group < groups; group++)
        {
            call->Kernels->Accumulate(GroupSums(call, 0, channel), GroupSums(call, group, channel), LaneConstants<T>.Interleave);
        }

        Write(call, channel, groups == 0 ? default : call->Kernels->Fold(GroupSums(call, 0, channel)));
    }

    private static T* GroupSums(Call<T>* call, long group, long channel) =>
        call->Pass->BiasSumsPiece.Get<T>(call->Workspace) + (((group * call->Plan->Geometry.OutChannels) + channel) * LaneConstants<T>.Interleave);

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
            SumChain(call, order[chainOfImage], image, channel, buffer, lanes);
            sums.AddChain(lanes, index, chains);
        }

        Write(call, channel, sums.Fold(chains));
    }

    private static void SumChain(Call<T>* call, RowChain chain, long image, long channel, T* buffer, T* lanes)
    {
        var geometry = &call->Plan->Geometry;
        var pitch = geometry->Output.W;
        var pixels = call->Dy.Skip((((image * geometry->OutChannels) + channel) * geometry->Output.Product) + (chain.FirstRow * pitch) + chain.FirstColumn);
        Elements<T>.Clear(lanes, LaneConstants<T>.Interleave);
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

    private static void Write(Call<T>* call, long channel, T sum) => GradientWriter<T>.Write(call, &sum, 1, call->BiasGradient + channel, 1, rows: 1, count: 1);
}
