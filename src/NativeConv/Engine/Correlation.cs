using NativeConv.Packing;
using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>
/// Gather and Phase problems by <see cref="Algorithm.DirectPlanes"/>: pack the weights, then, for a block of images after the other, fill planes and
/// multiply. Tiles of pixels are outermost, so that the sums of one tile and all its channels stay in cache while the chains are added up.
/// </summary>
internal static unsafe class Correlation<T>
    where T : unmanaged
{
    /// <summary>Runs all stages.</summary>
    public static void Run(Call<T>* call, StageRunner* runner)
    {
        var pass = call->Pass;
        var problem = &pass->Problem;
        if (problem->Batch == 0)
        {
            // There is nothing to compute, and w may be missing.
            return;
        }

        if (call->Packed == null)
        {
            call->Packed = pass->PackedPiece.Get<T>(call->Workspace);
            runner->Run(&Pack, call, PackPieces(pass));
        }

        for (long image = 0; image < problem->Batch; image += pass->ImagesPerBlock)
        {
            var block = new ImageBlock { Call = call, First = image, Count = Math.Min(pass->ImagesPerBlock, problem->Batch - image) };
            runner->Run(&Fill, &block, block.Count * problem->Groups * problem->SourceChannels);
            runner->Run(&Multiply, &block, block.Count * PiecesPerImage(pass));
        }

        if (pass->HasBackground)
        {
            runner->Run(&Background, call, problem->Batch * problem->Groups * problem->ResultChannels);
        }
    }

    /// <summary>Pieces of the packing stage.</summary>
    public static long PackPieces(PassPlan* pass) => pass->SetCount * pass->Problem.Groups * pass->Weights.Blocks;

    /// <summary>Packs one block of one group for one tap set.</summary>
    public static void Pack(PassPlan* pass, long piece, T* w, T* packed)
    {
        var block = piece % pass->Weights.Blocks;
        var rest = piece / pass->Weights.Blocks;
        WeightPacker<T>.PackBlock(&pass->Weights, pass->Sets + (rest / pass->Problem.Groups), rest % pass->Problem.Groups, block, w, packed);
    }

    private static void Pack(void* job, long piece, int worker)
    {
        var call = (Call<T>*)job;
        Pack(call->Pass, piece, call->W, call->Packed);
    }

    private static void Fill(void* job, long piece, int worker)
    {
        var block = (ImageBlock*)job;
        var call = block->Call;
        var pass = call->Pass;
        var problem = &pass->Problem;
        var channels = problem->Groups * problem->SourceChannels;
        var source = problem->SourceIsGradient ? call->Dy : call->X;
        var channel = source.Skip(((block->First * channels) + piece) * problem->Source.Product);
        var planes = pass->PlanesPiece.Get<T>(call->Workspace) + (piece * pass->Planes.ChannelStride);
        PlaneFiller<T>.Fill(&pass->Planes, channel, planes, pass->RowPiece.Get<T>(call->Worker(worker)));
    }

    /// <summary>Pieces of the multiplying stage, for each image.</summary>
    public static long PiecesPerImage(PassPlan* pass)
    {
        long pieces = 0;
        for (var i = 0; i < pass->SetCount; i++)
        {
            pieces += PiecesPerImage(pass, pass->Sets + i);
        }

        return pieces;
    }

    private static long PiecesPerImage(PassPlan* pass, TapSet* set)
    {
        var tiling = new Tiling(set, pass->Planes.Size.W, pass->VectorLength);
        return set->Number.D * pass->Problem.Groups * Parts(tiling.Tiles, pass->TilesPerPiece) * Parts(pass->Weights.Blocks, pass->BlocksPerPiece);
    }

    private static long Parts(long whole, long part) => (whole + part - 1) / part;

    /// <summary>A few tiles, side by side, of some blocks of channels, of one slice, group, tap set and image.</summary>
    private static void Multiply(void* job, long piece, int worker)
    {
        var block = (ImageBlock*)job;
        var call = block->Call;
        var pass = call->Pass;
        var set = pass->Sets;
        var image = Math.DivRem(piece, PiecesPerImage(pass), out piece);
        for (long pieces; piece >= (pieces = PiecesPerImage(pass, set)); piece -= pieces)
        {
            set++;
        }

        var tiling = new Tiling(set, pass->Planes.Size.W, pass->VectorLength);
        piece = Math.DivRem(piece, Parts(pass->Weights.Blocks, pass->BlocksPerPiece), out var blockPart);
        piece = Math.DivRem(piece, Parts(tiling.Tiles, pass->TilesPerPiece), out var tilePart);
        var group = Math.DivRem(piece, set->Number.D, out var slice);
        var work = new TileWork
        {
            Set = set,
            Image = block->First + image,
            Group = group,
            Slice = slice,
            FirstBlock = blockPart * pass->BlocksPerPiece,
            EndBlock = Math.Min((blockPart + 1) * pass->BlocksPerPiece, pass->Weights.Blocks),
            Planes = pass->PlanesPiece.Get<T>(call->Workspace)
                + (((((image * pass->Problem.Groups) + group) * pass->Problem.SourceChannels) * pass->Planes.ChannelStride) + (slice * pass->Planes.Strides.D)),
        };
        var end = Math.Min((tilePart + 1) * pass->TilesPerPiece, tiling.Tiles);
        for (var tile = tilePart * pass->TilesPerPiece; tile < end; tile++)
        {
            var (first, vectors) = tiling[tile];
            work.First = first * pass->VectorLength;
            work.Vectors = vectors;
            var sums = Sum(call, &work, worker);
            Finish(call, &work, sums, worker);
        }
    }

    /// <summary>The sums of one tile: rows of channels from the work's first block on.</summary>
    private static T* Sum(Call<T>* call, TileWork* work, int worker)
    {
        var pass = call->Pass;
        var set = work->Set;
        var weights = &pass->Weights;
        nint pitch = Pitch(pass);
        var size = work->Rows(weights) * pitch;
        var totals = pass->TilePiece.Get<T>(call->Worker(worker));
        var chains = set->Order.Count;
        var sums = chains > ChainOrder.ChainsPerGroup ? pass->TileGroupPiece.Get<T>(call->Worker(worker)) : totals;
        var fullTile = call->Kernels->PlaneTile(weights->BlockRows, work->Vectors);
        for (long index = 0; index < chains; index++)
        {
            var chain = set->Order[index];
            var source = work->Planes + (chain.FirstChannel * pass->Planes.ChannelStride) + work->First;
            var offsets = set->ChainOffsets(chain);
            var before = (chain.FirstChannel * set->Taps) + chain.FirstTap;
            var add = index % ChainOrder.ChainsPerGroup != 0;
            var target = sums;
            for (var block = work->FirstBlock; block < work->EndBlock; block++)
            {
                var rows = weights->RowsOf(block);
                var tile = rows == weights->BlockRows ? fullTile : call->Kernels->PlaneTile(rows, work->Vectors);
                var packed = call->Packed + weights->BlockStart(set, work->Group, block) + (before * rows);
                tile(packed, source, offsets, (nint)chain.Steps, target, pitch, add);
                target += rows * pitch;
            }

            if (sums != totals && (index + 1 == chains || (index + 1) % ChainOrder.ChainsPerGroup == 0))
            {
                ChainGroups<T>.Add(call->Kernels, totals, sums, size, isFirst: index < ChainOrder.ChainsPerGroup);
            }
        }

        return totals;
    }

    /// <summary>Bias, addend and activation, and the tile's pixels into the result.</summary>
    private static void Finish(Call<T>* call, TileWork* work, T* sums, int worker)
    {
        var pass = call->Pass;
        var firstChannel = (work->Group * pass->Weights.Rows) + (work->FirstBlock * pass->Weights.BlockRows);
        var result = pass->Problem.Result;
        var tile = new ResultTile<T>
        {
            Set = work->Set,
            Size = result,
            Pitch = pass->Planes.Size.W,
            Slice = work->Slice,
            First = work->First,
            Count = (long)work->Vectors * pass->VectorLength,
            Channels = work->Rows(&pass->Weights),
            TilePitch = Pitch(pass),
        };
        var start = ((work->Image * pass->Problem.Groups * pass->Weights.Rows) + firstChannel) * result.Product;
        var args = call->Finish;
        args.Bias = args.Bias == null ? null : args.Bias + firstChannel;
        if (call->Addend != null)
        {
            args.Addend = pass->AddendPiece.Get<T>(call->Worker(worker));
            tile.Read(args.Addend, call->Addend + start);
        }

        call->FinishRows(sums, (nint)tile.Channels, (nint)tile.TilePitch, (nint)tile.Count, &args);
        tile.Write(sums, call->Result + start);
    }

    /// <summary>One channel of the result pixels that no tap reaches: what a sum of nothing finishes to.</summary>
    private static void Background(void* job, long piece, int worker)
    {
        var call = (Call<T>*)job;
        var pass = call->Pass;
        var problem = &pass->Problem;
        var channel = piece % (problem->Groups * problem->ResultChannels);
        var size = problem->Result;
        var result = call->Result + (piece * size.Product);
        var addend = call->Addend == null ? null : call->Addend + (piece * size.Product);
        var args = call->Finish;
        args.Bias = args.Bias == null ? null : args.Bias + channel;
        var values = pass->TilePiece.Get<T>(call->Worker(worker));
        for (long row = 0; row < size.D * size.H; row++)
        {
            var reached = pass->Cover.Reaches(0, row / size.H) && pass->Cover.Reaches(1, row % size.H);
            for (long first = 0; first < size.W; first += Pitch(pass))
            {
                var at = (row * size.W) + first;
                var count = Math.Min(Pitch(pass), size.W - first);
                Elements<T>.Clear(values, Pitch(pass));
                if (addend != null)
                {
                    args.Addend = pass->AddendPiece.Get<T>(call->Worker(worker));
                    Elements<T>.Copy(addend + at, args.Addend, count);
                }

                call->FinishRows(values, 1, Pitch(pass), (nint)count, &args);
                for (long i = 0; i < count; i++)
                {
                    if (!reached || !pass->Cover.Reaches(2, first + i))
                    {
                        result[at + i] = values[i];
                    }
                }
            }
        }
    }

    private static nint Pitch(PassPlan* pass) => Kernels.KernelSet<T>.TileColumns * pass->VectorLength;

    private struct ImageBlock
    {
        public Call<T>* Call;
        public long First;
        public long Count;
    }

    private struct TileWork
    {
        public TapSet* Set;
        public long Image;
        public long Group;
        public long Slice;
        public long FirstBlock;
        public long EndBlock;
        public T* Planes;

        /// <summary>The tile's first column in its slice.</summary>
        public long First;

        public int Vectors;

        public readonly nint Rows(WeightLayout* weights) =>
            (nint)(Math.Min(EndBlock * weights->BlockRows, weights->Rows) - (FirstBlock * weights->BlockRows));
    }
}
