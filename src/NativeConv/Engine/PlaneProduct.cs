using System.Runtime.CompilerServices;
using NativeConv.Kernels.Moves;
using NativeConv.Packing;
using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>
/// The multiplying stage with result channels in the rows of tiles. Strips of pixels are outermost, so that the sums of one strip and all its channels stay
/// in cache while the chains are added up.
/// </summary>
internal static unsafe class PlaneProduct<T>
    where T : unmanaged
{
    /// <summary>Tiles of a strip, at most.</summary>
    public const int MostTiles = 32;

    // Sums of a tile that are not where the results belong.
    private const long NoPlace = -1;

    // Blocks of channels that are worth copying columns for: by CostModel's figures copying is a fifth of the time then, and of twice as many a tenth.
    private const long BlocksOfColumns = 4;

    // Strips of pixels for each worker, if each strip is to be one worker's: they stay within a quarter of each other.
    private const long StripsPerWorker = 4;

    // Channels this far apart share their cache sets.
    private const int Page = 4096;

    /// <summary>Runs the stage.</summary>
    public static void Run(ImageBlock<T>* block, StageRunner* runner) => runner->Run(&Multiply, block, block->Count * PiecesPerImage(block));

    private static long PiecesPerImage(ImageBlock<T>* images) => ImageBlock<T>.PiecesOfSets(images, &PiecesOfSet);

    private static long PiecesOfSet(ImageBlock<T>* images, TapSet* set)
    {
        var pass = images->Call->Pass;
        return set->Number.D * pass->Problem.Groups * Parts(Tiling(pass, set).Tiles, pass->TilesPerPiece) * Parts(pass->Weights.Blocks.Count, BlocksPerPiece(images));
    }

    /// <summary>All blocks where there are images or strips enough to share; else workers take channels of their own.</summary>
    private static long BlocksPerPiece(ImageBlock<T>* images)
    {
        var pass = images->Call->Pass;
        var strips = Parts(Tiling(pass, pass->Sets).Tiles, pass->TilesPerStrip);
        if (images->Count >= images->Workers || strips >= images->Workers * StripsPerWorker)
        {
            return pass->BlocksPerPiece;
        }

        var least = pass->Planes.Form == SourceForm.Columns ? BlocksOfColumns : 1;
        return Math.Min(pass->BlocksPerPiece, Math.Max(least, Parts(pass->Weights.Blocks.Count, images->Workers)));
    }

    private static long Parts(long whole, long part) => (whole + part - 1) / part;

    /// <summary>How a slice of a set is cut into tiles.</summary>
    public static Tiling Tiling(PassPlan* pass, TapSet* set) => new(set, SourcePitch(pass, set), pass->VectorLength, pass->TilesAreInRows);

    /// <summary>From one row of a slice to the next: planes have margins, pixels that are copied one by one have none.</summary>
    private static long SourcePitch(PassPlan* pass, TapSet* set) => pass->Planes.Form == SourceForm.Planes ? pass->Planes.Size.W : set->Number.W;

    /// <summary>A few strips of some blocks of channels, of one slice, group, tap set and image.</summary>
    private static void Multiply(void* job, long piece, int worker)
    {
        var images = (ImageBlock<T>*)job;
        var call = images->Call;
        var pass = call->Pass;
        var image = Math.DivRem(piece, PiecesPerImage(images), out piece);
        var set = ImageBlock<T>.SetOf(images, ref piece, &PiecesOfSet);
        var tiling = Tiling(pass, set);
        var blocks = BlocksPerPiece(images);
        piece = Math.DivRem(piece, Parts(tiling.Tiles, pass->TilesPerPiece), out var tilePart);
        piece = Math.DivRem(piece, set->Number.D, out var slice);
        var group = Math.DivRem(piece, Parts(pass->Weights.Blocks.Count, blocks), out var blockPart);
        TilePlaces places;
        var work = new StripWork
        {
            Places = (TilePlace*)&places,
            Image = images->First + image,
            Group = group,
            Slice = slice,
            FirstBlock = blockPart * blocks,
            EndBlock = Math.Min((blockPart + 1) * blocks, pass->Weights.Blocks.Count),
        };
        if (pass->Planes.Form == SourceForm.Columns)
        {
            work.Source = images->Source(work.Image).Skip(group * pass->Problem.SourceChannels * pass->Problem.Source.Product);
        }
        else
        {
            work.Planes = images->SourceStart + (image * images->SourceStride) + (group * images->GroupStride) + (slice * pass->Planes.Strides.D);
        }

        var end = Math.Min((tilePart + 1) * pass->TilesPerPiece, tiling.Tiles);
        for (var tile = tilePart * pass->TilesPerPiece; tile < end; tile += pass->TilesPerStrip)
        {
            work.Tiles = (int)(Math.Min(tile + pass->TilesPerStrip, end) - tile);
            PlaceTiles(call, tiling, tile, &work, set);
            for (work.Set = set; work.Set < set + pass->JoinedSets; work.Set++)
            {
                MultiplyStrip(call, &work, worker);
            }

            if (pass->JoinedSets > 1)
            {
                FinishJoined(call, &work, set, call->Worker(worker));
            }
        }
    }

    /// <summary>
    /// Where the tiles of a strip are read and summed: where their results belong, if their columns are neighbours there, unless chains are added in groups, an addend
    /// lies there, or the rows of a tile, which each chain reads again, would fall into the same cache sets. Columns that two tiles compute, maybe at once, have to be
    /// the result as they are.
    /// </summary>
    private static void PlaceTiles(Call<T>* call, Tiling tiling, long first, StripWork* work, TapSet* set)
    {
        var pass = call->Pass;
        var chains = set->Order.Count;
        var inPlace = pass->JoinedSets == 1 && set->PixelStep.W == 1 && call->Addend == null && chains <= ChainOrder.ChainsPerGroup
            && (chains == 1 || pass->Problem.Result.Product * sizeof(T) % Page != 0);
        var finishes = call->Activates || call->Finish.Scale;
        for (var i = 0; i < work->Tiles; i++)
        {
            var tile = tiling[first + i];
            var places = work->Places + i;
            places->Source = tile.Source;
            places->Sums = tile.First;
            places->Overlap = tile.Overlap;
            places->Vectors = tile.Vectors;
            var columns = Columns(pass, set, work->Slice, tile.First, (long)tile.Vectors * pass->VectorLength);
            long next = 0;
            var isRun = inPlace && columns.NextRun(ref next, out _, out places->Result, out var length) && length == columns.Count;
            if (!isRun || (tile.Overlap > 0 && finishes))
            {
                places->Result = NoPlace;
            }
        }

        work->First = work->Places[0].Sums;
        work->FirstSource = work->Places[0].Source;
        for (var i = 0; i < work->Tiles; i++)
        {
            work->Places[i].Sums -= work->First;
            work->Places[i].Source -= work->FirstSource;
        }

        var last = work->Places[work->Tiles - 1];
        work->Columns = last.Sums + ((long)last.Vectors * pass->VectorLength);
    }

    /// <summary>
    /// The sums of one strip, chain after chain, and with the last of them the results. Where there is one chain, a block's sums take the place of those of the
    /// block before.
    /// </summary>
    private static void MultiplyStrip(Call<T>* call, StripWork* work, int worker)
    {
        var pass = call->Pass;
        var workspace = call->Worker(worker);
        var set = work->Set;
        var weights = &pass->Weights;
        var pitch = (nint)pass->StripPitch;
        var totals = pass->TilePiece.Get<T>(workspace) + (pass->JoinedSets > 1 ? set->First.W * SumsOfSet(pass) : 0);
        var chains = set->Order.Count;
        var size = (nint)pass->Problem.Result.Product;
        var sums = chains > ChainOrder.ChainsPerGroup ? pass->TileGroupPiece.Get<T>(workspace) : totals;
        var biases = sums == totals && pass->JoinedSets == 1 ? call->Finish.Bias : null;
        var finishes = call->Activates || call->Finish.Scale;
        for (long index = 0; index < chains; index++)
        {
            var chain = set->Order[index];
            var source = Source(call, work, chain, workspace);
            var offsets = set->ChainOffsets(chain);
            var add = index % ChainOrder.ChainsPerGroup != 0;
            var isLast = index + 1 == chains;
            var endsGroup = isLast || (index + 1) % ChainOrder.ChainsPerGroup == 0;
            long done = 0;
            for (var block = work->FirstBlock; block < work->EndBlock; block++)
            {
                var (first, rows) = weights->Blocks[block];
                var packed = call->Packed + weights->ChainStart(set, work->Group, block, chain);
                var channel = (work->Group * pass->Problem.ResultChannels) + first;
                var result = call->Result + (((work->Image * pass->Problem.Groups * pass->Problem.ResultChannels) + channel) * size);
                var bias = isLast && biases != null ? biases + channel : null;
                for (var tile = work->Places; tile < work->Places + work->Tiles; tile++)
                {
                    var kernel = call->Kernels->PlaneTile(rows, tile->Vectors);
                    if (tile->Result == NoPlace)
                    {
                        kernel(packed, source + tile->Source, offsets, (nint)chain.Steps, sums + done + tile->Sums, pitch, add, bias);
                        continue;
                    }

                    var place = result + tile->Result;
                    kernel(packed, source + tile->Source, offsets, (nint)chain.Steps, place, size, add, bias);
                    if (isLast && finishes)
                    {
                        var args = call->Finish;
                        args.Bias = null;
                        call->FinishRows(place, size, place, size, rows, tile->Vectors * pass->VectorLength, &args);
                    }
                }

                if (sums != totals && endsGroup)
                {
                    ChainGroups<T>.Add(call->Kernels, totals + done, sums + done, rows * pitch, isFirst: index < ChainOrder.ChainsPerGroup);
                }

                if (isLast && pass->JoinedSets == 1)
                {
                    FinishTiles(call, work, channel, rows, totals + done, biases == null ? call->Finish.Bias : null, workspace);
                }

                done += pass->KeepsSums ? rows * pitch : 0;
            }
        }
    }

    /// <summary>What a chain's offsets are counted from.</summary>
    private static T* Source(Call<T>* call, StripWork* work, Chain chain, byte* workspace)
    {
        var pass = call->Pass;
        if (pass->Planes.Form != SourceForm.Columns)
        {
            return work->Planes + (chain.FirstChannel * pass->Planes.ChannelStride) + work->FirstSource;
        }

        var columns = pass->ColumnsPiece.Get<T>(workspace);
        var filler = new ColumnFiller<T>
        {
            Set = work->Set,
            Layout = &pass->Planes,
            Pitch = pass->Planes.ChannelStride,
            Slice = work->Slice,
            First = work->First,
            Count = work->Columns,
        };
        filler.Fill(work->Source.Skip(chain.FirstChannel * pass->Problem.Source.Product), chain.Channels, columns, pass->RowPiece.Get<T>(workspace));
        return columns;
    }

    /// <summary>Sums of all blocks of a piece and one strip.</summary>
    public static long SumsOfSet(PassPlan* pass) => pass->BlocksPerPiece * pass->Weights.Blocks.Most * pass->StripPitch;

    /// <summary>The sums of joined sets, column by column in turn, and from there the results.</summary>
    private static void FinishJoined(Call<T>* call, StripWork* work, TapSet* set, byte* workspace)
    {
        var pass = call->Pass;
        var sums = pass->TilePiece.Get<T>(workspace);
        var joined = pass->JoinedPiece.Get<T>(workspace);
        for (var block = work->FirstBlock; block < work->EndBlock; block++)
        {
            var (first, rows) = pass->Weights.Blocks[block];
            for (long row = 0; row < rows; row++, sums += pass->StripPitch)
            {
                Interleaving<T>.Run(sums, SumsOfSet(pass), pass->JoinedSets, joined + (row * pass->StripPitch * pass->JoinedSets), pass->JoinedSets, work->Columns);
            }

            var tile = Columns(pass, ImageBlock<T>.ResultsOf(pass, set), work->Slice, work->First, work->Columns);
            tile.Channels = rows;
            TileFinisher<T>.Run(call, tile, work->Image, (work->Group * pass->Problem.ResultChannels) + first, joined, call->Finish.Bias, pass->AddendPiece.Get<T>(workspace));
        }
    }

    /// <summary>The tiles of a strip that were not summed in place.</summary>
    private static void FinishTiles(Call<T>* call, StripWork* work, long channel, int rows, T* sums, T* bias, byte* workspace)
    {
        var pass = call->Pass;
        var end = 0;
        while (end < work->Tiles)
        {
            var first = end++;
            if (work->Places[first].Result != NoPlace)
            {
                continue;
            }

            while (end < work->Tiles && work->Places[end].Result == NoPlace)
            {
                end++;
            }

            var start = work->Places[first].Sums + work->Places[first].Overlap;
            var last = work->Places + end - 1;
            var tile = Columns(pass, work->Set, work->Slice, work->First + start, last->Sums + ((long)last->Vectors * pass->VectorLength) - start);
            tile.Channels = rows;
            TileFinisher<T>.Run(call, tile, work->Image, channel, sums + start, bias, pass->AddendPiece.Get<T>(workspace));
        }
    }

    /// <summary>Which results so many columns of a slice are.</summary>
    private static ResultTile<T> Columns(PassPlan* pass, TapSet* results, long slice, long first, long count) => new()
    {
        Set = results,
        Size = pass->Problem.Result,
        Pitch = pass->Planes.Form == SourceForm.Columns || pass->TilesAreInRows ? results->Number.W : pass->Planes.Size.W * pass->JoinedSets,
        Slice = slice,
        First = first * pass->JoinedSets,
        Count = count * pass->JoinedSets,
        TilePitch = pass->StripPitch * pass->JoinedSets,
    };

    /// <summary>Where a tile of a strip is read and summed.</summary>
    private struct TilePlace
    {
        /// <summary>Elements from the strip's first pixel in the planes.</summary>
        public long Source;

        /// <summary>Columns from the strip's first.</summary>
        public long Sums;

        /// <summary>The result pixel of its first column, or <see cref="NoPlace"/>.</summary>
        public long Result;

        /// <summary><see cref="ColumnTile.Overlap"/></summary>
        public int Overlap;

        public int Vectors;
    }

    [InlineArray(MostTiles)]
    private struct TilePlaces
    {
        private TilePlace first;
    }

    private struct StripWork
    {
        public TapSet* Set;
        public long Image;
        public long Group;
        public long Slice;
        public long FirstBlock;
        public long EndBlock;

        /// <summary>The slice's first pixel in the group's first plane.</summary>
        public T* Planes;

        /// <summary>The group's first channel, where strips are copied one by one.</summary>
        public ChannelReader<T> Source;

        public TilePlace* Places;

        public int Tiles;

        /// <summary>The strip's first column in its slice.</summary>
        public long First;

        /// <summary>The first column's pixel in the planes.</summary>
        public long FirstSource;

        public long Columns;
    }
}
