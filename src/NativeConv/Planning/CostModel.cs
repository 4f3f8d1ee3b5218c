using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Packing;

namespace NativeConv.Planning;

/// <summary>
/// What an algorithm of a Gather or Phase problem is expected to take, in multiply-adds of a vector. It need only be right where algorithms are compared, and
/// never shows in the bits. Figures per number are from timings of every layer of bench/shapes by every algorithm (<c>NATIVECONV_ALGORITHM</c>).
/// </summary>
internal static unsafe class CostModel
{
    // Costs of a number are in lanes, since vectors do not make them less: moving numbers waits for caches. A unit of a cost is what all lanes of a vector do at once.
    // Copied into planes, padding included, and read from there; into the columns of a tile, which stay near; into tiles, in the order in which they are read.
    private const double PlaneOfNumber = 35;
    private const double ColumnOfNumber = 9;
    private const double TileOfNumber = 12;

    // Summed where it belongs, and finished there.
    private const double ResultOfNumber = 6;

    // The same of far results by vectors as long as a line, if these begin within lines: each store is of two of them.
    private const double CrossedLineOfNumber = 10;

    // Finished and written elsewhere.
    private const double MovedResultOfNumber = 32;

    // Turned out of rows of pixels, into the result itself where its pixels lie side by side.
    private const double TurnedResultOfNumber = 18;

    // Tiles of points that are one vector wide load nine numbers or vectors for eight multiply-adds: 64 -> 8, 3x3, 14x14, 16 images takes 1.13 times as long as by planes (AVX2).
    private const double OneVector = 1.2;

    // Tiles of four rows read a line of each of a chain's channels for every four pixels: if these and the weights are most of a first-level cache of 32 KB, they wait
    // (160 channels, 25 KB: as long as 256; 96 channels, 15 KB: not).
    private const int NearBytes = 20480;
    private const double FarLines = 1.2;

    // The same where each of several sets reads them anew: 512 -> 256 and 256 -> 128, 2x2 with stride 2 transposed, take 1.13 and 1.15 times as long as by tiles and columns.
    private const double FarLinesOfSets = 1.6;

    // Weights that are read again for every tile of pixels: from the third-level cache, if they are more than half of a second-level cache of 512 KB.
    private const long FarWeightBytes = 1 << 18;
    private const double FarWeights = 1.08;

    /// <summary>Bytes of a cache line.</summary>
    public const int LineBytes = 64;

    /// <summary>Channels of the caller's own image that lie further apart than this need a page table entry each, and no prefetcher follows them.</summary>
    public const long FarChannelBytes = 32768;

    private const double FarChannels = 1.15;

    // Of the 64 to 96 entries of the first level of translation half, beside what else is read.
    private const long NearChannels = 32;

    // Prefetchers stop at its end.
    private const int PageBytes = 4096;

    // The same for tiles that read each channel of a chain in its own plane.
    private const double FarPlanes = 1.4;

    // A weight that is packed inside the call into blocks of four or eight rows, or into vectors; in lanes.
    private const double PackedRow = 52;
    private const double PackedVector = 17;

    // Copying a tile's columns also takes first-level cache from its weights; tiles that were copied come from a farther one; vectors of planes cross cache lines.
    private const double Columns = 1.03;
    private const double Tiles = 1.09;
    private const double Planes = 1.14;

    // A tile of lines loads vectors for fewer rows than a tile of channels, across cache lines. Each line of taps begins a loop, and each line of results is finished alone: in multiply-adds of a vector.
    private const double Lines = 1.3;
    private const double LineOfTaps = 10;
    private const double FinishedLine = 80;

