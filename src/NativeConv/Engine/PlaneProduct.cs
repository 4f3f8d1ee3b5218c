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

    // Channels this far apart share their cache sets.
    private const int Page = 4096;

    /// <summary>Runs the stage.</summary>
    public static void Run(ImageBlock<T>* block, StageRunner* runner) => runner->Run(&Multiply, block, block->Count * PiecesPerImage(block->Call->Pass));

    /// <summary>Pieces of the stage, for each image.</summary>
    public static long PiecesPerImage(PassPlan* pass)
    {
        long pieces = 0;
        for (var i = 0; i < pass->SetCount; i += pass->JoinedSets)
        {
            pieces += PiecesPerImage(pass, pass->Sets + i);
        }

        return pieces;
    }

    private static long PiecesPerImage(PassPlan* pass, TapSet* set) =>
        set->Number.D * pass->Problem.Groups * Parts(Tiling(pass, set).Tiles, pass->TilesPerPiece) * Parts(pass->Weights.Blocks.Count, pass->BlocksPerPiece);

    private static long PiecesOfSet(ImageBlock<T>* images, TapSet* set) => PiecesPerImage(images->Call->Pass, set);

    private static long Parts(long whole, long part) => (whole + part - 1) / part;

    /// <summary>How a slice of a set is cut into tiles.</summary>
    public static Tiling Tiling(PassPlan* pass, TapSet* set) => new(set, ColumnPitch(pass, set), pass->VectorLength);

    /// <summary>Columns from one row of a slice to the next: planes have margins, pixels that are copied one by one have none.</summary>
    private static long ColumnPitch(PassPlan* pass, TapSet* set) => pass->Planes.Form == SourceForm.Columns ? set->Number.W : pass->Planes.Size.W;

    /// <summary>A few strips of some blocks of channels, of one slice, group, tap set and image.</summary>
    private static void Multiply(void* job, long piece, int worker)
    {
        var images = (ImageBlock<T>*)job;
        var call = images->Call;
        var pass = call->Pass;
        var image = Math.DivRem(piece, PiecesPerImage(pass), out piece);
        var set = ImageBlock<T>.SetOf(images, ref piece, &PiecesOfSet);
        var tiling = Tiling(pass, set);
        piece = Math.DivRem(piece, Parts(pass->Weights.Blocks.Count, pass->BlocksPerPiece), out var blockPart);
        piece = Math.DivRem(piece, Parts(tiling.Tiles, pass->TilesPerPiece), out var tilePart);
        var group = Math.DivRem(piece, set->Number.D, out var slice);
        var work = new StripWork
        {
            Image = images->First + image,
            Group = group,
            Slice = slice,
            FirstBlock = blockPart * pass->BlocksPerPiece,
            EndBlock = Math.Min((blockPart + 1) * pass->BlocksPerPiece, pass->Weights.Blocks.Count),
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
            work.FirstTile = tile;
            work.EndTile = Math.Min(tile + pass->TilesPerStrip, end);
            var (last, vectors) = tiling[work.EndTile - 1];
            work.First = tiling[tile].First * pass->VectorLength;
            work.Columns = ((last + vectors) * pass->VectorLength) - work.First;
            PlaceTiles(call, tiling, &work, set);
            for (work.Set = set; work.Set < set + pass->JoinedSets; work.Set++)
            {
                MultiplyStrip(call, tiling, &work, worker);
            }

            if (pass->JoinedSets > 1)
            {
                FinishJoined(call, tiling, &work, set, call->Worker(worker));
            }
        }
    }

    /// <summary>
    /// Which tiles of a strip are summed where their results belong: those whose columns are neighbours there, unless chains are added in groups, an addend
    /// lies there, or the rows of a tile, which each chain reads again, would fall into the same cache sets.
    /// </summary>
    private static void PlaceTiles(Call<T>* call, Tiling tiling, StripWork* work, TapSet* set)
    {
        var pass = call->Pass;
        var chains = set->Order.Count;
        var inPlace = pass->JoinedSets == 1 && set->PixelStep.W == 1 && call->Addend == null && chains <= ChainOrder.ChainsPerGroup
            && (chains == 1 || pass->Problem.Result.Product * sizeof(T) % Page != 0);
        for (var tile = work->FirstTile; tile < work->EndTile; tile++)
        {
            var columns = Columns(pass, set, work->Slice, tiling, tile, tile + 1);
            long next = 0;
            var place = inPlace && columns.NextRun(ref next, out _, out var pixel, out var length) && length == columns.Count ? pixel : NoPlace;
            work->Places[tile - work->FirstTile] = place;
        }
    }

    /// <summary>
    /// The sums of one strip, chain after chain, and with the last of them the results. Where there is one chain, a block's sums take the place of those of the
    /// block before.
    /// </summary>
    private static void MultiplyStrip(Call<T>* call, Tiling tiling, StripWork* work, int worker)
    {
        var pass = call->Pass;
        var workspace = call->Worker(worker);
        var set = work->Set;
        var weights = &pass->Weights;
        var pitch = (nint)pass->StripPitch;
        var totals = pass->TilePiece.Get<T>(workspace) + (pass->JoinedSets > 1 ? set->First.W * SumsOfSet(pass) : 0);
        var chains = set->Order.Count;
        var size = (nint)pass->Problem.Result.Product;
        var sumsAreResults = call->Finish.IsIdentity && !call->Activates;
        var sums = chains > ChainOrder.ChainsPerGroup ? pass->TileGroupPiece.Get<T>(workspace) : totals;
        for (long index = 0; index < chains; index++)
        {
            var chain = set->Order[index];
            var source = Source(call, work, chain, workspace);
            var offsets = set->ChainOffsets(chain);
            var before = (chain.FirstChannel * set->Taps) + chain.FirstTap;
            var add = index % ChainOrder.ChainsPerGroup != 0;
            var isLast = index + 1 == chains;
            var endsGroup = isLast || (index + 1) % ChainOrder.ChainsPerGroup == 0;
            long done = 0;
            for (var block = work->FirstBlock; block < work->EndBlock; block++)
            {
                var (first, rows) = weights->Blocks[block];
                var packed = call->Packed + weights->BlockStart(set, work->Group, block) + (before * rows);
                var channel = (work->Group * pass->Problem.ResultChannels) + first;
                var result = call->Result + (((work->Image * pass->Problem.Groups * pass->Problem.ResultChannels) + channel) * size);
                for (var tile = work->FirstTile; tile < work->EndTile; tile++)
                {
                    var (vector, vectors) = tiling[tile];
                    var column = (vector * pass->VectorLength) - work->First;
                    var place = work->Places[tile - work->FirstTile];
                    var kernel = call->Kernels->PlaneTile(rows, vectors);
                    if (place == NoPlace)
                    {
                        kernel(packed, source + column, offsets, (nint)chain.Steps, sums + done + column, pitch, add);
                        continue;
                    }

                    kernel(packed, source + column, offsets, (nint)chain.Steps, result + place, size, add);
                    if (isLast && !sumsAreResults)
                    {
                        var args = call->Finish;
                        args.Bias = args.Bias == null ? null : args.Bias + channel;
                        call->FinishRows(result + place, size, result + place, size, rows, vectors * pass->VectorLength, &args);
                    }
                }

                if (sums != totals && endsGroup)
                {
                    ChainGroups<T>.Add(call->Kernels, totals + done, sums + done, rows * pitch, isFirst: index < ChainOrder.ChainsPerGroup);
                }

                if (isLast && pass->JoinedSets == 1)
                {
                    FinishTiles(call, tiling, work, channel, rows, totals + done, workspace);
                }

                done += pass->KeepsSums ? rows * pitch : 0;
            }
        }
    }

    /// <summary>What a chain's offsets are counted from.</summary>
    private static T* Source(Call<T>* call, StripWork* work, Chain chain, byte* workspace)
    {
        var pass = call->Pass;
        if (pass->Planes.Form == SourceForm.Planes)
        {
            return work->Planes + (chain.FirstChannel * pass->Planes.ChannelStride) + work->First;
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
    private static void FinishJoined(Call<T>* call, Tiling tiling, StripWork* work, TapSet* set, byte* workspace)
    {
        var pass = call->Pass;
        var sums = pass->TilePiece.Get<T>(workspace);
        var joined = pass->JoinedPiece.Get<T>(workspace);
        for (var block = work->FirstBlock; block < work->EndBlock; block++)
        {
            var (first, rows) = pass->Weights.Blocks[block];
            for (long row = 0; row < rows; row++, sums += pass->StripPitch)
            {
                Interleaving<T>.Run(sums, SumsOfSet(pass), pass->JoinedSets, joined + (row * pass->StripPitch * pass->JoinedSets), work->Columns);
            }

            var tile = Columns(pass, ImageBlock<T>.ResultsOf(pass, set), work->Slice, tiling, work->FirstTile, work->EndTile);
            tile.Channels = rows;
            TileFinisher<T>.Run(call, tile, work->Image, (work->Group * pass->Problem.ResultChannels) + first, joined, pass->AddendPiece.Get<T>(workspace));
        }
    }

    /// <summary>The tiles of a strip that were not summed in place.</summary>
    private static void FinishTiles(Call<T>* call, Tiling tiling, StripWork* work, long channel, int rows, T* sums, byte* workspace)
    {
        var pass = call->Pass;
        var end = work->FirstTile;
        while (end < work->EndTile)
        {
            var first = end++;
            if (work->Places[first - work->FirstTile] != NoPlace)
            {
                continue;
            }

            while (end < work->EndTile && work->Places[end - work->FirstTile] == NoPlace)
            {
                end++;
            }

            var tile = Columns(pass, work->Set, work->Slice, tiling, first, end);
            tile.Channels = rows;
            TileFinisher<T>.Run(call, tile, work->Image, channel, sums + tile.First - work->First, pass->AddendPiece.Get<T>(workspace));
        }
    }

    /// <summary>Which results the columns of tiles [first, end) of a slice are.</summary>
    private static ResultTile<T> Columns(PassPlan* pass, TapSet* results, long slice, Tiling tiling, long first, long end)
    {
        var (last, vectors) = tiling[end - 1];
        var column = tiling[first].First * pass->VectorLength;
        return new ResultTile<T>
        {
            Set = results,
            Size = pass->Problem.Result,
            Pitch = pass->Planes.Form == SourceForm.Columns ? results->Number.W : pass->Planes.Size.W * pass->JoinedSets,
            Slice = slice,
            First = column * pass->JoinedSets,
            Count = (((last + vectors) * pass->VectorLength) - column) * pass->JoinedSets,
            TilePitch = pass->StripPitch * pass->JoinedSets,
        };
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

        public long FirstTile;
        public long EndTile;

        /// <summary>The strip's first column in its slice.</summary>
        public long First;

        public long Columns;

        /// <summary>For each tile the result pixel of its first column, or <see cref="NoPlace"/>.</summary>
        public fixed long Places[MostTiles];
    }
}
