using NativeConv.Kernels;
using NativeConv.Kernels.Moves;
using NativeConv.Kernels.Tiles;
using NativeConv.Packing;
using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>
/// The multiplying stage with one result channel, whose lines are the rows of tiles: a vector of a plane is loaded once for all lines that read it. Tiles of the same lines, side by side, sum
/// all chains into a buffer; from there lines are finished.
/// </summary>
internal static unsafe class LineProduct<T>
    where T : unmanaged
{
    /// <summary>Runs the stage.</summary>
    public static void Run(ImageBlock<T>* block, StageRunner* runner) => runner->Run(&Multiply, block, block->Count * PiecesPerImage(block));

    private static long PiecesPerImage(ImageBlock<T>* images) => ImageBlock<T>.PiecesOfSets(images, &PiecesOfSet);

    private static long PiecesOfSet(ImageBlock<T>* images, TapSet* set) => Parts(images->Call->Pass, set).Count;

    /// <summary>The tiles of a set, of all groups and slices, cut into pieces of work.</summary>
    private static EvenParts Parts(PassPlan* pass, TapSet* set) => EvenParts.AtMost(pass->LineTilesPerPiece, pass->Problem.Groups * set->Number.D * Tiles(pass, set).Count);

    /// <summary>The lines of a slice, tile by tile.</summary>
    private static EvenParts Tiles(PassPlan* pass, TapSet* set) => EvenParts.AtMost(pass->TileRows, set->Number.H);

    /// <summary>Some tiles of one tap set and image.</summary>
    private static void Multiply(void* job, long piece, int worker)
    {
        var images = (ImageBlock<T>*)job;
        var call = images->Call;
        var pass = call->Pass;
        var workspace = call->Worker(worker);
        var sums = pass->TilePiece.Get<T>(workspace);
        var image = Math.DivRem(piece, PiecesPerImage(images), out piece);
        var set = ImageBlock<T>.SetOf(images, ref piece, &PiecesOfSet);
        var lines = Tiles(pass, set);
        var (first, count) = Parts(pass, set)[piece];
        for (var tile = first; tile < first + count; tile++)
        {
            var slices = Math.DivRem(tile, lines.Count, out var part);
            var group = Math.DivRem(slices, set->Number.D, out var slice);
            var work = new LineWork { Image = image, Group = group, Slice = slice };
            (work.First, work.Lines) = lines[part];
            for (var joined = set; joined < set + pass->JoinedSets; joined++)
            {
                Sum(images, &work, joined, pass->JoinedSets > 1 ? sums + (joined->First.W * SumsOfSet(pass)) : sums);
            }

            Finish(images, &work, ImageBlock<T>.ResultsOf(pass, set), sums, workspace);
        }
    }

    /// <summary>Sums of the lines of a tile and of one set.</summary>
    private static long SumsOfSet(PassPlan* pass) => pass->TileRows * pass->TilePitch;

    /// <summary>The sums of some lines of a set, side by side.</summary>
    private static void Sum(ImageBlock<T>* images, LineWork* work, TapSet* set, T* sums)
    {
        var call = images->Call;
        var pass = call->Pass;
        var pitch = (nint)pass->TilePitch;
        var planes = images->SourceStart + (work->Image * images->SourceStride) + (work->Group * images->GroupStride) + (work->Slice * pass->Planes.Strides.D);

        // Where later taps read earlier lines, rows begin with the last.
        var first = work->First;
        if (set->Reach.TapStep.H < 0)
        {
            first += work->Lines - 1;
            sums += (work->Lines - 1) * pitch;
            pitch = -pitch;
        }

        var taps = set->Reach.Taps;
        var source = planes + (first * pass->Planes.Strides.H);
        var vectors = (set->Number.W + pass->VectorLength - 1) / pass->VectorLength;
        var tiles = EvenParts.AtMost(KernelSet<float>.TileColumns, vectors);
        for (long index = 0; index < tiles.Count; index++)
        {
            var (firstVector, width) = tiles[index];
            var column = firstVector * pass->VectorLength;
            var kernel = call->Kernels->LineTile((int)width);
            for (long i = 0; i < set->Order.Count; i++)
            {
                var chain = set->Order[i];
                var steps = new TapLines((nint)taps.D, (nint)taps.H, (nint)(taps.W * chain.Channels), (nint)(set->Reach.TapStep.H * pass->Planes.Strides.H));
                kernel(
                    call->Packed + pass->Weights.ChainStart(set, work->Group, 0, chain),
                    source + column + (chain.FirstChannel * pass->Planes.ChannelStride),
                    set->ChainOffsets(chain),
                    &steps,
                    (nint)work->Lines,
                    sums + column,
                    pitch,
                    i > 0);
            }
        }
    }

    /// <summary>Lines into the result, those of joined sets alternating pixel by pixel.</summary>
    private static void Finish(ImageBlock<T>* images, LineWork* work, TapSet* results, T* sums, byte* workspace)
    {
        var call = images->Call;
        var pass = call->Pass;
        var joined = pass->JoinedPiece.Get<T>(workspace);
        var line = new ResultTile<T>
        {
            Set = results,
            Size = pass->Problem.Result,
            Pitch = results->Number.W,
            Slice = work->Slice,
            First = work->First * results->Number.W,
            Count = results->Number.W,
            Channels = 1,
        };
        for (long i = 0; i < work->Lines; i++, sums += pass->TilePitch, line.First += line.Pitch)
        {
            if (pass->JoinedSets > 1)
            {
                Interleaving<T>.Run(sums, SumsOfSet(pass), pass->JoinedSets, joined, pass->JoinedSets, line.Count / pass->JoinedSets);
            }

            TileFinisher<T>.Run(call, line, images->First + work->Image, work->Group, pass->JoinedSets > 1 ? joined : sums, call->Finish.Bias, pass->AddendPiece.Get<T>(workspace));
        }
    }

    private struct LineWork
    {
        public long Image;
        public long Group;
        public long Slice;

        /// <summary>The first line, of those of a set.</summary>
        public long First;

        public long Lines;
    }
}