    /// <summary>Result channels in the rows of tiles.</summary>
    public static double OfPlanes(PassPlan* pass)
    {
        var problem = pass->Problem;
        var columns = pass->Planes.Form == SourceForm.Columns;
        double cost = pass->Planes.Form switch
        {
            SourceForm.Planes => OfPlaneNumbers(pass),
            SourceForm.InPlace => OfRowsInPlace(pass),
            _ => 0,
        };
        var far = columns || !IsFar(pass) ? 1 : pass->Planes.Form == SourceForm.InPlace ? ReadingCosts.Here.ChannelsApart : FarPlanes;
        var inPlace = PartInPlace(pass);
        var ofResult = ResultOfNumber + (StoresCrossLines(pass) ? CrossedLineOfNumber : 0);
        var columnOfNumber = OfNumbers(pass, ColumnOfNumber + (IsOutOfMemory(pass) ? ReadingCosts.Here.FarColumn : 0));
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            var tiling = PlaneProduct<float>.Tiling(pass, set);
            var steps = (double)problem.SourceChannels * set->Taps;
            var rows = Units(pass->Weights.Blocks, KernelSet<float>.TileColumns) * (columns ? Columns : IsNear(pass) ? 1 : Planes);
            rows *= problem.ResultChannels * steps * pass->ElementSize > FarWeightBytes ? FarWeights : 1;
            var slices = (double)set->Number.D * tiling.Vectors;
            var fills = (pass->Weights.Blocks.Count + pass->BlocksPerPiece - 1) / pass->BlocksPerPiece;
            cost += slices * rows * steps * far;
            cost += (double)set->Number.D * tiling.Tiles * pass->Weights.Blocks.Count * set->Order.Count * KernelSet<float>.TileStart;
            cost += columns ? slices * pass->VectorLength * fills * columnOfNumber * problem.SourceChannels : 0;
        }

