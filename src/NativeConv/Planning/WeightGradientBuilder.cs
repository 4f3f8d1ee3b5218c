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
        if (IsDepthwise(pass->Problem))
        {
            reason.Add("groups with one channel on each side are summed in interleaved lanes"u8);
            return false;
        }

        Exchange(plan, pass);
        var problem = pass->Problem;
        if (!TryPlanes(plan, pass, inPlace: !(problem.GradientIsFine && plan->HasDelta), ref reason))
        {
            return false;
        }

        var elementSize = pass->ElementSize;
        pass->Panel = new PanelLayout
        {
            Blocks = pass->ChannelVectors(problem.CoarseChannels),
            Pixels = problem.Coarse.Product,
            IsFar = (double)problem.Batch * problem.Groups * problem.CoarseChannels * problem.Coarse.Product * elementSize > Blocking.FarBytes,
        };
        var planes = pass->Planes.Form == SourceForm.InPlace ? 0 : (CheckedSize)problem.Groups * problem.FineChannels * pass->Planes.ChannelStride;
        var panels = (CheckedSize)problem.Groups * pass->Panel.Blocks.Padded * pass->Panel.Pixels;
        var rows = problem.FineChannels * problem.Kernel.Product;
        var width = pass->Panel.Blocks.Padded;
        pass->MostRows = Math.Min(rows, Math.Max(pass->TileRows, Blocking.TileBytes / elementSize / width / pass->TileRows * pass->TileRows));

        // One section turns each pixel once, whoever does it: near where it is used, unless all pixels stay near. Several sections turn them again.
        pass->PanelsAreLocal = rows <= pass->MostRows && panels.Value * elementSize > Blocking.PlaneBytes;
        panels = pass->PanelsAreLocal ? 0 : panels;
        var imageBytes = (planes + panels) * elementSize;
        pass->ImagesPerBlock = Math.Clamp((pass->PanelsAreLocal ? Blocking.PlaneBytes : Blocking.GradientImageBytes) / Math.Max(1, imageBytes.Value), 1, Math.Max(1, problem.Batch));

        pass->SumsAreLocal = pass->ImagesPerBlock >= problem.Batch;

        WorkspaceBook shared = default, worker = default;
        pass->PlanesPiece = shared.Book(planes * pass->ImagesPerBlock, elementSize);
        pass->PanelPiece = pass->PanelsAreLocal
            ? worker.Book((long)PanelFiller<float>.Run * KernelSet<float>.TileColumns * pass->VectorLength, elementSize)
            : shared.Book(panels * pass->ImagesPerBlock, elementSize);
        var totals = pass->SumsAreLocal ? (CheckedSize)pass->MostRows * width : (CheckedSize)problem.Groups * rows * width;
        var chains = (CheckedSize)pass->Rows.Count * problem.Batch;
        var groups = chains.Overflowed || chains.Value > ChainOrder.ChainsPerGroup ? totals : 0;
        ref var sums = ref pass->SumsAreLocal ? ref worker : ref shared;
        pass->TotalsPiece = sums.Book(totals, elementSize);
        pass->GroupSumsPiece = sums.Book(groups, elementSize);
        pass->RowPiece = worker.Book(WeightGradient<float>.RowBuffer(problem.Fine.W), elementSize);
        pass->OffsetsPiece = worker.Book(pass->Rows.LongestChain, sizeof(nint));
        pass->RowOffsetsPiece = worker.Book(pass->MostRows, sizeof(nint));
        pass->PlacesPiece = worker.Book(pass->MostRows, sizeof(nint));

        // Filling and multiplying for each block of images, at least once, and db's own.
        var blocks = Math.Max(1, (problem.Batch + pass->ImagesPerBlock - 1) / pass->ImagesPerBlock);
        return Store(pass, shared, worker, (2 * (CheckedSize)blocks) + 1, ref reason);
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

        if (!TryPlanes(plan, pass, inPlace: false, ref reason))
        {
            return false;
        }

        var elementSize = pass->ElementSize;
        var taps = problem.Kernel.Product;
        WorkspaceBook worker = default;
        pass->PlanesPiece = worker.Book(pass->Planes.ChannelStride, elementSize);
        pass->RowPiece = worker.Book(Math.Max(problem.Fine.W, GradientWriter<float>.Run), elementSize);
        pass->TotalsPiece = worker.Book(elementSize == sizeof(double) ? LaneGradient<double>.SumsOf(taps) : LaneGradient<float>.SumsOf(taps), elementSize);
        return Store(pass, default, worker, 2, ref reason);
    }

    /// <summary>Lets the images of a plain product change places if the other one is less to turn into a panel.</summary>
    private static void Exchange(Plan* plan, PassPlan* pass)
    {
        // Turning a number takes about as long as two multiply-adds of a vector: 16 -> 96 channels at 112x112 took 0.35 ms less where a million numbers less were
        // turned, 0.85 cycles each, in which two units do 1.7 (AVX2, AMD EPYC family 25 model 1).
        const double Turned = 2;
        var problem = pass->Problem;
        if (!problem.IsPlainProduct || (!problem.GradientIsFine && plan->HasDelta))
        {
            return;
        }

        var (fine, coarse) = ((double)problem.FineChannels, (double)problem.CoarseChannels);
        var (fineVectors, coarseVectors) = (Vectors(fine), Vectors(coarse));
        if ((coarse * fineVectors) + (Turned * fine) < (fine * coarseVectors) + (Turned * coarse))
        {
            pass->Problem = problem.Exchanged();
            pass->IsExchanged = true;
        }

        double Vectors(double channels) => Math.Ceiling(channels / pass->VectorLength);
    }

    private static bool IsDepthwise(in ConvProblem problem) => problem.FineChannels == 1 && problem.CoarseChannels == 1;

    /// <summary>Where the fine image is read, and the place of each tap there.</summary>
    private static bool TryPlanes(Plan* plan, PassPlan* pass, bool inPlace, ref Message reason)
    {
        var problem = pass->Problem;
        var phases = TapSetBuilder.Phases(problem);
        if (!TapSetBuilder.TablesFit(problem, phases, ref reason))
        {
            return false;
        }

        inPlace &= TapSetBuilder.StaysInside(problem);
        if (inPlace)
        {
            pass->Planes = PlaneLayout.InPlace(problem.Fine, problem.Stride);
        }
        else if (!(pass->Algorithm == Algorithm.DirectLanes
            ? TapSetBuilder.TrySplitPlanes(problem, phases, pass->ElementSize, out pass->Planes)
            : TapSetBuilder.TryPointPlanes(problem, phases, pass->ElementSize, out pass->Planes)))
        {
            reason.Add("its planes do not fit 63 bits"u8);
            return false;
        }

        pass->TapOffsets = plan->Arena.Allocate<nint>(problem.Kernel.Product);
        TapSetBuilder.PlaceTaps(pass, pass->TapOffsets);
        return true;
    }

    private static bool Store(PassPlan* pass, WorkspaceBook shared, WorkspaceBook worker, CheckedSize stages, ref Message reason)
    {
        var slice = worker.SliceBytes;
        if (shared.Bytes.Overflowed || slice.Overflowed || stages.Overflowed)
        {
            reason.Add("its workspace does not fit 63 bits"u8);
            return false;
        }

        pass->SharedBytes = shared.Bytes.Value;
        pass->WorkerBytes = slice.Value;
        pass->Stages = stages.Value;
        return true;
    }
}
