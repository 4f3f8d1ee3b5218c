using NativeConv.Kernels.Lanes;
using NativeConv.Kernels.Moves;
using NativeConv.Packing;
using NativeConv.Problem;
using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>
/// Everything, one result after the other, straight from the caller's buffers and without workspace: the last entry of every list of algorithms, and
/// the oracle of the tests. It keeps the one order of summation, so the others must equal it bit for bit.
/// </summary>
internal static unsafe class PlainLoop<T>
    where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
{
    // Results that are finished at once.
    private const int Run = GradientWriter<T>.Run;

    /// <summary>Gather and Phase: one stage, a piece for each channel of each image.</summary>
    public static void Correlate(Call<T>* call, StageRunner* runner)
    {
        var problem = &call->Pass->Problem;
        runner->Run(&CorrelateChannel, call, problem->Batch * problem->Groups * problem->ResultChannels);
    }

    /// <summary>WeightGrad: one stage, a piece for each coarse channel.</summary>
    public static void Weights(Call<T>* call, StageRunner* runner)
    {
        var problem = &call->Pass->Problem;
        runner->Run(&WeightsOfChannel, call, problem->Groups * problem->CoarseChannels);
    }

    private static void CorrelateChannel(void* job, long piece, int worker)
    {
        var call = (Call<T>*)job;
        var problem = &call->Pass->Problem;
        var image = Math.DivRem(piece, problem->Groups * problem->ResultChannels, out var channel);
        var size = problem->Result;
        var buffer = stackalloc T[Run];
        var args = call->Finish;
        args.Bias = args.Bias == null ? null : args.Bias + channel;
        for (long first = 0; first < size.Product; first += Run)
        {
            var count = Math.Min(Run, size.Product - first);
            for (long i = 0; i < count; i++)
            {
                var row = Math.DivRem(first + i, size.W, out var x);
                var z = Math.DivRem(row, size.H, out var y);
                buffer[i] = Correlate(call, image, channel, new Axes(z, y, x));
            }

            var at = (piece * size.Product) + first;
            if (call->Addend != null)
            {
                args.Addend = call->Addend + at;
            }

            call->FinishRows(buffer, 0, call->Result + at, 0, 1, (nint)count, &args);
        }
    }

    /// <summary>The sum of one result.</summary>
    private static T Correlate(Call<T>* call, long image, long channel, Axes position)
    {
        var problem = &call->Pass->Problem;
        var gather = problem->Kind == ProblemKind.Gather;
        Axes phase = default, taps = default, origin = default;
        for (var axis = 0; axis < Axes.Count; axis++)
        {
            if (gather)
            {
                taps[axis] = problem->Kernel[axis];
                origin[axis] = (position[axis] * problem->Stride[axis]) - problem->Pad[axis];
                continue;
            }

            var phases = Phases(problem, axis);
            var padded = position[axis] + problem->Pad[axis];
            var residue = AxisPhases.FloorModulo(padded, problem->Stride[axis]);
            phase[axis] = phases.WithResidue(residue);
            if (phase[axis] < 0)
            {
                return T.Zero;
            }

            taps[axis] = phases.Taps(phase[axis]);
            origin[axis] = (padded - residue) / problem->Stride[axis];
        }

        var group = Math.DivRem(channel, problem->ResultChannels, out var channelOfGroup);
        var source = problem->Source;
        var pixels = (problem->SourceIsGradient ? call->Dy : call->X).Skip(((image * problem->Groups) + group) * problem->SourceChannels * source.Product);
        var weights = call->Pass->Weights;
        var w = call->W + (group * weights.GroupStride) + (channelOfGroup * weights.RowStride);
        var order = new ChainOrder(problem->SourceChannels, taps.Product);
        T total = T.Zero, sum = T.Zero;
        for (long index = 0; index < order.Count; index++)
        {
            var chain = order[index];
            var products = T.Zero;
            for (var i = chain.FirstTap; i < chain.FirstTap + chain.Taps; i++)
            {
                var row = Math.DivRem(i, taps.W, out var tapW);
                var tapD = Math.DivRem(row, taps.H, out var tapH);
                var tap = new Axes(tapD, tapH, tapW);
                Axes at = default, kernel = default;
                for (var axis = 0; axis < Axes.Count; axis++)
                {
                    kernel[axis] = gather ? tap[axis] : Phases(problem, axis).Tap(phase[axis], tap[axis]);
                    at[axis] = gather ? origin[axis] + (tap[axis] * problem->Dilation[axis]) : origin[axis] - Phases(problem, axis).Shift(phase[axis], tap[axis]);
                }

                var inside = (ulong)at.D < (ulong)source.D && (ulong)at.H < (ulong)source.H && (ulong)at.W < (ulong)source.W;
                var pixel = (((at.D * source.H) + at.H) * source.W) + at.W;
                var weight = w + (((kernel.D * problem->Kernel.H) + kernel.H) * problem->Kernel.W) + kernel.W;
                for (var c = chain.FirstChannel; c < chain.FirstChannel + chain.Channels; c++)
                {
                    var value = inside ? Read(pixels, (c * source.Product) + pixel) : T.Zero;
                    products = T.FusedMultiplyAdd(weight[c * weights.ChannelStride], value, products);
                }
            }

            AddChain(ref total, ref sum, T.Zero + products, index, order.Count);
        }

        return total;
    }

    private static void WeightsOfChannel(void* job, long channel, int worker)
    {
        var call = (Call<T>*)job;
        var problem = &call->Pass->Problem;
        var group = Math.DivRem(channel, problem->CoarseChannels, out _);
        var gradients = problem->FineChannels * problem->Kernel.Product;
        var buffer = stackalloc T[Run];
        for (long first = 0; first < gradients; first += Run)
        {
            var count = Math.Min(Run, gradients - first);
            for (long i = 0; i < count; i++)
            {
                var row = Math.DivRem(first + i, problem->Kernel.W, out var tapW);
                row = Math.DivRem(row, problem->Kernel.H, out var tapH);
                var fineChannel = Math.DivRem(row, problem->Kernel.D, out var tapD);
                var interleaved = problem->CoarseChannels == 1 && problem->FineChannels == 1;
                buffer[i] = Gradient(call, channel, (group * problem->FineChannels) + fineChannel, new Axes(tapD, tapH, tapW), interleaved);
            }

            GradientWriter<T>.Write(call, buffer, count, call->WeightGradient + (channel * gradients) + first, count, rows: 1, count);
        }
    }

    /// <summary>The sum of one weight's gradient. One lane of partial sums, or <see cref="LaneConstants{T}.Interleave"/> by column.</summary>
    private static T Gradient(Call<T>* call, long coarseChannel, long fineChannel, Axes tap, bool interleaved)
    {
        var problem = &call->Pass->Problem;
        var order = new RowChainOrder(problem->Coarse);
        var chains = order.Count * problem->Batch;
        var lanes = interleaved ? LaneConstants<T>.Interleave : 1;
        var products = stackalloc T[3 * LaneConstants<T>.Interleave];
        var sums = products + LaneConstants<T>.Interleave;
        var totals = sums + LaneConstants<T>.Interleave;
        Elements<T>.Clear(products, 3 * LaneConstants<T>.Interleave);
        for (long index = 0; index < chains; index++)
        {
            var image = Math.DivRem(index, order.Count, out var chainOfImage);
            var coarse = (problem->GradientIsFine ? call->X : call->Dy).Skip((image * problem->CoarseImage) + (coarseChannel * problem->Coarse.Product));
            var fine = (problem->GradientIsFine ? call->Dy : call->X).Skip((image * problem->FineImage) + (fineChannel * problem->Fine.Product));
            Elements<T>.Clear(products, lanes);
            MultiplyChain(problem, coarse, fine, tap, order[chainOfImage], products, lanes);
            for (var lane = 0; lane < lanes; lane++)
            {
                AddChain(ref totals[lane], ref sums[lane], interleaved ? products[lane] : T.Zero + products[lane], index, chains);
            }
        }

        for (var half = lanes / 2; half > 0; half /= 2)
        {
            for (var lane = 0; lane < half; lane++)
            {
                totals[lane] += totals[lane + half];
            }
        }

        return *totals;
    }

    private static void MultiplyChain(ConvProblem* problem, in ChannelReader<T> coarse, in ChannelReader<T> fine, Axes tap, RowChain chain, T* products, int lanes)
    {
        for (var row = chain.FirstRow; row < chain.FirstRow + chain.Rows; row++)
        {
            var (z, y) = Math.DivRem(row, problem->Coarse.H);
            for (var x = chain.FirstColumn; x < chain.FirstColumn + chain.Columns; x++)
            {
                var fineZ = (z * problem->Stride.D) + (tap.D * problem->Dilation.D) - problem->Pad.D;
                var fineY = (y * problem->Stride.H) + (tap.H * problem->Dilation.H) - problem->Pad.H;
                var fineX = (x * problem->Stride.W) + (tap.W * problem->Dilation.W) - problem->Pad.W;
                var inside = (ulong)fineZ < (ulong)problem->Fine.D && (ulong)fineY < (ulong)problem->Fine.H && (ulong)fineX < (ulong)problem->Fine.W;
                var value = inside ? Read(fine, (((fineZ * problem->Fine.H) + fineY) * problem->Fine.W) + fineX) : T.Zero;
                var lane = products + (x % lanes);
                *lane = T.FusedMultiplyAdd(value, Read(coarse, (row * problem->Coarse.W) + x), *lane);
            }
        }
    }

    /// <summary>A chain, to which +0 has been added where the order says so, joins its group, a full or last group the total; the first addend replaces.</summary>
    private static void AddChain(ref T total, ref T group, T chain, long index, long chains)
    {
        group = index % ChainOrder.ChainsPerGroup == 0 ? chain : group + chain;
        if (index + 1 == chains || (index + 1) % ChainOrder.ChainsPerGroup == 0)
        {
            total = index < ChainOrder.ChainsPerGroup ? group : total + group;
        }
    }

    private static T Read(in ChannelReader<T> source, long index)
    {
        T value;
        source.Read(index, 1, &value);
        return value;
    }

    private static AxisPhases Phases(ConvProblem* problem, int axis) => new(problem->Kernel[axis], problem->Stride[axis], problem->Dilation[axis]);
}
