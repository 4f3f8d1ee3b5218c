using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Packing;
using NativeConv.Problem;

namespace NativeConv.Planning;

/// <summary>Plans the two direct algorithms of weight gradients.</summary>
internal static unsafe class WeightGradientBuilder
{
    /// <summary><see cref="Algorithm.DirectPoints"/>.</summary>
    public static bool TryBuildPoints(Plan* plan, PassPlan* pass, ref Message reason)
    {
        var problem = pass->Problem;
        if (IsDepthwise(problem))
        {
            reason.Add("groups with one channel on each side are summed in interleaved lanes"u8);
            return false;
        }

        var phases = CorrelationBuilder.Phases(problem);
        if (!CorrelationBuilder.TablesFit(problem, phases, ref reason))
        {
            return false;
        }

        var elementSize = plan->Geometry.ElementSize;
        if (!CorrelationBuilder.TryStridedPlanes(problem, phases, elementSize, out pass->Planes))
        {
            reason.Add("its planes do not fit 63 bits"u8);
            return false;
        }

        pass->TapOffsets = Offsets(plan, pass);
        pass->Panel = new PanelLayout
        {
            Channels = problem.CoarseChannels,
            Pixels = problem.Coarse.Product,
            VectorLength = pass->VectorLength,
            TileColumns = KernelSet<float>.TileColumns,
        };

        var rows = problem.FineChannels * problem.Kernel.Product;
        var sections = Math.Max(((rows - 1) / Blocking.SectionRows) + 1, Math.Min(rows, (Blocking.PiecesWanted + problem.Groups - 1) / problem.Groups));
        var tileRows = pass->Weights.BlockRows;
        pass->RowsPerPiece = Math.Min(rows, ((((rows - 1) / sections) + tileRows) / tileRows) * tileRows);

        WorkspaceBook shared = default, worker = default;
        pass->PlanesPiece = shared.Book((CheckedSize)problem.Groups * problem.FineChannels * pass->Planes.ChannelStride, elementSize);
        pass->PanelPiece = shared.Book((CheckedSize)problem.Groups * pass->Panel.PaddedChannels * pass->Panel.Pixels, elementSize);
        var totals = (CheckedSize)problem.Groups * rows * pass->Panel.PaddedChannels;
        var chains = (CheckedSize)pass->Rows.Count * problem.Batch;
        pass->TotalsPiece = shared.Book(totals, elementSize);
        pass->GroupSumsPiece = shared.Book(chains.Overflowed || chains.Value > ChainOrder.ChainsPerGroup ? totals : 0, elementSize);
        pass->RowPiece = worker.Book(WeightGradient<float>.RowBuffer(problem.Fine.W), elementSize);
        pass->OffsetsPiece = worker.Book(pass->Rows.LongestChain, sizeof(nint));
        pass->RowPointersPiece = worker.Book(pass->RowsPerPiece, sizeof(nint));

        // Planes and product stages for each image, the fold, and db's own.
        return Store(pass, shared, worker, (2 * (CheckedSize)problem.Batch) + 2, ref reason);
    }

    /// <summary><see cref="Algorithm.DirectLanes"/>.</summary>
    public static bool TryBuildLanes(Plan* plan, PassPlan* pass, ref Message reason)
    {
        var problem = pass->Problem;
        if (!IsDepthwise(problem))
        {
            reason.Add("groups with more than one channel on a side are summed in tiles"u8);
            return false;
        }

        var phases = CorrelationBuilder.Phases(problem);
        if (!CorrelationBuilder.TablesFit(problem, phases, ref reason))
        {
            return false;
        }

        var elementSize = plan->Geometry.ElementSize;
        if (!CorrelationBuilder.TryStridedPlanes(problem, phases, elementSize, out pass->Planes))
        {
            reason.Add("its planes do not fit 63 bits"u8);
            return false;
        }

        pass->TapOffsets = Offsets(plan, pass);
        var taps = problem.Kernel.Product;
        WorkspaceBook worker = default;
        pass->PlanesPiece = worker.Book(pass->Planes.ChannelStride, elementSize);
        pass->RowPiece = worker.Book(Math.Max(problem.Fine.W, 2 * GradientWriter<float>.Run), elementSize);
        pass->TotalsPiece = worker.Book(elementSize == sizeof(double) ? LaneGradient<double>.SumsOf(taps) : LaneGradient<float>.SumsOf(taps), elementSize);
        return Store(pass, default, worker, 2, ref reason);
    }

    private static bool IsDepthwise(in ConvProblem problem) => problem.FineChannels == 1 && problem.CoarseChannels == 1;

    private static nint* Offsets(Plan* plan, PassPlan* pass)
    {
        var problem = pass->Problem;
        var offsets = plan->Arena.Allocate<nint>(problem.Kernel.Product);
        var next = offsets;
        for (long d = 0; d < problem.Kernel.D; d++)
        {
            for (long h = 0; h < problem.Kernel.H; h++)
            {
                for (long w = 0; w < problem.Kernel.W; w++)
                {
                    *next++ = CorrelationBuilder.StridedOffset(pass->Planes, problem, d, h, w);
                }
            }
        }

        return offsets;
    }

    private static bool Store(PassPlan* pass, WorkspaceBook shared, WorkspaceBook worker, CheckedSize stages, ref Message reason)
    {
        if (shared.Bytes.Overflowed || worker.Bytes.Overflowed || stages.Overflowed)
        {
            reason.Add("its workspace does not fit 63 bits"u8);
            return false;
        }

        pass->SharedBytes = shared.Bytes.Value;
        pass->WorkerBytes = worker.Bytes.Value;
        pass->Stages = stages.Value;
        return true;
    }
}
