using NativeConv.Kernels;
using NativeConv.Kernels.Lanes;
using NativeConv.Kernels.Moves;
using NativeConv.Kernels.Tiles;
using NativeConv.Packing;
using NativeConv.Problem;
using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>
/// The multiplying stage with pixels in the rows of tiles and result channels across them: a table says where each pixel lies, so neither padding nor a stride
/// costs anything, and images follow each other like rows. All pixels of a run meet a chain's weights before the next chain's are read.
/// </summary>
internal static unsafe class PointProduct<T>
    where T : unmanaged
{
    // Steps of a row in which there is time to ask for a cache line: those of four rows take six cycles, 24 in all, of which it takes one or two.
    private const int StepsPerLine = 16;

    /// <summary>Runs the stage.</summary>
    public static void Run(ImageBlock<T>* block, StageRunner* runner) => runner->Run(&Multiply, block, ImageBlock<T>.PiecesOfSets(block, &Pieces));

    private static long Pieces(ImageBlock<T>* images, TapSet* set)
    {
        var pass = images->Call->Pass;
        return pass->Problem.Groups * pass->Weights.Blocks.Count * Runs(images, set).Count;
    }

    /// <summary>Runs of pixels, in units of <see cref="Unit"/>.</summary>
    private static EvenParts Runs(ImageBlock<T>* images, TapSet* set)
    {
        var unit = Unit(images);
        return EvenParts.AtMost(images->Call->Pass->PixelsPerPiece / unit, ((images->Count * set->Number.Product) + unit - 1) / unit);
    }

    /// <summary>What no run cuts: a tile, or a pixel of all images.</summary>
    private static long Unit(ImageBlock<T>* images) => Together(images) is var together && together > 1 ? together : images->Call->Pass->TileRows;

    private static long Together(ImageBlock<T>* images) => images->Call->Pass->Together(images->Count);

    /// <summary>A run of pixels of one block of channels, of one group and tap set.</summary>
    private static void Multiply(void* job, long piece, int worker)
    {
        var images = (ImageBlock<T>*)job;
        var call = images->Call;
        var pass = call->Pass;
        var set = ImageBlock<T>.SetOf(images, ref piece, &Pieces);
        var runs = Runs(images, set);
        var blocks = pass->Weights.Blocks.Count;
        long run, block, group;
        if (pass->ChannelsInnermost)
        {
            piece = Math.DivRem(piece, blocks, out block);
            group = Math.DivRem(piece, runs.Count, out run);
        }
        else
        {
            piece = Math.DivRem(piece, runs.Count, out run);
            group = Math.DivRem(piece, blocks, out block);
        }

        var (firstChannel, vectors) = pass->Weights.Blocks[block];
        var work = new PointWork
        {
            Images = images,
            Group = group,
            Block = block,
            FirstChannel = firstChannel,
            Vectors = vectors,
        };
        var (firstUnit, units) = runs[run];
        work.FirstPixel = firstUnit * Unit(images);
        work.Count = Math.Min(units * Unit(images), (images->Count * set->Number.Product) - work.FirstPixel);
        var workspace = call->Worker(worker);
        var bias = stackalloc T[KernelSet<T>.TileColumns * LaneConstants<T>.Interleave];
        work.Bias = Bias(&work, set, bias);
        PlacePixels(&work, set->Number, pass->OffsetsPiece.Get<nint>(workspace));
        for (var joined = set; joined < set + pass->JoinedSets; joined++)
        {
            Sum(call, &work, joined, workspace);
        }

        Finish(call, &work, ImageBlock<T>.ResultsOf(pass, set), workspace);
    }

    /// <summary>The bias of a block's channels, in whole vectors; null: there is none, or it is not the last that is added to the sums of a tile.</summary>
    private static T* Bias(PointWork* work, TapSet* set, T* bias)
    {
        var call = work->Images->Call;
        var pass = call->Pass;
        if (call->Finish.Bias == null || pass->JoinedSets > 1 || set->Order.Count > ChainOrder.ChainsPerGroup)
        {
            return null;
        }

        var channels = Math.Min((long)work->Vectors * pass->VectorLength, pass->Problem.ResultChannels - work->FirstChannel);
        Elements<T>.Copy(call->Finish.Bias + (work->Group * pass->Problem.ResultChannels) + work->FirstChannel, bias, channels);
        return bias;
    }

    /// <summary>Where each pixel of a run lies, seen from the first image's.</summary>
    private static void PlacePixels(PointWork* work, Axes number, nint* offsets)
    {
        var planes = &work->Images->Call->Pass->Planes;
        if (planes->Form == SourceForm.Tiles)
        {
            for (var pixel = work->FirstPixel; pixel < work->FirstPixel + work->Count; pixel++)
            {
                var tile = Math.DivRem(pixel, planes->ChannelStride, out var row);
                *offsets++ = (nint)((tile * planes->TileStride) + row);
            }

            return;
        }

        var together = Together(work->Images);
        var places = offsets + work->Count - (work->Count / together);
        PlaceInRows(work, work->FirstPixel / together, work->Count / together, number, planes->Pixel, places);
        for (long i = 0; together > 1 && i < work->Count; i++)
        {
            // The places move down to make room: the last is read before it is overwritten.
            var position = Math.DivRem(i, together, out var image);
            offsets[i] = places[position] + (nint)(image * work->Images->SourceStride);
        }
    }

    /// <summary>Where pixels lie that follow each other in an image, and in the images after it.</summary>
    private static void PlaceInRows(PointWork* work, long first, long count, Axes number, Axes pixel, nint* offsets)
    {
        var row = Math.DivRem(first, number.W, out var column);
        for (var left = count; left > 0; row++, column = 0)
        {
            var slice = Math.DivRem(row, number.H, out var y);
            var image = Math.DivRem(slice, number.D, out var z);
            var at = (image * work->Images->SourceStride) + (z * pixel.D) + (y * pixel.H);
            var end = Math.Min(number.W, column + left);
            left -= end - column;
            for (; column < end; column++)
            {
                *offsets++ = (nint)(at + (column * pixel.W));
            }
        }
    }

    /// <summary>The sums of a run, chain after chain: rows of pixels, those of joined sets alternating.</summary>
    private static void Sum(Call<T>* call, PointWork* work, TapSet* set, byte* workspace)
    {
        var pass = call->Pass;
        var kernels = call->Kernels;
        nint width = work->Vectors * pass->VectorLength;
        var totals = pass->TotalsPiece.Get<T>(workspace) + (pass->JoinedSets > 1 ? set->First.W * width : 0);
        var chains = set->Order.Count;
        var sums = chains > ChainOrder.ChainsPerGroup ? pass->TileGroupPiece.Get<T>(workspace) : totals;
        var skipsPadding = pass->SkipsPadding && call->HasInfinite == 0;
        var tiles = Cut(work, set, skipsPadding, workspace, out var pixels);
        var planes = work->Images->SourceStart + (work->Group * work->Images->GroupStride);
        for (long index = 0; index < chains; index++)
        {
            var chain = set->Order[index];
            var source = planes + pass->Planes.ChannelAt(chain.FirstChannel);
            var packed = Weights(call, work, set, chain, workspace, out var areFinite);
            if (skipsPadding && !areFinite)
            {
                skipsPadding = false;
                tiles = Cut(work, set, skipsPadding, workspace, out pixels);
            }

            var next = pass->WeightsAreFar && index + 1 < chains ? NextWeights(call, work, set, set->Order[index + 1], packed + (chain.Steps * width), tiles.Count) : default;
            MultiplyTiles(
                kernels,
                work->Vectors,
                tiles,
                set,
                chain,
                source,
                pixels,
                packed,
                sums,
                pass->PlacesPiece.Get<nint>(workspace),
                index % ChainOrder.ChainsPerGroup != 0,
                index + 1 == chains ? work->Bias : null,
                pass->WeightsAreFar ? &next : null);
            if (sums != totals && (index + 1 == chains || (index + 1) % ChainOrder.ChainsPerGroup == 0))
            {
                ChainGroups<T>.Add(kernels, totals, sums, work->Count * width, isFirst: index < ChainOrder.ChainsPerGroup);
            }
        }
    }

    /// <summary>The tiles of a run, and where, in their order, pixels lie and are summed.</summary>
    private static PixelTiles Cut(PointWork* work, TapSet* set, bool skipsPadding, byte* workspace, out nint* offsets)
    {
        var pass = work->Images->Call->Pass;
        var tiles = pass->TilesPiece.Get<PixelTile>(workspace);
        var places = pass->PlacesPiece.Get<nint>(workspace);
        var pitch = (nint)(work->Vectors * pass->VectorLength * pass->JoinedSets);
        var inOrder = offsets = pass->OffsetsPiece.Get<nint>(workspace);
        if (!skipsPadding)
        {
            for (nint i = 0; i < work->Count; i++)
            {
                places[i] = i * pitch;
            }

            return PixelTiles.Whole(pass, work->Count, tiles);
        }

        offsets = pass->TileOffsetsPiece.Get<nint>(workspace);
        var cut = PixelTiles.WithoutPadding(pass, set, Together(work->Images), work->FirstPixel, work->Count, tiles, places);
        for (long i = 0; i < work->Count; i++)
        {
            offsets[i] = inOrder[places[i]];
            places[i] *= pitch;
        }

        return cut;
    }

    /// <summary>One chain of all tiles of a run.</summary>
    private static void MultiplyTiles(
        KernelSet<T>* kernels, int vectors, PixelTiles tiles, TapSet* set, Chain chain, T* source, nint* pixels, T* weights, T* sums, nint* places, bool add, T* bias, Ahead* next)
    {
        var offsets = set->ChainOffsets(chain);
        var steps = new StepRuns((nint)chain.Steps);
        for (var i = 0; i < tiles.Count; i++)
        {
            var tile = tiles[i];
            if (tiles.LeaveOutTaps)
            {
                steps = tile->Taps.Times((nint)chain.Channels);
            }

            if (next != null)
            {
                next->Fetch(steps.Count * tile->Rows / StepsPerLine);
            }

            kernels->PointTile(tile->Rows, vectors)(source, pixels + tile->First, weights, offsets, &steps, sums, places + tile->First, add, bias);
        }
    }

    /// <summary>The weights of a chain: packed before, or, if only this run of pixels needs them, now.</summary>
    /// <param name="call">the call</param>
    /// <param name="work">the run</param>
    /// <param name="set">whose chain it is</param>
    /// <param name="chain">the chain</param>
    /// <param name="workspace">the worker's</param>
    /// <param name="areFinite">whether all are; also if they were packed before, since that is known of all of them (<see cref="Call{T}.HasInfinite"/>)</param>
    private static T* Weights(Call<T>* call, PointWork* work, TapSet* set, Chain chain, byte* workspace, out bool areFinite)
    {
        var pass = call->Pass;
        var before = pass->Weights.BlockStart(set, work->Group, work->Block)
            + (((chain.FirstChannel * set->Taps) + chain.FirstTap) * work->Vectors * pass->VectorLength);
        if (call->Packed != null)
        {
            areFinite = true;
            return call->Packed + before;
        }

        var weights = pass->ChainWeightsPiece.Get<T>(workspace);
        areFinite = WeightPacker<T>.PackChannels(&pass->Weights, set, work->Group, work->Block, chain.FirstChannel, chain.Channels, call->W, weights - before, pass->SkipsPadding);
        return weights;
    }

    /// <summary>The weights of the chain after this one, as they are read: packed ones, or the caller's; of these not single taps, which take longer if asked for (960 -> 320, 7x7: 5 %).</summary>
    private static Ahead NextWeights(Call<T>* call, PointWork* work, TapSet* set, Chain chain, T* packed, long parts)
    {
        if (call->Packed != null)
        {
            return new Ahead(packed, 0, 1, chain.Steps * work->Vectors * call->Pass->VectorLength * sizeof(T), parts);
        }

        if (set->Taps == 1)
        {
            return default;
        }

        var (start, pitch, rows, count) = call->Pass->Weights.Source(work->Group, work->Block, chain.FirstChannel, chain.Channels);
        return new Ahead(call->W + start, pitch * sizeof(T), rows, count * sizeof(T), parts);
    }

    /// <summary>Turns the sums and finishes them: image by image where a pixel of all images follows another, slice by slice.</summary>
    private static void Finish(Call<T>* call, PointWork* work, TapSet* set, byte* workspace)
    {
        var pass = call->Pass;
        var together = Together(work->Images);
        var width = (long)work->Vectors * pass->VectorLength;
        for (long image = 0; image < together; image++)
        {
            FinishPixels(call, work, set, image, pass->TotalsPiece.Get<T>(workspace) + (image * width), together * width, workspace);
        }
    }

    /// <param name="call">the call</param>
    /// <param name="work">the run</param>
    /// <param name="set">the results</param>
    /// <param name="firstImage">that the pixels are of, or, if those of more images follow each other, before these</param>
    /// <param name="sums">of the first pixel</param>
    /// <param name="pitch">from one pixel to the next</param>
    /// <param name="workspace">the worker's</param>
    private static void FinishPixels(Call<T>* call, PointWork* work, TapSet* set, long firstImage, T* sums, long pitch, byte* workspace)
    {
        var pass = call->Pass;
        var together = Together(work->Images);
        var (firstPixel, count) = (work->FirstPixel / together * pass->JoinedSets, work->Count / together * pass->JoinedSets);
        var width = (long)work->Vectors * pass->VectorLength;
        var channels = Math.Min(width, pass->Problem.ResultChannels - work->FirstChannel);
        var channel = (work->Group * pass->Problem.ResultChannels) + work->FirstChannel;
        var slicePixels = set->Number.H * set->Number.W;
        var tile = new ResultTile<T>
        {
            Set = set,
            Size = pass->Problem.Result,
            Pitch = set->Number.W,
            Channels = channels,
            TilePitch = pass->TilePitch,
        };
        for (long done = 0; done < count; done += tile.Count)
        {
            var slice = Math.DivRem(firstPixel + done, slicePixels, out tile.First);
            var image = firstImage + Math.DivRem(slice, set->Number.D, out tile.Slice);
            tile.Count = Math.Min(count - done, slicePixels - tile.First);
            TileFinisher<T>.RunTurned(
                call,
                tile,
                work->Images->First + image,
                channel,
                sums + (done * pitch),
                pitch,
                work->Bias == null ? call->Finish.Bias : null,
                pass->TilePiece.Get<T>(workspace),
                pass->AddendPiece.Get<T>(workspace));
        }
    }

    private struct PointWork
    {
        public ImageBlock<T>* Images;
        public long Group;
        public long Block;

        /// <summary>The block's first channel in its group.</summary>
        public long FirstChannel;

        public int Vectors;

        /// <summary>What tiles add to the sums of their last chain; null: nothing.</summary>
        public T* Bias;

        /// <summary>The first pixel of the run, of each joined set: images in order, a set's pixels in raster order, or the other way round (<see cref="PassPlan.Together"/>).</summary>
        public long FirstPixel;

        /// <summary>Pixels of the run, of each joined set.</summary>
        public long Count;
    }
}
