using NativeConv.Kernels;
using NativeConv.Kernels.Moves;
using NativeConv.Packing;
using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>
/// Gather and Phase problems by the direct algorithms: pack the weights, then, for a block of images after the other, fill planes, if there are any, and multiply.
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

        if (call->Packed == null && !pass->PacksParts)
        {
            call->Packed = pass->PackedPiece.Get<T>(call->Workspace);
            runner->Run(&Pack, call, PackPieces(pass));
        }

        if (pass->HasBackground)
        {
            runner->Run(&Background, call, problem->Batch * problem->Groups * problem->ResultChannels);
        }

        var blocks = Band.Blocks(pass);
        if (pass->BlocksAreLocal)
        {
            runner->Run(&RunBlock, call, blocks);
        }
        else
        {
            for (long index = 0; index < blocks; index++)
            {
                RunBlock(call, index, call->Workspace, runner);
            }
        }
    }

    /// <summary>A band of a block of images by one worker alone.</summary>
    private static void RunBlock(void* job, long index, int worker)
    {
        // Bands replace the pass: a copy for each worker.
        var call = *(Call<T>*)job;
        var alone = new StageRunner { Threads = 1, Worker = worker };
        RunBlock(&call, index, call.Worker(worker), &alone);
    }

    /// <summary>A band of a block of images.</summary>
    /// <param name="call">the call</param>
    /// <param name="index">which: bands of a block follow each other</param>
    /// <param name="workspace">of whom planes and bands are</param>
    /// <param name="runner">who runs the stages</param>
    private static void RunBlock(Call<T>* call, long index, byte* workspace, StageRunner* runner)
    {
        var pass = call->Pass;
        var bands = Band.Count(pass);
        var image = Math.DivRem(index, bands, out index) * pass->ImagesPerBlock;
        var block = new ImageBlock<T>(call, image, Math.Min(pass->ImagesPerBlock, pass->Problem.Batch - image), pass->PlanesPiece.Get<T>(workspace)) { Workers = runner->Threads };
        if (bands == 1)
        {
            FillAndMultiply(&block, runner);
            return;
        }

        var band = Band.Of(pass, index, pass->BandPiece.Get<TapSet>(workspace));
        call->Pass = &band;
        FillAndMultiply(&block, runner);
        call->Pass = pass;
    }

    private static void FillAndMultiply(ImageBlock<T>* block, StageRunner* runner)
    {
        var pass = block->Call->Pass;
        var groups = block->Count * pass->Problem.Groups;
        if (pass->Planes.Form == SourceForm.Planes)
        {
            runner->Run(&FillPlanes, block, (pass->Planes.Images > 1 ? pass->Problem.Groups : groups) * pass->Problem.SourceChannels / pass->Planes.Channels);
        }
        else if (pass->Planes.Form == SourceForm.Tiles)
        {
            runner->Run(&FillTiles, block, groups * PiecesOfTiles(pass));
        }

        if (pass->Algorithm is Algorithm.DirectPoints or Algorithm.DirectTiles)
        {
            PointProduct<T>.Run(block, runner);
        }
        else if (pass->LineTilesPerPiece > 0)
        {
            LineProduct<T>.Run(block, runner);
        }
        else
        {
            PlaneProduct<T>.Run(block, runner);
        }
    }

    /// <summary>Pieces of the packing stage.</summary>
    public static long PackPieces(PassPlan* pass) => pass->Problem.Groups * pass->Weights.Blocks.Count;

    /// <summary>Packs one block of one group.</summary>
    /// <returns>whether all its weights were found to be finite; true if nobody looked</returns>
    public static bool Pack(PassPlan* pass, long piece, T* w, T* packed, bool look)
    {
        var group = Math.DivRem(piece, pass->Weights.Blocks.Count, out var block);
        return WeightPacker<T>.Pack(&pass->Weights, pass->Sets, group, block, 0, pass->Weights.Channels, w, packed, look);
    }

    private static void Pack(void* job, long piece, int worker)
    {
        var call = (Call<T>*)job;
        if (!Pack(call->Pass, piece, call->W, call->Packed, call->Pass->SkipsPadding))
        {
            Volatile.Write(ref call->HasInfinite, 1);
        }
    }

    private static void FillPlanes(void* job, long piece, int worker)
    {
        var block = (ImageBlock<T>*)job;
        var call = block->Call;
        var pass = call->Pass;
        var channels = pass->Problem.Groups * pass->Problem.SourceChannels;
        piece *= pass->Planes.Channels;
        var channel = block->Source(0).Skip(((block->First * channels) + piece) * pass->Problem.Source.Product);
        var planes = block->Planes + (piece * pass->Planes.ChannelStride);
        var images = pass->Planes.Images > 1 ? block->Count : 1;
        PlaneFiller<T>.Fill(&pass->Planes, channel, channels * pass->Problem.Source.Product, images, planes, pass->RowPiece.Get<T>(call->Worker(worker)));
    }

    private static long PiecesOfTiles(PassPlan* pass) => (pass->Problem.SourceChannels + TileFiller<T>.Channels - 1) / TileFiller<T>.Channels;

    /// <summary>Some channels of one group of one image.</summary>
    private static void FillTiles(void* job, long piece, int worker)
    {
        var block = (ImageBlock<T>*)job;
        var pass = block->Call->Pass;
        var channels = pass->Problem.SourceChannels;
        piece = Math.DivRem(piece, PiecesOfTiles(pass), out var some);
        var image = Math.DivRem(piece, pass->Problem.Groups, out var group);
        var first = some * TileFiller<T>.Channels;
        var count = Math.Min(TileFiller<T>.Channels, channels - first);
        var before = ((((block->First + image) * pass->Problem.Groups) + group) * channels) + first;
        var after = (pass->Problem.Batch * pass->Problem.Groups * channels) - before - count;
        var filler = new TileFiller<T> { Set = pass->Sets, Layout = &pass->Planes, NextChannels = pass->PixelsAreFar ? Math.Min(count, after) : 0 };
        filler.Fill(
            block->Source(0).Skip(before * pass->Problem.Source.Product),
            count,
            image * pass->Sets->Number.Product,
            block->SourceStart + (group * block->GroupStride) + (first * pass->Planes.ChannelStride),
            pass->RowPiece.Get<T>(block->Call->Worker(worker)));
    }

    /// <summary>One channel of the result pixels that no tap reaches: what a sum of nothing finishes to. Unless something is added, the others, too, which are written later.</summary>
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
        nint run = KernelSet<T>.TileColumns * pass->VectorLength;
        var zeros = pass->TilePiece.Get<T>(call->Worker(worker));
        var values = zeros + run;
        Elements<T>.Clear(zeros, run);
        if (addend == null)
        {
            // All are the same number.
            call->FinishRows(zeros, 0, values, 0, 1, run, &args);
            for (long at = 0; at < size.Product; at += run)
            {
                Elements<T>.Copy(values, result + at, Math.Min(run, size.Product - at));
            }

            return;
        }

        for (long row = 0; row < size.D * size.H; row++)
        {
            var reached = pass->Cover.Reaches(0, row / size.H) && pass->Cover.Reaches(1, row % size.H);
            for (long first = 0; first < size.W; first += run)
            {
                var at = (row * size.W) + first;
                var count = Math.Min(run, size.W - first);
                args.Addend = addend + at;
                call->FinishRows(zeros, 0, values, 0, 1, (nint)count, &args);
                if (reached)
                {
                    CopyUnreached(pass, first, count, values, result + at);
                }
                else
                {
                    Elements<T>.Copy(values, result + at, count);
                }
            }
        }
    }

    /// <summary>Of a run of columns those that no tap reaches.</summary>
    private static void CopyUnreached(PassPlan* pass, long first, long count, T* values, T* result)
    {
        var stride = pass->Problem.Stride.W;
        for (long start = 0; start < Math.Min(stride, count); start++)
        {
            if (!pass->Cover.Reaches(2, first + start))
            {
                for (var i = start; i < count; i += stride)
                {
                    result[i] = values[i];
                }
            }
        }
    }
}