        return Packing(pass, PackedRow) + (problem.Batch * problem.Groups * (cost + (OfNumbers(pass, (inPlace * ofResult) + ((1 - inPlace) * MovedResultOfNumber)) * problem.ResultChannels * problem.Result.Product)));
    }

    /// <summary>Lines of one result channel in the rows of tiles.</summary>
    public static double OfLines(PassPlan* pass)
    {
        var problem = pass->Problem;
        var cost = OfPlaneNumbers(pass) + (OfNumbers(pass, ResultOfNumber) * problem.Result.Product);
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            var (lines, taps) = ((double)set->Number.D * set->Number.H, set->Reach.Taps);
            var vectors = (set->Number.W + pass->VectorLength - 1) / pass->VectorLength;
            var across = EvenParts.AtMost(KernelSet<float>.TileColumns, vectors).Count;
            var tiles = lines / pass->TileRows * across;

            // Each line of taps meets all rows but those that end before it or begin after it; a sum that is added to waits, however few there are.
            var linesOfTaps = (double)taps.D * (taps.H + pass->TileRows - 1);
            var products = (double)taps.D * taps.H * pass->TileRows * vectors / across * Lines;
            cost += tiles * Math.Max(products, linesOfTaps * KernelSet<float>.FullTile) * taps.W * problem.SourceChannels;
            cost += tiles * set->Order.Count * (KernelSet<float>.TileStart + (linesOfTaps * LineOfTaps));
            cost += lines * FinishedLine;
        }

        return Packing(pass, PackedRow) + (problem.Batch * problem.Groups * cost);
    }

    /// <summary>Whether vectors of planes cost nothing more: they cross no cache lines, and the pages of all channels are known to the first level of translation.</summary>
    private static bool IsNear(PassPlan* pass) =>
        pass->Planes.Form == SourceForm.InPlace && pass->Planes.ChannelStride * pass->ElementSize % LineBytes == 0 && pass->Problem.SourceChannels <= NearChannels;

    /// <summary>Reading the caller's image by vectors, beyond the multiply-adds: more channels than prefetchers follow.</summary>
    private static double OfRowsInPlace(PassPlan* pass)
    {
        var costs = ReadingCosts.Here;
        var ofNumber = !IsOutOfMemory(pass) ? costs.Row : pass->Problem.SourceChannels > costs.ChannelsFollowed ? costs.FarRowOfMany : costs.FarRow;
        return OfNumbers(pass, ofNumber) * pass->Problem.SourceChannels * pass->Problem.Source.Product;
    }

    private static bool StoresCrossLines(PassPlan* pass) =>
        pass->ResultsAreFar && pass->VectorLength * pass->ElementSize == LineBytes && pass->Problem.Result.Product * pass->ElementSize % LineBytes != 0;

    /// <summary>Of the results those that are summed where they belong: in tiles that do not go beyond the end of a row, unless rows follow each other like those of the result.</summary>
    private static double PartInPlace(PassPlan* pass)
    {
        var set = pass->Sets;
        if (pass->JoinedSets > 1 || set->PixelStep.W > 1)
        {
            return 0;
        }

        if (pass->TilesAreInRows)
        {
            return 1;
        }

        var pitch = pass->Planes.Form == SourceForm.Columns ? set->Number.W : pass->Planes.Size.W;
        var isDense = pitch == pass->Problem.Result.W && set->Number.W == pitch;
        return isDense ? 1 : Math.Max(0, (set->Number.W - (KernelSet<float>.TileColumns * pass->VectorLength) + 1) / (double)pitch);
    }

    /// <summary>Pixels in the rows of tiles.</summary>
    public static double OfPoints(PassPlan* pass)
    {
        var problem = pass->Problem;
        var ofProduct = (pass->SkipsPadding ? pass->PartOfProducts : 1) * (pass->Weights.Blocks.Widest == 1 ? OneVector : 1);
        double cost = 0;
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            cost += ofProduct * set->Number.Product * Units(pass->Weights.Blocks, pass->TileRows) * problem.SourceChannels * set->Taps;
            cost += (double)set->Number.Product / pass->TileRows * pass->Weights.Blocks.Count * set->Order.Count * KernelSet<float>.TileStart;
        }

        switch (pass->Planes.Form)
        {
            case SourceForm.Tiles:
                var tileOfNumber = TileOfNumber + (IsOutOfMemory(pass) ? ReadingCosts.Here.FarTile : 0);
                cost = (cost * Tiles) + (OfNumbers(pass, tileOfNumber) * problem.SourceChannels * pass->Sets->Number.Product);
                break;
            case SourceForm.Planes:
                cost = (cost * OfFarLines(pass)) + OfPlaneNumbers(pass);
                break;
            default:
                cost *= OfFarLines(pass);
                cost *= pass->Planes.ChannelStride * pass->ElementSize > FarChannelBytes ? FarChannels : 1;
                cost += OfPointsInPlace(pass);
                break;
        }

        var turned = pass->JoinedSets > 1 || pass->Sets->PixelStep.W == 1 ? TurnedResultOfNumber : MovedResultOfNumber;
        return Packing(pass, PackedVector) + (problem.Batch * problem.Groups * (cost + (OfNumbers(pass, turned) * problem.ResultChannels * problem.Result.Product)));
    }

    /// <summary>Reading the caller's image by tiles of points, beyond the multiply-adds. A line that is read with a stride holds fewer pixels.</summary>
    private static double OfPointsInPlace(PassPlan* pass)
    {
        var costs = ReadingCosts.Here;
        var ofNumber = IsOutOfMemory(pass) ? costs.FarPoint : pass->Planes.ChannelStride * pass->ElementSize > PageBytes ? costs.PointPagesApart : 0;
        double pixels = 0;
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            pixels += set->Number.Product * pass->Planes.Pixel.W;
        }

        return OfNumbers(pass, ofNumber) * pass->Problem.SourceChannels * pixels;
    }

    private static bool IsOutOfMemory(PassPlan* pass) => SourceBytes(pass) > ReadingCosts.Here.FarBytes;

    /// <summary>Bytes of the source, all images.</summary>
    public static double SourceBytes(PassPlan* pass)
    {
        var problem = &pass->Problem;
        return (double)problem->Batch * problem->Groups * problem->SourceChannels * problem->Source.Product * pass->ElementSize;
    }

    private static double OfFarLines(PassPlan* pass) =>
        pass->TileRows >= KernelSet<float>.FullTile || !IsFar(pass) ? 1 : pass->SetCount > 1 ? FarLinesOfSets : FarLines;

    /// <summary>Filling the planes of a group, and reading them.</summary>
    private static double OfPlaneNumbers(PassPlan* pass) =>
        OfNumbers(pass, PlaneOfNumber) * pass->Problem.SourceChannels * pass->Planes.ChannelStride / pass->Planes.Images * Band.Count(pass);

    /// <summary>Sums over one tap whose chains read more lines than a first-level cache holds: with more taps, a line serves several steps.</summary>
    private static bool IsFar(PassPlan* pass)
    {
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            if (set->Taps != 1)
            {
                return false;
            }
        }

        var ofStep = LineBytes + (KernelSet<float>.TileColumns * pass->VectorLength * pass->ElementSize);
        return Math.Min(ChainOrder.LongestChain, pass->Problem.SourceChannels) * ofStep > NearBytes;
    }

    private static double Packing(PassPlan* pass, double ofWeight) => OfNumbers(pass, ofWeight) * pass->PackedBytes / pass->ElementSize;

    private static double OfNumbers(PassPlan* pass, double lanes) => lanes / pass->VectorLength;

    /// <summary>Units of all blocks, a block that does not fill a tile with this many of the other side counted for what it takes.</summary>
    private static double Units(ChannelBlocks blocks, int otherSide) => Math.Max(blocks.Padded / blocks.Unit, blocks.Count * (KernelSet<float>.FullTile / (double)otherSide));
}
