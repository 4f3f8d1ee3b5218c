using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Packing;
using NativeConv.Problem;

namespace NativeConv.Planning;

/// <summary>Plans Gather and Phase problems: what tiles read, blocking and workspace of the three direct algorithms.</summary>
internal static unsafe class CorrelationBuilder
{
    // Vectors of the tile of 6 rows.
    private const int TallTile = 2;

    // 28x28 pixels of 3x3 layers take 1 to 3 % less with it, 14x14 0 to 2 % more, 7x7 2 to 5: the last tiles of a piece of work are not full.
    private const long PixelsOfTallTiles = 512;

    // With 16 registers a number that is copied must be in so many products of vectors: 3x3, 512 channels, 66x66: 6 % less; 256, 138x138: 1; 64 and 128: 2 % less to 1 more; fewer: 1 to
    // 3 % more. Channels that lie whole quarters of a page apart share few sets of a first-level cache: 128, 16x16: 4 % less; 256: 6; 5x5, 32, 32x32: 15 (AMD EPYC family 25 model 17, AVX2).
    private const long ProductsOfCopying = 9 * 32;
    private const long ProductsOfSharedSets = 64;
    private const long SharedSetBytes = 1024;

    /// <summary><see cref="Algorithm.DirectPlanes"/>.</summary>
    public static bool TryBuildPlanes(Plan* plan, PassPlan* pass, ref Message reason)
    {
        pass->Weights.Blocks = pass->ChannelRows;
        var form = SourceForm.Planes;
        if (ImageIsPlanes(plan, pass))
        {
            form = SourceForm.InPlace;
            pass->Problem = pass->Problem.InOneRow();
            pass->Planes = PlaneLayout.InPlace(pass->Problem.Source, new Axes(1, 1, 1));
        }

        if (!TryTapSets(plan, pass, form, (1, 1), ref reason))
        {
            return false;
        }

        var lines = *pass;
        if (!BookPlanes(plan, pass, ref reason))
        {
            return false;
        }

        // Nobody is told why lines cannot be: channels can.
        Message unsaid = default;
        if (HasLines(&lines) && BookLines(&lines, ref unsaid) && lines.Cost < pass->Cost)
        {
            *pass = lines;
        }

        return true;
    }

    /// <summary>Whether lines of one result channel can be the rows of tiles: the next line of taps reads what the first reads for the next line of pixels, and chains are of whole channels.</summary>
    private static bool HasLines(PassPlan* pass)
    {
        if (pass->Problem.ResultChannels != 1 || pass->Planes.Form != SourceForm.Planes || TapSetBuilder.HasGroups(pass))
        {
            return false;
        }

        long lines = 1;
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            if (set->Taps > ChainOrder.LongestChain || set->Reach.PixelStep.H != 1 || Math.Abs(set->Reach.TapStep.H) != 1)
            {
                return false;
            }

            lines = Math.Max(lines, set->Reach.Taps.H);
        }

