using System.Numerics;
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

        if (pass->Problem.IsOneWindow)
        {
            pass->Problem = pass->Problem.OfPixels();
        }

        pass->ImagesPerTile = ImagesPerTile(pass);
        Exchange(plan, pass);
        var problem = pass->Problem;
        var blocks = pass->ChannelVectors(problem.CoarseChannels);
        if (FineInVectorsPays(plan, pass))
        {
            pass->FineInVectors = true;
            blocks = FineBlocks(pass);
        }

        pass->TileRows = pass->ImagesPerTile > 1 ? KernelSet<float>.RowsOfChains(pass->TileRows) : KernelSet<float>.PointRows(pass->TileRows, blocks.Widest);
        var elementSize = pass->ElementSize;
        pass->Panel = new PanelLayout
        {
            Blocks = blocks,
            ImagePixels = problem.Coarse.Product,
            Pixels = problem.Coarse.Product * pass->ImagesPerTile,
            IsFar = BytesOf(pass, problem.CoarseImage + problem.FineImage) > Blocking.FarBytes,
        };
        var width = pass->Panel.Blocks.Padded;
        var rows = GradientSection<float>.AllRows(pass);
        pass->MostRows = Math.Min(rows, Math.Max(pass->TileRows, Blocking.TileBytes / elementSize / width / pass->TileRows * pass->TileRows));
        if (pass->FineInVectors)
        {
            var taps = problem.Kernel.Product;
            pass->MostRows = Math.Min(rows, Math.Max(1, pass->MostRows / taps) * taps);
        }

        pass->RowsPerBand = problem.Coarse.H;
        if (!TryPlanes(pass, inPlace: !pass->FineInVectors && !(problem.GradientIsFine && plan->HasDelta), ref reason))
        {
            return false;
        }

        pass->RowsAreFar = pass->Planes.Form == SourceForm.InPlace && problem.Kernel.Product == 1
            && BytesOf(pass, problem.FineImage) > Blocking.FarRowBytes;
        SkipPadding(pass);
        pass->GroupsAreLocal = GroupsMayBeLocal(pass, out var rowsPerBand);
        if (pass->GroupsAreLocal && rowsPerBand < pass->RowsPerBand)
        {
            pass->RowsPerBand = rowsPerBand;
            if (!TryPlanes(pass, inPlace: false, ref reason))
            {
                return false;
            }
        }

        PlaceTaps(plan, pass);
        return pass->GroupsAreLocal ? BookGroups(plan, pass, ref reason) : BookBlocks(plan, pass, ref reason);
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

        pass->RowsPerBand = problem.Coarse.H;
        if (!TryPlanes(pass, inPlace: false, ref reason))
        {
            return false;
        }

        PlaceTaps(plan, pass);
        var elementSize = pass->ElementSize;
        var taps = problem.Kernel.Product;
        WorkspaceBook worker = default;
        pass->PlanesPiece = worker.Book(pass->Planes.ChannelStride, elementSize);
        pass->RowPiece = worker.Book(Math.Max(problem.Fine.W, GradientWriter<float>.Run), elementSize);
        pass->TotalsPiece = worker.Book(elementSize == sizeof(double) ? LaneGradient<double>.SumsOf(taps) : LaneGradient<float>.SumsOf(taps), elementSize);
        return Store(pass, default, worker, 2, ref reason);
    }

    /// <summary>
    /// More than one where chains are so short that adding them to sums in memory takes longer than tiles of half as many rows do, which add them in registers: as many images as have
    /// half of the longest chain's pixels, so that what a tile reads stays in a first-level cache, and whole parts of a group of chains.
    /// </summary>
    private static long ImagesPerTile(PassPlan* pass)
    {
        const long Pixels = ChainOrder.LongestChain / 2;
        var problem = pass->Problem;
        var pixels = problem.Coarse.Product;

        // 32 to 128 images, AMD EPYC family 25 model 17: 1x1, 4x4 takes 12 % less, 8x8 transposed 4. Tiles of AVX2 are too small to keep two units busy but across chains: 3x3, 4x4, with 11 of 16
        // pixels outside of padding, takes 11 to 16 % less, 1x1, 4x4 3 % more.
        const double MostOfSmallTile = 13;
        var isFull = KernelSet<float>.RowsOfChains(pass->TileRows) * KernelSet<float>.TileColumns >= KernelSet<float>.FullTile;
        if (2 * pixels > Pixels || problem.Kernel.Product > Blocking.MostTaps || (!isFull && pixels * TapSetBuilder.ReachOf(problem).PartOf(problem.Coarse) > MostOfSmallTile))
        {
            return 1;
        }

        var images = Math.Min(ChainOrder.ChainsPerGroup, (long)BitOperations.RoundUpToPowerOf2((ulong)(Pixels / Math.Max(1, pixels)) + 1) / 2);
        return Math.Clamp(problem.Batch, 1, images);
    }

    /// <summary>
    /// Leaves out pixels for which a tap reads padding, if that is a tenth of the time at least: rows of tiles are of one tap then, which reads more planes at once
    /// (3x3, 28x28: 2 to 3 % more time for 5 % less products), and each row of pixels that is cut costs about a step, of small tiles two. Tiles of several chains, which have no sums to wait
    /// for, hide that.
    /// </summary>
    private static void SkipPadding(PassPlan* pass)
    {
        const double Worthwhile = 0.9;
        const long RowsOfOneStep = 8;
        var problem = pass->Problem;
        var taps = problem.Kernel.Product;
        if (pass->Planes.Form != SourceForm.Planes || pass->FineInVectors || problem.Coarse.D > 1 || problem.Kernel.D > 1 || taps == 1)
        {
            return;
        }

        // All channels, if they are near; else whole tiles of them, about as many as are.
        var channels = problem.FineChannels;
        if (pass->MostRows < channels * taps)
        {
            channels = Math.Min(channels, Math.Max(1, (long)Math.Round(pass->MostRows / (double)(taps * pass->TileRows))) * pass->TileRows);
        }

        // Whatever its rows, a tile takes about as long as one row more.
        var ofSection = EvenParts.AtMost(channels, problem.FineChannels).Most;
        var shortTiles = (1 + (EvenParts.AtMost(pass->TileRows, ofSection).Count / (double)ofSection)) / (1 + (1.0 / pass->TileRows));
        var cutRow = pass->ImagesPerTile > 1 ? 0 : (double)RowsOfOneStep / pass->TileRows / problem.Coarse.W;
        var reach = TapSetBuilder.ReachOf(problem);
        if (reach.PartOf(problem.Coarse) * (1 + cutRow) * shortTiles < Worthwhile)
        {
            pass->SkipsPadding = true;
            pass->PixelsOfTaps = reach.FromTaps(problem.Coarse);
            pass->MostRows = channels * taps;
        }
    }

    /// <summary>Whether there are several groups of chains, whose sums stay near and take little room, and so do planes of bands.</summary>
    /// <param name="pass">its planes are of whole images</param>
    /// <param name="rowsPerBand">rows of the coarse image whose planes a worker may have</param>
    private static bool GroupsMayBeLocal(PassPlan* pass, out long rowsPerBand)
    {
        var problem = pass->Problem;
        rowsPerBand = problem.Coarse.H;
        var chains = (CheckedSize)pass->Rows.Count * problem.Batch;
        if (pass->MostRows < GradientSection<float>.AllRows(pass) || chains.Overflowed || chains.Value <= ChainOrder.ChainsPerGroup)
        {
            return false;
        }

        var images = (CheckedSize)problem.Groups * (((CheckedSize)problem.FineChannels * problem.Fine.Product) + ((CheckedSize)problem.CoarseChannels * problem.Coarse.Product)) * problem.Batch;
        var sums = GroupGradient<float>.SumsOfGroup(pass) * GroupGradient<float>.Groups(pass) * problem.Groups;
        if (images.Overflowed || sums.Overflowed || sums.Value > images.Value / Blocking.ImagesPerGroupSums)
        {
            return false;
        }

        if (pass->Planes.Form == SourceForm.InPlace)
        {
            return true;
        }

        pass->HasBands = problem.Coarse.D == 1 && pass->ImagesPerTile == 1;
        rowsPerBand = pass->HasBands ? RowsPerBand(pass) : problem.Coarse.H;
        return (double)pass->ImagesPerTile * problem.FineChannels * pass->Planes.ChannelStride * pass->ElementSize * rowsPerBand / problem.Coarse.H <= Blocking.GradientImageBytes;
    }

    /// <summary>Rows of the coarse image whose planes fill half of a second-level cache, whole chains, unless more than a quarter of a band's were filled for another, too.</summary>
    private static long RowsPerBand(PassPlan* pass)
    {
        const long OfShared = 4;
        var problem = pass->Problem;
        var step = pass->Planes.PixelStep.H;
        var ofRow = (double)problem.FineChannels * pass->Planes.ChannelStride * pass->ElementSize / pass->Planes.Size.H * step;
        var shared = Math.Max(0, pass->Planes.Size.H - (problem.Coarse.H * step) + step - 1) / step;
        var rows = Math.Max((long)(Blocking.NearBytes / ofRow) - shared, OfShared * shared);
        rows = Math.Max(1, rows / pass->Rows.RowsPerChain) * pass->Rows.RowsPerChain;
        return Math.Min(rows, problem.Coarse.H);
    }

    private static bool BookGroups(Plan* plan, PassPlan* pass, ref Message reason)
    {
        var elementSize = pass->ElementSize;
        WorkspaceBook shared = default, worker = default;
        BookBias(plan, pass, ref shared);
        pass->GroupSumsPiece = shared.Book(GroupGradient<float>.SumsOfGroup(pass) * GroupGradient<float>.Groups(pass) * pass->Problem.Groups, elementSize);
        pass->PlanesPiece = worker.Book(pass->Planes.Form == SourceForm.InPlace ? 0 : (CheckedSize)pass->ImagesPerTile * pass->Problem.FineChannels * pass->Planes.ChannelStride, elementSize);
        BookSection(pass, ref worker);
        pass->PanelPiece = worker.Book(LocalPanel(pass), elementSize);

        // Summing, adding up, and those of db.
        return Store(pass, shared, worker, 3, ref reason);
    }

    /// <summary>Blocks of images, whose planes and panels are filled before they are multiplied.</summary>
    private static bool BookBlocks(Plan* plan, PassPlan* pass, ref Message reason)
    {
        var problem = pass->Problem;
        var elementSize = pass->ElementSize;
        var width = pass->Panel.Blocks.Padded;
        var planes = pass->Planes.Form == SourceForm.InPlace ? 0 : (CheckedSize)problem.Groups * problem.FineChannels * pass->Planes.ChannelStride;
        var panels = (CheckedSize)problem.Groups * width * pass->Panel.ImagePixels;
        var rows = GradientSection<float>.AllRows(pass);

        // One section turns each pixel once, whoever does it: near where it is used. Several sections turn them again. Gradients that tiles write need no sections, unless there are so many
        // that the pieces of their rows come from memory one by one (4096 -> 1000, 32 images, as one section: 30 % more).
        var oneSection = pass->IsExchanged && GradientSection<float>.SumsMayBeGradients(pass, problem) && (double)rows * width * elementSize <= Blocking.FarBytes;
        pass->PanelsAreLocal = oneSection || rows <= pass->MostRows || pass->FineInVectors;
        panels = pass->PanelsAreLocal ? 0 : panels;
        var imageBytes = (planes + panels) * elementSize;
        pass->ImagesPerBlock = Math.Clamp((pass->PanelsAreLocal ? Blocking.PlaneBytes : Blocking.GradientImageBytes) / Math.Max(1, imageBytes.Value), 1, Math.Max(1, problem.Batch));
        pass->ImagesPerBlock = Math.Max(1, pass->ImagesPerBlock / pass->ImagesPerTile) * pass->ImagesPerTile;
        pass->SumsAreLocal = pass->ImagesPerBlock >= problem.Batch;

        WorkspaceBook shared = default, worker = default;
        BookBias(plan, pass, ref shared);
        pass->PlanesPiece = shared.Book(planes * pass->ImagesPerBlock, elementSize);
        pass->PanelPiece = pass->PanelsAreLocal ? worker.Book(LocalPanel(pass), elementSize) : shared.Book(panels * pass->ImagesPerBlock, elementSize);
        var totals = pass->SumsAreLocal ? (CheckedSize)pass->MostRows * width : (CheckedSize)problem.Groups * rows * width;
        var chains = (CheckedSize)pass->Rows.Count * problem.Batch;
        var groups = chains.Overflowed || chains.Value > ChainOrder.ChainsPerGroup ? totals : 0;
        ref var sums = ref pass->SumsAreLocal ? ref worker : ref shared;
        pass->TotalsPiece = sums.Book(totals, elementSize);
        pass->GroupSumsPiece = sums.Book(groups, elementSize);
        BookSection(pass, ref worker);

        // Filling and multiplying for each block of images, at least once, and db.
        var blocks = Math.Max(1, (problem.Batch + pass->ImagesPerBlock - 1) / pass->ImagesPerBlock);
        return Store(pass, shared, worker, (2 * (CheckedSize)blocks) + 1, ref reason);
    }

    /// <summary>What a worker needs for any section.</summary>
    private static void BookSection(PassPlan* pass, ref WorkspaceBook worker)
    {
        var alternating = pass->FineInVectors ? PlaneFiller<float>.Buffer(pass->Planes) : 0;
        pass->RowPiece = worker.Book(alternating + WeightGradient<float>.RowBuffer(pass->Problem.Fine.W), pass->ElementSize);
        var rows = pass->IsExchanged ? GradientSection<float>.AllRows(pass) : pass->MostRows;
        var steps = pass->FineInVectors ? (CheckedSize)pass->Rows.RowsPerChain * pass->Planes.Size.W : (CheckedSize)pass->Rows.LongestChain * pass->ImagesPerTile;
        pass->OffsetsPiece = worker.Book(steps, sizeof(nint));
        pass->RowOffsetsPiece = worker.Book(rows, sizeof(nint));
        pass->PlacesPiece = worker.Book(rows, sizeof(nint));
        pass->TilesPiece = worker.Book(rows + 1, sizeof(nint));
    }

    /// <summary>Sums of db, where chains are those of the images of a conv, whose dy is read while they are summed: in rows of tiles, or by turning it then.</summary>
    private static void BookBias(Plan* plan, PassPlan* pass, ref WorkspaceBook shared)
    {
        pass->SumsBias = pass->ImagesPerTile == 1 && plan->Geometry.Kind == ConvKind.Conv
            && (pass->GroupsAreLocal || pass->PanelsAreLocal || GradientSection<float>.GradientIsInRows(pass));
        var channels = plan->Geometry.OutChannels;
        var sums = pass->ElementSize == sizeof(double) ? BiasGradient<double>.Sums(pass, channels) : BiasGradient<float>.Sums(pass, channels);
        pass->BiasSumsPiece = shared.Book(pass->SumsBias ? sums : 0, pass->ElementSize);
    }

    /// <summary>Elements of a panel of one chain and block; none where the planes are the panel.</summary>
    private static long LocalPanel(PassPlan* pass) => pass->FineInVectors ? 0 : (long)PanelFiller<float>.Run * KernelSet<float>.TileColumns * pass->VectorLength;

    /// <summary>Lets the images of a plain product change places if that takes less time: fewer half-filled vectors, numbers to turn into a panel, or gradients to turn into the result.</summary>
    private static void Exchange(Plan* plan, PassPlan* pass)
    {
        // In multiply-adds of a vector. Turning a number: 16 -> 96 channels at 112x112 took 0.35 ms less where a million numbers less were turned, 0.85 cycles each, in which two
        // units do 1.7 (AVX2, AMD EPYC family 25 model 1). Turning or copying a gradient: 0.4 to 0.9 and 0.5 cycles (7x7, one image; AVX-512, family 25 model 17).
        const double Turned = 2;
        const double TurnedGradient = 1;
        const double CopiedGradient = 0.5;
        var problem = pass->Problem;
        if (!problem.IsPlainProduct || (!problem.GradientIsFine && plan->HasDelta))
        {
            return;
        }

        var (fine, coarse) = ((double)problem.FineChannels, (double)problem.CoarseChannels);
        var pixels = (double)problem.Batch * problem.Coarse.Product;
        var exchanged = problem.Exchanged();
        var ofGradient = GradientSection<float>.SumsMayBeGradients(pass, exchanged) ? 0 : CopiedGradient;
        if (OfPixels(coarse, fine) + (fine * coarse * ofGradient) < OfPixels(fine, coarse) + (fine * coarse * TurnedGradient))
        {
            pass->Problem = exchanged;
            pass->IsExchanged = true;
        }

        double OfPixels(double rows, double turned) => pixels * ((rows * Math.Ceiling(turned / pass->VectorLength)) + (Turned * turned));
    }

    /// <summary>
    /// Whether few coarse channels leave vectors so empty that it takes less time to have fine ones in them (docs/decisions/0005): whole vectors, of two-dimensional images with stride 1, in whose planes the
    /// steps of a chain lie as in the coarse image's rows.
    /// </summary>
    private static bool FineInVectorsPays(Plan* plan, PassPlan* pass)
    {
        // In multiply-adds of a vector, as for an exchange.
        const double Turned = 2;
        const double Worthwhile = 0.8;
        var problem = pass->Problem;
        if (problem.IsPlainProduct || problem.Kernel.Product > Blocking.MostTaps || problem.Stride.Product > 1 || problem.Coarse.D > 1 || problem.Kernel.D > 1 || problem.FineChannels % pass->VectorLength != 0
            || pass->ImagesPerTile > 1 || (!problem.GradientIsFine && plan->HasDelta))
        {
            return false;
        }

        var blocks = FineBlocks(pass);
        var tiles = blocks.Count * EvenParts.AtMost(KernelSet<float>.PointRows(pass->TileRows, blocks.Widest), problem.CoarseChannels).Count;
        var (fine, coarse) = ((double)problem.FineChannels, (double)problem.CoarseChannels);
        var ofTap = Math.Max(tiles * KernelSet<float>.FullTile, coarse * fine / pass->VectorLength);
        var ofTapElse = fine * Math.Ceiling(coarse / pass->VectorLength) * TapSetBuilder.ReachOf(problem).PartOf(problem.Coarse);
        return (problem.Kernel.Product * ofTap) + (Turned * fine) < Worthwhile * ((problem.Kernel.Product * ofTapElse) + (Turned * coarse));
    }

    /// <summary>Fine channels in blocks that are equally wide.</summary>
    private static ChannelBlocks FineBlocks(PassPlan* pass)
    {
        var width = KernelSet<float>.TileColumns;
        while (pass->Problem.FineChannels / pass->VectorLength % width != 0)
        {
            width--;
        }

        return new ChannelBlocks(pass->Problem.FineChannels, pass->VectorLength, width);
    }

    private static double BytesOf(PassPlan* pass, long image) => (double)pass->Problem.Batch * image * pass->ElementSize;

    private static bool IsDepthwise(in ConvProblem problem) => problem.FineChannels == 1 && problem.CoarseChannels == 1;

    /// <summary>Where the fine image is read.</summary>
    private static bool TryPlanes(PassPlan* pass, bool inPlace, ref Message reason)
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
            : TapSetBuilder.TryPointPlanes(problem, phases, pass->RowsPerBand, pass->FineInVectors ? pass->Panel.Blocks.Widest * pass->VectorLength : 1, pass->ElementSize, out pass->Planes)))
        {
            reason.Add("its planes do not fit 63 bits"u8);
            return false;
        }

        return true;
    }

    /// <summary>The place of each tap there.</summary>
    private static void PlaceTaps(Plan* plan, PassPlan* pass)
    {
        pass->TapOffsets = plan->Arena.Allocate<nint>(pass->Problem.Kernel.Product);
        TapSetBuilder.PlaceTaps(pass, pass->TapOffsets);
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
