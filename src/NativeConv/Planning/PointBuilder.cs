using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Packing;
using NativeConv.Problem;

namespace NativeConv.Planning;

/// <summary>Plans Gather and Phase problems with pixels in the rows of tiles: wherever they lie, and copied.</summary>
internal static unsafe class PointBuilder
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

    /// <summary><see cref="Algorithm.DirectTiles"/>.</summary>
    public static bool TryBuildTiles(Plan* plan, PassPlan* pass, ref Message reason)
    {
        var problem = pass->Problem;
        if (!CorrelationBuilder.SumsOneTap(problem, ref reason))
        {
            return false;
        }

        pass->Weights.Blocks = pass->ChannelVectors(problem.ResultChannels);
        pass->TileRows = KernelSet<float>.PointRows(pass->TileRows, pass->Weights.Blocks.Widest);
        pass->Planes = PlaneLayout.Tiles(problem.Source, CorrelationBuilder.PixelStep(problem), pass->TileRows, problem.SourceChannels);
        if (!CorrelationBuilder.TryTapSets(plan, pass, SourceForm.Tiles, (1, 1), ref reason))
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
            pass->Planes = PlaneLayout.InPlace(problem.Source, CorrelationBuilder.PixelStep(problem));
        }

        var isTall = TallTilesPay(pass, form);
        pass->Weights.Blocks = isTall ? new ChannelBlocks(problem.ResultChannels, pass->VectorLength, TallTile) : pass->ChannelVectors(problem.ResultChannels);

        // Four pixels are a quarter of a line: taller tiles of one tap read parts of two, which shows where lines come from memory (144 -> 32, 1x1, 28x28, 32 images: 8 % more).
        if (isTall || form == SourceForm.Planes || CostModel.SourceBytes(pass) <= Blocking.FarBytes)
        {
            pass->TileRows = KernelSet<float>.PointRows(pass->TileRows, pass->Weights.Blocks.Widest);
        }

        var channels = form == SourceForm.Planes ? TapSetBuilder.AlternatingChannels(problem) : 1;
        if (!CorrelationBuilder.TryTapSets(plan, pass, form, (1, channels), ref reason))
        {
            return false;
        }

        var images = ImagesTogether(pass);
        pass->SkipsPadding = images > 1 && SkipsPadding(pass, images, Pixels(pass));
        return (!pass->SkipsPadding || CorrelationBuilder.TryTapSets(plan, pass, form, (images, channels), ref reason)) && BookPoints(plan, pass, ref reason);
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

        if (pass->TileRows >= KernelSet<float>.FullTile || problem.Kernel.Product == phases || CorrelationBuilder.PixelStep(problem).W > 1)
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
            && problem.Result.Product / phases >= PixelsOfTallTiles && (form == SourceForm.Planes || CorrelationBuilder.PixelStep(problem).W == 1);
    }

    private static long Vectors(PassPlan* pass) => (pass->Problem.ResultChannels + pass->VectorLength - 1) / pass->VectorLength;

    private static long Phases(in ConvProblem problem) => problem.Kind == ProblemKind.Phase ? problem.Stride.Product : 1;

    private static bool BookPoints(Plan* plan, PassPlan* pass, ref Message reason)
    {
        var problem = pass->Problem;
        var elementSize = pass->ElementSize;
        var ofImage = (CheckedSize)problem.SourceChannels * (pass->Planes.Form == SourceForm.Tiles ? pass->Sets->Number.Product : pass->Planes.ChannelStride);
        pass->ImagesPerBlock = pass->Planes.Form switch
        {
            SourceForm.InPlace => Math.Max(1, problem.Batch),
            SourceForm.Tiles => CorrelationBuilder.ImagesPerBlock(pass, ofImage, Blocking.TilesBytes),
            _ => pass->Planes.Images > 1 ? pass->Planes.Images : CorrelationBuilder.ImagesPerBlock(pass, ofImage, Blocking.PlaneBytes),
        };
        pass->BlocksAreLocal = CorrelationBuilder.BlocksAreLocal(pass);

        // Runs of pixels: as many as their sums may fill, fewer to have pieces enough, whole tiles. Images that lie together are in one run.
        var width = CorrelationBuilder.TileColumns(pass);
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
        pass->PacksParts = PacksParts(pass, pixels);

        WorkspaceBook shared = default, worker = default;
        var block = pass->Planes.Form switch
        {
            SourceForm.InPlace => 0,
            SourceForm.Tiles => (CheckedSize)problem.Groups * ImageBlock<float>.TilesOf(pass) * pass->Planes.TileStride,
            _ => planes * problem.Groups,
        };
        CorrelationBuilder.BookBlock(pass, block, ref shared, ref worker);

        // Transposed, a row of pixels is whole vectors.
        pass->TilePitch = ((pass->PixelsPerPiece * pass->JoinedSets) + pass->VectorLength - 1) / pass->VectorLength * pass->VectorLength;
        var sums = pass->PixelsPerPiece * width * (pass->PacksParts ? pass->SetCount : pass->JoinedSets);
        pass->RowPiece = worker.Book(pass->Planes.Form == SourceForm.Tiles ? TileFiller<float>.Buffer(problem.Source.W) : PlaneFiller<float>.Buffer(pass->Planes), elementSize);
        pass->Cost = CostModel.OfPoints(pass);
        pass->TilesPiece = worker.Book(pass->PixelsPerPiece, sizeof(PixelTile));
        pass->OffsetsPiece = worker.Book(pass->PixelsPerPiece, sizeof(nint));
        pass->TileOffsetsPiece = worker.Book(pass->SkipsPadding ? pass->PixelsPerPiece : 0, sizeof(nint));
        pass->PlacesPiece = worker.Book(pass->PixelsPerPiece, sizeof(nint));
        pass->PartWeightsPiece = worker.Book(pass->PacksParts ? pass->Weights.ChannelsPerPart * pass->Weights.Taps * width : 0, elementSize);
        pass->TotalsPiece = worker.Book(sums, elementSize);
        pass->TileGroupPiece = worker.Book(TapSetBuilder.HasGroups(pass) ? sums : 0, elementSize);
        pass->TilePiece = worker.Book(width * pass->TilePitch, elementSize);
        pass->AddendPiece = worker.Book(width * pass->TilePitch, elementSize);
        return CorrelationBuilder.Store(pass, shared, worker, ref reason);
    }

    /// <summary>Whether each weight is used by one run of pixels only. Of several sets, one piece of work does all: it has room for their sums, and pieces are enough.</summary>
    private static bool PacksParts(PassPlan* pass, long pixels)
    {
        var problem = pass->Problem;
        if (problem.Kernel.Product > ChainOrder.LongestChain || pass->ImagesPerBlock < problem.Batch || Band.Count(pass) > 1 || pixels > pass->PixelsPerPiece)
        {
            return false;
        }

        var partBytes = pass->Weights.ChannelsPerPart * pass->Weights.Taps * CorrelationBuilder.TileColumns(pass) * pass->ElementSize;
        return pass->SetCount == 1
            || (pass->SetsAreAlike && partBytes <= Blocking.NearBytes && pixels * pass->SetCount / pass->JoinedSets <= MostSums(pass)
                && problem.Groups * pass->Weights.Blocks.Count >= Blocking.PiecesNeeded);
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
        return bytes / pass->ElementSize / CorrelationBuilder.TileColumns(pass) / pass->JoinedSets;
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
}