        return lines > 1;
    }

    /// <summary>
    /// Whether the caller's own channels can be read as planes: sums of one chain over a pixel each, of an image, taken for one row, that whole vectors divide or tiles fit,
    /// whose last is moved back to end with it.
    /// </summary>
    private static bool ImageIsPlanes(Plan* plan, PassPlan* pass)
    {
        var problem = pass->Problem;
        var pixels = problem.Source.Product;
        return problem.IsPlainProduct && problem.SourceChannels <= ChainOrder.LongestChain && !(problem.SourceIsGradient && plan->HasDelta)
            && (pixels >= TileColumns(pass) || pixels % pass->VectorLength == 0);
    }

    /// <summary><see cref="Algorithm.DirectColumns"/>.</summary>
    public static bool TryBuildColumns(Plan* plan, PassPlan* pass, ref Message reason)
    {
        var problem = pass->Problem;
        if (!SumsOneTap(problem, ref reason))
        {
            return false;
        }

        pass->Weights.Blocks = pass->ChannelRows;
        Strip(pass, taps: 1, rows: 1);
        pass->Planes = PlaneLayout.Columns(problem.Source, PixelStep(problem), pass->StripPitch);
        return TryTapSets(plan, pass, SourceForm.Columns, (1, 1), ref reason) && BookPlanes(plan, pass, ref reason);
    }

    /// <summary><see cref="Algorithm.DirectTiles"/>.</summary>
    public static bool TryBuildTiles(Plan* plan, PassPlan* pass, ref Message reason)
    {
        var problem = pass->Problem;
        if (!SumsOneTap(problem, ref reason))
        {
            return false;
        }

        pass->Weights.Blocks = pass->ChannelVectors(problem.ResultChannels);
        pass->TileRows = KernelSet<float>.PointRows(pass->TileRows, pass->Weights.Blocks.Widest);
        pass->Planes = PlaneLayout.Tiles(problem.Source, PixelStep(problem), pass->TileRows, problem.SourceChannels);
        if (!TryTapSets(plan, pass, SourceForm.Tiles, (1, 1), ref reason))
        {
            return false;
        }

        for (var set = pass->Sets + 1; set < pass->Sets + pass->SetCount; set++)
        {
            if (!set->Origin.Equals(pass->Sets->Origin) || !set->Number.Equals(pass->Sets->Number))
            {
                reason.Add("its output phases read different pixels"u8);
                return false;
            }
        }

        pass->PixelsAreFar = CostModel.SourceBytes(pass) > Blocking.FarBytes;
        return BookPoints(plan, pass, ref reason);
    }

    /// <summary><see cref="Algorithm.DirectPoints"/>.</summary>
    public static bool TryBuildPoints(Plan* plan, PassPlan* pass, ref Message reason)
    {
        var problem = pass->Problem;
        var form = SourceForm.Planes;
        if (!(problem.SourceIsGradient && plan->HasDelta) && TapSetBuilder.StaysInside(problem) && !CopyingPays(pass))
        {
            form = SourceForm.InPlace;
            pass->Planes = PlaneLayout.InPlace(problem.Source, PixelStep(problem));
        }

        var isTall = TallTilesPay(pass, form);
        pass->Weights.Blocks = isTall ? new ChannelBlocks(problem.ResultChannels, pass->VectorLength, TallTile) : pass->ChannelVectors(problem.ResultChannels);

        // Four pixels are a quarter of a line: taller tiles of one tap read parts of two, which shows where lines come from memory (144 -> 32, 1x1, 28x28, 32 images: 8 % more).
        if (isTall || form == SourceForm.Planes || CostModel.SourceBytes(pass) <= Blocking.FarBytes)
        {
            pass->TileRows = KernelSet<float>.PointRows(pass->TileRows, pass->Weights.Blocks.Widest);
        }

        var channels = form == SourceForm.Planes ? TapSetBuilder.AlternatingChannels(problem) : 1;
        if (!TryTapSets(plan, pass, form, (1, channels), ref reason))
        {
            return false;
        }

        var images = ImagesTogether(pass);
        pass->SkipsPadding = images > 1 && SkipsPadding(pass, images, Pixels(pass));
        return (!pass->SkipsPadding || TryTapSets(plan, pass, form, (images, channels), ref reason)) && BookPoints(plan, pass, ref reason);
    }

    /// <summary>Whether an image that tiles of points could read where the caller has it is better copied into planes.</summary>
    private static bool CopyingPays(PassPlan* pass)
    {
        var problem = pass->Problem;
        var phases = Phases(problem);
        var channelBytes = problem.Source.Product * pass->ElementSize;
        if (phases > 1 && channelBytes > CostModel.FarChannelBytes)
        {
            // Output phases read channels again and again: those that lie far apart are copied together.
            return true;
        }

        if (pass->TileRows >= KernelSet<float>.FullTile || problem.Kernel.Product == phases || PixelStep(problem).W > 1)
        {
            return false;
        }

        var products = Vectors(pass) * problem.Kernel.Product / phases;

        // Within a line of a multiple, before or behind it.
        var sharesSets = (channelBytes + CostModel.LineBytes) % SharedSetBytes <= 2 * CostModel.LineBytes;
        return products >= (sharesSets ? ProductsOfSharedSets : ProductsOfCopying);
    }

    /// <summary>
    /// Whether 6 x 2 vectors take less than 4 x 3, of the same 16 registers: the weights of a chain (16 KB, not 24) then stay in a first-level cache of 32 KB beside what the pixels
    /// read. Large images, several taps that read lines whole, and no odd vector.
    /// </summary>
    private static bool TallTilesPay(PassPlan* pass, SourceForm form)
    {
        var problem = pass->Problem;
        var phases = Phases(problem);
        return KernelSet<float>.PointRows(pass->TileRows, TallTile) > pass->TileRows && Vectors(pass) % TallTile == 0 && problem.Kernel.Product > phases
            && problem.Result.Product / phases >= PixelsOfTallTiles && (form == SourceForm.Planes || PixelStep(problem).W == 1);
    }

    private static long Vectors(PassPlan* pass) => (pass->Problem.ResultChannels + pass->VectorLength - 1) / pass->VectorLength;

    private static long Phases(in ConvProblem problem) => problem.Kind == ProblemKind.Phase ? problem.Stride.Product : 1;

    private static bool SumsOneTap(in ConvProblem problem, ref Message reason)
    {
        var phases = TapSetBuilder.Phases(problem);
        var taps = problem.Kind == ProblemKind.Gather ? problem.Kernel : new Axes(phases.D.Taps(0), phases.H.Taps(0), phases.W.Taps(0));
        if (taps.Product != 1)
        {
            reason.Add("results are sums over more than one tap"u8);
            return false;
        }

        return true;
    }

    private static bool TryTapSets(Plan* plan, PassPlan* pass, SourceForm form, (long Images, long Channels) alternating, ref Message reason)
    {
        var phases = TapSetBuilder.Phases(pass->Problem);
        if (!TapSetBuilder.TablesFit(pass->Problem, phases, ref reason))
        {
            return false;
        }

        if (!TapSetBuilder.TryBuild(plan, pass, phases, form, alternating))
        {
            reason.Add("its planes or packed weights do not fit 63 bits"u8);
            return false;
        }

        return true;
    }

    /// <summary>Source pixels from one result pixel, of a set, to the next.</summary>
    private static Axes PixelStep(in ConvProblem problem) => problem.Kind == ProblemKind.Gather ? problem.Stride : new Axes(1, 1, 1);

    private static long TileColumns(PassPlan* pass) => (long)KernelSet<float>.TileColumns * pass->VectorLength;

    /// <summary>Decides how many tiles are one strip: several, if the sums are of one chain and the rows of pixels that they read stay near.</summary>
    /// <param name="pass">the plan</param>
    /// <param name="taps">of the set that has most</param>
    /// <param name="rows">rows of pixels, in each channel, that these are</param>
    private static void Strip(PassPlan* pass, long taps, long rows)
    {
        var channels = pass->Problem.SourceChannels;
        pass->KeepsSums = (CheckedSize)channels * taps is var products && (products.Overflowed || products.Value > ChainOrder.LongestChain);
        var tileBytes = TileColumns(pass) * pass->ElementSize;
        var most = Math.Min(PlaneProduct<float>.MostTiles, Blocking.StripRowBytes / tileBytes);
        pass->TilesPerStrip = pass->KeepsSums ? 1 : Math.Clamp(Blocking.StripBytes / (tileBytes * Math.Max(1, channels * rows)), 1, most);
    }

    /// <summary>Whether tiles that end with rows of pixels take less than full ones.</summary>
    private static bool CuttingRowsPays(PassPlan* pass)
    {
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            if (set->Number.W < TileColumns(pass) && set->Number.W % pass->VectorLength != 0)
            {
                return false;
            }
        }

        var cut = *pass;
        cut.TilesAreInRows = true;
        return CostModel.OfPlanes(&cut) < CostModel.OfPlanes(pass);
    }

    private static bool BookPlanes(Plan* plan, PassPlan* pass, ref Message reason)
    {
        var problem = pass->Problem;
        var elementSize = pass->ElementSize;
        var hasPlanes = pass->Planes.Form == SourceForm.Planes;
        pass->ImagesPerBlock = hasPlanes ? ImagesPerBlock(pass, (CheckedSize)problem.SourceChannels * pass->Planes.ChannelStride, Blocking.PlaneBytes) : Math.Max(1, problem.Batch);
        pass->BlocksAreLocal = BlocksAreLocal(pass);

        if (pass->Planes.Form != SourceForm.Columns)
        {
            long taps = 1;
            for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
            {
                taps = Math.Max(taps, set->Taps);
            }

            Strip(pass, taps, Math.Max(1, taps / problem.Kernel.W));
        }

        // Joined sets are finished together, when the sums of all are there.
        pass->KeepsSums |= pass->JoinedSets > 1;

        var blocks = pass->Weights.Blocks;
        var tileColumns = TileColumns(pass);
        pass->BlocksPerPiece = Math.Min(blocks.Count, pass->KeepsSums ? Math.Max(1, Blocking.TileBytes / elementSize / pass->StripPitch / pass->JoinedSets / blocks.Most) : blocks.Count);
        pass->TilesAreInRows = pass->Planes.Form == SourceForm.InPlace || (hasPlanes && !pass->KeepsSums && CuttingRowsPays(pass));
        var perTile = Math.Max(1.0, (double)pass->BlocksPerPiece * blocks.Most * problem.SourceChannels * pass->Sets->Taps * tileColumns * pass->JoinedSets);
        var strips = (long)Math.Max(1, Blocking.PieceProducts / perTile / pass->TilesPerStrip);
        pass->TilesPerPiece = strips * pass->TilesPerStrip;

        WorkspaceBook shared = default, worker = default;
        BookBlock(pass, hasPlanes ? PlanesOfBlock(pass) : 0, ref shared, ref worker);
        var block = blocks.Most * pass->StripPitch;
        var sums = pass->KeepsSums ? PlaneProduct<float>.SumsOfSet(pass) * pass->JoinedSets : block;
        pass->RowPiece = worker.Book(problem.Source.W, elementSize);
        pass->Cost = CostModel.OfPlanes(pass);
        pass->ColumnsPiece = worker.Book(pass->Planes.Form != SourceForm.Columns ? 0 : Math.Min(problem.SourceChannels, ChainOrder.LongestChain) * pass->StripPitch, elementSize);
        pass->TilePiece = worker.Book(sums, elementSize);
        pass->AddendPiece = worker.Book(block, elementSize);
        pass->JoinedPiece = worker.Book(pass->JoinedSets > 1 ? block * pass->JoinedSets : 0, elementSize);
        pass->TileGroupPiece = worker.Book(TapSetBuilder.HasGroups(pass) ? sums : 0, elementSize);
        return Store(pass, shared, worker, ref reason);
    }

    /// <summary>Elements of the planes of a block of images. Tiles read whole vectors, past the end of the last.</summary>
    private static CheckedSize PlanesOfBlock(PassPlan* pass) =>
        ((CheckedSize)pass->ImagesPerBlock * pass->Problem.Groups * pass->Problem.SourceChannels * pass->Planes.ChannelStride) + TileColumns(pass);

    private static bool BookLines(PassPlan* pass, ref Message reason)
    {
        var problem = pass->Problem;
        var elementSize = pass->ElementSize;
        pass->ImagesPerBlock = ImagesPerBlock(pass, (CheckedSize)problem.SourceChannels * pass->Planes.ChannelStride, Blocking.PlaneBytes);
        pass->BlocksAreLocal = BlocksAreLocal(pass);
        long width = 1;
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            width = Math.Max(width, set->Number.W);
        }

        // Rows of sums are whole vectors.
        pass->TileRows = KernelSet<float>.LineRows;
        pass->TilePitch = (width + pass->VectorLength - 1) / pass->VectorLength * pass->VectorLength;
        var products = (double)pass->TileRows * pass->TilePitch * problem.SourceChannels * pass->Sets->Taps * pass->JoinedSets;
        pass->LineTilesPerPiece = (long)Math.Max(1, Blocking.PieceProducts / products);

        WorkspaceBook shared = default, worker = default;
        BookBlock(pass, PlanesOfBlock(pass), ref shared, ref worker);
        var row = pass->TilePitch * pass->JoinedSets;
        pass->RowPiece = worker.Book(problem.Source.W, elementSize);
        pass->Cost = CostModel.OfLines(pass);
        pass->TilePiece = worker.Book(row * pass->TileRows, elementSize);
        pass->AddendPiece = worker.Book(row, elementSize);
        pass->JoinedPiece = worker.Book(pass->JoinedSets > 1 ? row : 0, elementSize);
        return Store(pass, shared, worker, ref reason);
    }

    private static bool BookPoints(Plan* plan, PassPlan* pass, ref Message reason)
    {
        var problem = pass->Problem;
        var elementSize = pass->ElementSize;
        var ofImage = (CheckedSize)problem.SourceChannels * (pass->Planes.Form == SourceForm.Tiles ? pass->Sets->Number.Product : pass->Planes.ChannelStride);
        pass->ImagesPerBlock = pass->Planes.Form switch
        {
            SourceForm.InPlace => Math.Max(1, problem.Batch),
            SourceForm.Tiles => ImagesPerBlock(pass, ofImage, Blocking.TilesBytes),
            _ => pass->Planes.Images > 1 ? pass->Planes.Images : ImagesPerBlock(pass, ofImage, Blocking.PlaneBytes),
        };
        pass->BlocksAreLocal = BlocksAreLocal(pass);

        // Runs of pixels: as many as their sums may fill, fewer to have pieces enough, whole tiles. Images that lie together are in one run.
        var width = TileColumns(pass);
        var mostSums = MostSums(pass);
        var pixels = Pixels(pass) * pass->ImagesPerBlock;
        var products = Math.Max(1, (double)problem.SourceChannels * pass->Sets->Taps * width * pass->JoinedSets);
        var least = (long)(Blocking.PieceProducts / products);
        var pieces = problem.Groups * pass->Weights.Blocks.Count * (pass->SetCount / pass->JoinedSets);
        var wanted = pass->BlocksAreLocal || pieces >= Blocking.PiecesNeeded ? pixels : pixels * pieces / Blocking.PiecesWanted;
        var most = Math.Max(1, Math.Min(pixels, mostSums));
        least = Math.Max(least, pass->Together(pass->ImagesPerBlock));
        pass->PixelsPerPiece = Math.Min(most, Math.Max(1, Math.Max(least, wanted))) + pass->TileRows - 1;
        pass->PixelsPerPiece -= pass->PixelsPerPiece % pass->TileRows;

        pass->SkipsPadding = pass->SkipsPadding || SkipsPadding(pass, 1, pass->PixelsPerPiece);

        // What pieces read again: all pixels for each block of channels, or all weights for each run of pixels, unless they stay in a second-level cache.
        var planes = pass->Planes.Images > 1 ? ofImage : ofImage * pass->ImagesPerBlock;
        var sourceBytes = (double)planes.Value * elementSize;
        var weightBytes = (double)pass->PackedBytes / problem.Groups / pass->SetCount * pass->JoinedSets;
        var pixelsAgain = sourceBytes > Blocking.NearBytes ? pass->Weights.Blocks.Count * sourceBytes : 0;
        var weightsAgain = weightBytes > Blocking.NearBytes ? (double)pixels / pass->PixelsPerPiece * weightBytes : 0;
        pass->ChannelsInnermost = weightsAgain < pixelsAgain;
        pass->WeightsAreFar = weightBytes > Blocking.NearBytes;
        pass->PacksChains = pass->SetCount == 1 && problem.Kernel.Product <= ChainOrder.LongestChain
            && pass->ImagesPerBlock >= problem.Batch && Band.Count(pass) == 1 && pixels <= pass->PixelsPerPiece;

        WorkspaceBook shared = default, worker = default;
        var block = pass->Planes.Form switch
        {
            SourceForm.InPlace => 0,
            SourceForm.Tiles => (CheckedSize)problem.Groups * ImageBlock<float>.TilesOf(pass) * pass->Planes.TileStride,
            _ => planes * problem.Groups,
        };
        BookBlock(pass, block, ref shared, ref worker);

        // Transposed, a row of pixels is whole vectors.
        pass->TilePitch = ((pass->PixelsPerPiece * pass->JoinedSets) + pass->VectorLength - 1) / pass->VectorLength * pass->VectorLength;
        var sums = pass->PixelsPerPiece * pass->JoinedSets * width;
        pass->RowPiece = worker.Book(pass->Planes.Form == SourceForm.Tiles ? TileFiller<float>.Buffer(problem.Source.W) : PlaneFiller<float>.Buffer(pass->Planes), elementSize);
        pass->Cost = CostModel.OfPoints(pass);
        pass->TilesPiece = worker.Book(pass->PixelsPerPiece, sizeof(PixelTile));
        pass->OffsetsPiece = worker.Book(pass->PixelsPerPiece, sizeof(nint));
        pass->TileOffsetsPiece = worker.Book(pass->SkipsPadding ? pass->PixelsPerPiece : 0, sizeof(nint));
        pass->PlacesPiece = worker.Book(pass->PixelsPerPiece, sizeof(nint));
        pass->ChainWeightsPiece = worker.Book(pass->PacksChains ? ChainOrder.LongestChain * width : 0, elementSize);
        pass->TotalsPiece = worker.Book(sums, elementSize);
        pass->TileGroupPiece = worker.Book(TapSetBuilder.HasGroups(pass) ? sums : 0, elementSize);
        pass->TilePiece = worker.Book(width * pass->TilePitch, elementSize);
        pass->AddendPiece = worker.Book(width * pass->TilePitch, elementSize);
        return Store(pass, shared, worker, ref reason);
    }

    /// <summary>Result pixels of one image, or of a band of it, of the set that has most.</summary>
    private static long Pixels(PassPlan* pass)
    {
        long pixels = 1;
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            pixels = Math.Max(pixels, set->Number.D * Math.Min(set->Number.H, pass->RowsPerBand) * set->Number.W);
        }

        return pixels;
    }

    /// <summary>Pixels whose sums one piece of work may hold.</summary>
    private static long MostSums(PassPlan* pass)
    {
        var bytes = pass->Sets->Taps == 1 ? Blocking.PointBytes : Blocking.PointBytesOfTaps;
        return bytes / pass->ElementSize / TileColumns(pass) / pass->JoinedSets;
    }

    /// <summary>Images whose planes may alternate, the same pixel of all of them side by side, so that tiles are full of pixels with the same padding; 1: none.</summary>
    private static long ImagesTogether(PassPlan* pass)
    {
        var problem = pass->Problem;
        var bytes = (double)problem.Groups * problem.SourceChannels * pass->Planes.ChannelStride * pass->ElementSize;
        if (pass->Planes.Form != SourceForm.Planes || pass->JoinedSets > 1 || Band.Count(pass) > 1 || bytes * pass->TileRows > Blocking.PointPlaneBytes)
        {
            return 1;
        }

        // A tile of one pixel; several, if their images stay near and all sums are of one piece of work.
        var tiles = (long)Math.Min(Blocking.PlaneBytes / Math.Max(1, bytes), MostSums(pass) / (double)Pixels(pass)) / pass->TileRows;
        return Math.Clamp(problem.Batch, 1, Math.Max(1, tiles) * pass->TileRows);
    }

    /// <summary>
    /// Whether leaving out padding pays (docs/decisions/0006): for one image as soon as it takes less, where images lie together if it makes up for filling such planes.
    /// Chains are whole, so that a tap's steps follow each other.
    /// </summary>
    /// <param name="pass">its tap sets</param>
    /// <param name="together">images that follow each other at each pixel</param>
    /// <param name="run">pixels of a piece of work, of one image</param>
    private static bool SkipsPadding(PassPlan* pass, long together, long run)
    {
        var worthwhile = together > 1 ? 0.95 : 0.985;
        double all = 0, read = 0, left = 0;
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            if (pass->Planes.Form != SourceForm.Planes || set->Taps > ChainOrder.LongestChain)
            {
                return false;
            }

            all += Products(set);
            read += Products(set) * set->Reach.PartOf(set->Number);
        }

        // A large image has little padding: to look at its tiles would take longer than the rest of the plan.
        if (read >= all * worthwhile)
        {
            return false;
        }

        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            left += Products(set) * PixelTiles.PartOf(pass, set, together, run);
        }

        pass->PartOfProducts = left / all;
        return pass->PartOfProducts < worthwhile;

        static double Products(TapSet* set) => set->Taps * set->Number.Product;
    }

    /// <summary>Whether there are blocks enough to give each worker whole ones.</summary>
    private static bool BlocksAreLocal(PassPlan* pass) => pass->Planes.Form is SourceForm.Planes or SourceForm.Tiles && Band.Blocks(pass) >= Blocking.LocalBlocks;

    /// <summary>Books planes of so many elements, and bands.</summary>
    private static void BookBlock(PassPlan* pass, CheckedSize planes, ref WorkspaceBook shared, ref WorkspaceBook worker)
    {
        ref var book = ref pass->BlocksAreLocal ? ref worker : ref shared;
        pass->PlanesPiece = book.Book(planes, pass->ElementSize);
        pass->BandPiece = book.Book(Band.Count(pass) > 1 ? Band.TapSets(pass) : 0, sizeof(TapSet));
    }

    /// <summary>Images whose groups, of so many elements each, fill so many bytes.</summary>
    private static long ImagesPerBlock(PassPlan* pass, CheckedSize ofGroup, long bytes)
    {
        var imageBytes = ofGroup * pass->Problem.Groups * pass->ElementSize;
        return Math.Clamp(bytes / Math.Max(1, imageBytes.Value), 1, Math.Max(1, pass->Problem.Batch));
    }

    private static bool Store(PassPlan* pass, WorkspaceBook shared, WorkspaceBook worker, ref Message reason)
    {
        var beforePacking = shared.Bytes;
        pass->PackedPiece = shared.Book(pass->PacksChains ? 0 : pass->PackedBytes / pass->ElementSize, pass->ElementSize);
        var slice = worker.SliceBytes;
        if (shared.Bytes.Overflowed || slice.Overflowed)
        {
            reason.Add("its workspace does not fit 63 bits"u8);
            return false;
        }

        pass->SharedBytes = shared.Bytes.Value;
        pass->SharedPackingBytes = shared.Bytes.Value - beforePacking.Value;
        pass->WorkerBytes = slice.Value;

        // Packing; filling, where there are planes, and multiplying, for each band of each block of images, or all blocks at once; what no tap reaches.
        var packing = pass->PacksChains ? 0 : 1;
        var stagesOfBlock = pass->Planes.Form is SourceForm.Planes or SourceForm.Tiles ? 2 : 1;
        var batch = pass->Problem.Batch;
        var blocks = pass->BlocksAreLocal ? 1 : stagesOfBlock * Band.Blocks(pass);
        pass->Stages = batch == 0 ? 0 : packing + blocks + (pass->HasBackground ? 1 : 0);
        return true;
    }
}
