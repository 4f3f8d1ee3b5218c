using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Packing;
using NativeConv.Problem;

namespace NativeConv.Planning;

/// <summary>Plans Gather and Phase problems with pixels across tiles: of planes, channels or lines in rows, and of columns.</summary>
internal static unsafe class PlaneBuilder
{
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

        if (!CorrelationBuilder.TryTapSets(plan, pass, form, (1, 1), ref reason))
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
            && (pixels >= CorrelationBuilder.TileColumns(pass) || pixels % pass->VectorLength == 0);
    }

    /// <summary><see cref="Algorithm.DirectColumns"/>.</summary>
    public static bool TryBuildColumns(Plan* plan, PassPlan* pass, ref Message reason)
    {
        var problem = pass->Problem;
        if (!CorrelationBuilder.SumsOneTap(problem, ref reason))
        {
            return false;
        }

        pass->Weights.Blocks = pass->ChannelRows;
        Strip(pass, taps: 1, rows: 1);
        pass->Planes = PlaneLayout.Columns(problem.Source, CorrelationBuilder.PixelStep(problem), pass->StripPitch);
        return CorrelationBuilder.TryTapSets(plan, pass, SourceForm.Columns, (1, 1), ref reason) && BookPlanes(plan, pass, ref reason);
    }

    /// <summary>Decides how many tiles are one strip: several, if the sums are of one chain and the rows of pixels that they read stay near.</summary>
    /// <param name="pass">the plan</param>
    /// <param name="taps">of the set that has most</param>
    /// <param name="rows">rows of pixels, in each channel, that these are</param>
    private static void Strip(PassPlan* pass, long taps, long rows)
    {
        var channels = pass->Problem.SourceChannels;
        pass->KeepsSums = (CheckedSize)channels * taps is var products && (products.Overflowed || products.Value > ChainOrder.LongestChain);
        var tileBytes = CorrelationBuilder.TileColumns(pass) * pass->ElementSize;
        var most = Math.Min(PlaneProduct<float>.MostTiles, Blocking.StripRowBytes / tileBytes);
        pass->TilesPerStrip = pass->KeepsSums ? 1 : Math.Clamp(Blocking.StripBytes / (tileBytes * Math.Max(1, channels * rows)), 1, most);
    }

    /// <summary>Whether tiles that end with rows of pixels take less than full ones.</summary>
    private static bool CuttingRowsPays(PassPlan* pass)
    {
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            if (set->Number.W < CorrelationBuilder.TileColumns(pass) && set->Number.W % pass->VectorLength != 0)
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
        pass->ImagesPerBlock = hasPlanes ? CorrelationBuilder.ImagesPerBlock(pass, (CheckedSize)problem.SourceChannels * pass->Planes.ChannelStride, Blocking.PlaneBytes) : Math.Max(1, problem.Batch);
        pass->BlocksAreLocal = CorrelationBuilder.BlocksAreLocal(pass);

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
        var tileColumns = CorrelationBuilder.TileColumns(pass);
        pass->BlocksPerPiece = Math.Min(blocks.Count, pass->KeepsSums ? Math.Max(1, Blocking.TileBytes / elementSize / pass->StripPitch / pass->JoinedSets / blocks.Most) : blocks.Count);
        pass->TilesAreInRows = pass->Planes.Form == SourceForm.InPlace || (hasPlanes && !pass->KeepsSums && CuttingRowsPays(pass));
        var perTile = Math.Max(1.0, (double)pass->BlocksPerPiece * blocks.Most * problem.SourceChannels * pass->Sets->Taps * tileColumns * pass->JoinedSets);
        var strips = (long)Math.Max(1, Blocking.PieceProducts / perTile / pass->TilesPerStrip);
        pass->TilesPerPiece = strips * pass->TilesPerStrip;

        WorkspaceBook shared = default, worker = default;
        CorrelationBuilder.BookBlock(pass, hasPlanes ? PlanesOfBlock(pass) : 0, ref shared, ref worker);
        var block = blocks.Most * pass->StripPitch;
        var sums = pass->KeepsSums ? PlaneProduct<float>.SumsOfSet(pass) * pass->JoinedSets : block;
        pass->RowPiece = worker.Book(problem.Source.W, elementSize);
        pass->Cost = CostModel.OfPlanes(pass);
        pass->ColumnsPiece = worker.Book(pass->Planes.Form != SourceForm.Columns ? 0 : Math.Min(problem.SourceChannels, ChainOrder.LongestChain) * pass->StripPitch, elementSize);
        pass->TilePiece = worker.Book(sums, elementSize);
        pass->AddendPiece = worker.Book(block, elementSize);
        pass->JoinedPiece = worker.Book(pass->JoinedSets > 1 ? block * pass->JoinedSets : 0, elementSize);
        pass->TileGroupPiece = worker.Book(TapSetBuilder.HasGroups(pass) ? sums : 0, elementSize);
        return CorrelationBuilder.Store(pass, shared, worker, ref reason);
    }

    /// <summary>Elements of the planes of a block of images. Tiles read whole vectors, past the end of the last.</summary>
    private static CheckedSize PlanesOfBlock(PassPlan* pass) =>
        ((CheckedSize)pass->ImagesPerBlock * pass->Problem.Groups * pass->Problem.SourceChannels * pass->Planes.ChannelStride) + CorrelationBuilder.TileColumns(pass);

    private static bool BookLines(PassPlan* pass, ref Message reason)
    {
        var problem = pass->Problem;
        var elementSize = pass->ElementSize;
        pass->ImagesPerBlock = CorrelationBuilder.ImagesPerBlock(pass, (CheckedSize)problem.SourceChannels * pass->Planes.ChannelStride, Blocking.PlaneBytes);
        pass->BlocksAreLocal = CorrelationBuilder.BlocksAreLocal(pass);
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
        CorrelationBuilder.BookBlock(pass, PlanesOfBlock(pass), ref shared, ref worker);
        var row = pass->TilePitch * pass->JoinedSets;
        pass->RowPiece = worker.Book(problem.Source.W, elementSize);
        pass->Cost = CostModel.OfLines(pass);
        pass->TilePiece = worker.Book(row * pass->TileRows, elementSize);
        pass->AddendPiece = worker.Book(row, elementSize);
        pass->JoinedPiece = worker.Book(pass->JoinedSets > 1 ? row : 0, elementSize);
        return CorrelationBuilder.Store(pass, shared, worker, ref reason);
    }
}
