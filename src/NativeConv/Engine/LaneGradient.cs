using NativeConv.Kernels.Lanes;
using NativeConv.Kernels.Moves;
using NativeConv.Packing;
using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>
/// Weight gradients by <see cref="Algorithm.DirectLanes"/>, for groups that have one channel on each side (depthwise layers): rows of the coarse channel
/// times rows of the fine channel's planes, in interleaved partial sums by column. One piece of work is one group, over all images.
/// </summary>
internal static unsafe class LaneGradient<T>
    where T : unmanaged
{
    /// <summary>Runs the one stage.</summary>
    public static void Run(Call<T>* call, StageRunner* runner) => runner->Run(&Group, call, call->Pass->Problem.Groups);

    /// <summary>Elements of the interleaved sums of one worker: for each tap a group and a total.</summary>
    public static long SumsOf(long taps) => taps * 2 * LaneConstants<T>.Interleave;

    private static void Group(void* job, long group, int worker)
    {
        var call = (Call<T>*)job;
        var pass = call->Pass;
        var problem = &pass->Problem;
        var workspace = call->Worker(worker);
        var planes = pass->PlanesPiece.Get<T>(workspace);
        var row = pass->RowPiece.Get<T>(workspace);
        var fine = problem->GradientIsFine ? call->Dy : call->X;
        var coarse = problem->GradientIsFine ? call->X : call->Dy;
        var chains = pass->Rows.Count * problem->Batch;
        for (long image = 0; image < problem->Batch; image++)
        {
            var channel = (image * problem->Groups) + group;
            PlaneFiller<T>.Fill(&pass->Planes, fine.Skip(channel * problem->Fine.Product), planes, row);
            var pixels = coarse.Skip(channel * problem->Coarse.Product);
            for (long chainOfImage = 0; chainOfImage < pass->Rows.Count; chainOfImage++)
            {
                MultiplyChain(call, pixels, planes, pass->Rows[chainOfImage], (image * pass->Rows.Count) + chainOfImage, chains, workspace);
            }
        }

        var taps = problem->Kernel.Product;
        for (long first = 0; first < taps; first += GradientWriter<T>.Run)
        {
            var count = Math.Min(GradientWriter<T>.Run, taps - first);
            for (long tap = 0; tap < count; tap++)
            {
                row[tap] = Sums(call, first + tap, workspace).Fold(chains);
            }

            GradientWriter<T>.Write(call, row, count, call->WeightGradient + (group * taps) + first, count, rows: 1, count);
        }
    }

    /// <summary>One chain of pixels, for every tap.</summary>
    private static void MultiplyChain(Call<T>* call, in ChannelReader<T> pixels, T* planes, RowChain chain, long index, long chains, byte* workspace)
    {
        var pass = call->Pass;
        var width = pass->Problem.Coarse.W;
        var first = (chain.FirstRow * width) + chain.FirstColumn;
        var delta = pass->RowPiece.Get<T>(workspace);
        var source = pixels.Data + first;
        var pitch = width;
        if (pixels.Delta != null)
        {
            // A chain is whole rows, or a run of one: dense either way.
            pixels.Read(first, chain.Steps, delta);
            source = delta;
            pitch = chain.Columns;
        }

        var lanes = stackalloc T[LaneConstants<T>.Interleave];
        for (long tap = 0; tap < pass->Problem.Kernel.Product; tap++)
        {
            Elements<T>.Clear(lanes, LaneConstants<T>.Interleave);
            for (long row = 0; row < chain.Rows;)
            {
                // Rows of one slice lie a pitch apart.
                var (z, y) = Math.DivRem(chain.FirstRow + row, pass->Problem.Coarse.H);
                var rows = Math.Min(chain.Rows - row, pass->Problem.Coarse.H - y);
                var at = planes + pass->TapOffsets[tap] + (z * pass->Planes.Strides.D) + (y * pass->Planes.Strides.H) + chain.FirstColumn;
                call->Kernels->MultiplyRows(source + (row * pitch), (nint)pitch, at, (nint)pass->Planes.Size.W, (nint)rows, (nint)chain.Columns, lanes);
                row += rows;
            }

            Sums(call, tap, workspace).AddChain(lanes, index, chains);
        }
    }

    private static LaneSums<T> Sums(Call<T>* call, long tap, byte* workspace)
    {
        var sums = call->Pass->TotalsPiece.Get<T>(workspace) + SumsOf(tap);
        return new(call->Kernels, sums, sums + LaneConstants<T>.Interleave);
    }
}
