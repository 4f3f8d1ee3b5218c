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
    public static void Run(ImageBlock<T>* block, StageRunner* runner) =>
        runner->Run(&Multiply, block, Packs(block->Call) ? Pieces(block, block->Call->Pass->Sets) : ImageBlock<T>.PiecesOfSets(block, &Pieces));

    /// <summary>Whether a piece of work packs its weights itself: it then does all tap sets.</summary>
    private static bool Packs(Call<T>* call) => call->Packed == null;

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

    /// <summary>A run of pixels of one block of channels, of one group, and of one tap set, those that are joined with it, or all.</summary>
    private static void Multiply(void* job, long piece, int worker)
    {
        var images = (ImageBlock<T>*)job;
        var call = images->Call;
        var pass = call->Pass;
        var set = Packs(call) ? pass->Sets : ImageBlock<T>.SetOf(images, ref piece, &Pieces);
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
        var workspace = call->Worker(worker);
        var work = new PointWork
        {
            Images = images,
            Workspace = workspace,
            Sets = set,
            EndSet = set + (Packs(call) ? pass->SetCount : pass->JoinedSets),
            Packed = call->Packed,
            AreFinite = call->HasInfinite == 0,
            Group = group,
            Block = block,
            FirstChannel = firstChannel,
            Vectors = vectors,
        };
        var (firstUnit, units) = runs[run];
        work.FirstPixel = firstUnit * Unit(images);
        work.Count = Math.Min(units * Unit(images), (images->Count * set->Number.Product) - work.FirstPixel);
        var bias = stackalloc T[KernelSet<T>.TileColumns * LaneConstants<T>.Interleave];
        work.Bias = Bias(&work, bias);
        PlacePixels(&work, set->Number, pass->OffsetsPiece.Get<nint>(workspace));
        Sum(&work);
        for (var joined = work.Sets; joined < work.EndSet; joined += pass->JoinedSets)
        {
            Finish(&work, joined);
        }
    }

    /// <summary>The bias of a block's channels, in whole vectors; null: there is none, or it is not the last that is added to the sums of a tile.</summary>
    private static T* Bias(PointWork* work, T* bias)
    {
        var call = work->Images->Call;
        var pass = call->Pass;
        // Of all sets the first has most taps, so that none has more chains.
        if (call->Finish.Bias == null || pass->JoinedSets > 1 || work->Sets->Order.Count > ChainOrder.ChainsPerGroup)
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

    /// <summary>The sums of a run, part after part of the channels where these are packed now: rows of pixels, those of joined sets alternating.</summary>
    private static void Sum(PointWork* work)
    {
        var call = work->Images->Call;
        var weights = &call->Pass->Weights;
        var part = Packs(call) ? weights->ChannelsPerPart : weights->Channels;
        for (long first = 0; first < weights->Channels; first += part)
        {
            var end = Math.Min(first + part, weights->Channels);
            if (Packs(call))
            {
                Pack(work, first, end);
            }

            for (var set = work->Sets; set < work->EndSet; set++)
            {
                SumPart(work, set, first, end);
            }
        }
    }

    /// <summary>The sums of a run over some channels, chain after chain.</summary>
    private static void SumPart(PointWork* work, TapSet* set, long firstChannel, long endChannel)
    {
        var call = work->Images->Call;
        var pass = call->Pass;
        nint width = work->Vectors * pass->VectorLength;
        var totals = Sums(work, set, pass->TotalsPiece);
        var chains = set->Order.Count;
        var sums = chains > ChainOrder.ChainsPerGroup ? Sums(work, set, pass->TileGroupPiece) : totals;
        Cut(work, set, pass->SkipsPadding && work->AreFinite);
        var end = endChannel < pass->Weights.Channels ? set->Order.IndexOf(endChannel) : chains;
        for (var index = set->Order.IndexOf(firstChannel); index < end; index++)
        {
            if (!Packs(call) && pass->WeightsAreFar)
            {
                work->Next = index + 1 < end ? NextChain(work, set, set->Order[index + 1]) : default;
            }

            MultiplyTiles(work, set, set->Order[index], sums, index % ChainOrder.ChainsPerGroup != 0, index + 1 == chains ? work->Bias : null);
            if (sums != totals && (index + 1 == chains || (index + 1) % ChainOrder.ChainsPerGroup == 0))
            {
                ChainGroups<T>.Add(call->Kernels, totals, sums, work->Count * width, isFirst: index < ChainOrder.ChainsPerGroup);
            }
        }
    }

    /// <summary>Where a set's sums of the run's first pixel are.</summary>
    private static T* Sums(PointWork* work, TapSet* set, WorkspacePiece piece)
    {
        var pass = work->Images->Call->Pass;
        nint width = work->Vectors * pass->VectorLength;
        var before = (set - work->Sets) / pass->JoinedSets * pass->JoinedSets;
        return piece.Get<T>(work->Workspace) + (before * work->Count * width) + (pass->JoinedSets > 1 ? set->First.W * width : 0);
    }

    /// <summary>Cuts a run into tiles, unless the set before or the part before was cut like this.</summary>
    private static void Cut(PointWork* work, TapSet* set, bool skipsPadding)
    {
        var cut = skipsPadding ? set : work->Sets;
        if (work->CutFor == cut && work->Tiles.LeaveOutTaps == skipsPadding)
        {
            return;
        }

        var pass = work->Images->Call->Pass;
        var tiles = pass->TilesPiece.Get<PixelTile>(work->Workspace);
        var places = pass->PlacesPiece.Get<nint>(work->Workspace);
        var pitch = (nint)(work->Vectors * pass->VectorLength * pass->JoinedSets);
        var inOrder = pass->OffsetsPiece.Get<nint>(work->Workspace);
        work->CutFor = cut;
        if (!skipsPadding)
        {
            for (nint i = 0; i < work->Count; i++)
            {
                places[i] = i * pitch;
            }

            work->Pixels = inOrder;
            work->Tiles = PixelTiles.Whole(pass, work->Count, tiles);
            return;
        }

        work->Pixels = pass->TileOffsetsPiece.Get<nint>(work->Workspace);
        work->Tiles = PixelTiles.WithoutPadding(pass, set, Together(work->Images), work->FirstPixel, work->Count, tiles, places);
        for (long i = 0; i < work->Count; i++)
        {
            work->Pixels[i] = inOrder[places[i]];
            places[i] *= pitch;
        }
    }

    /// <summary>One chain of all tiles of a run.</summary>
    private static void MultiplyTiles(PointWork* work, TapSet* set, Chain chain, T* sums, bool add, T* bias)
    {
        var call = work->Images->Call;
        var pass = call->Pass;
        var kernels = call->Kernels;
        var source = work->Images->SourceStart + (work->Group * work->Images->GroupStride) + pass->Planes.ChannelAt(chain.FirstChannel);
        var weights = work->Packed + pass->Weights.ChainStart(set, work->Group, work->Block, chain);
        var offsets = set->ChainOffsets(chain);
        var places = pass->PlacesPiece.Get<nint>(work->Workspace);
        var pixels = work->Pixels;
        var (tiles, vectors) = (work->Tiles, work->Vectors);
        var steps = new StepRuns((nint)chain.Steps);
        for (var i = 0; i < tiles.Count; i++)
        {
            var tile = tiles[i];
            if (tiles.LeaveOutTaps)
            {
                steps = tile->Taps.Times((nint)chain.Channels);
            }

            if (pass->WeightsAreFar)
            {
                work->Next.Fetch(steps.Count * tile->Rows / StepsPerLine);
            }

            kernels->PointTile(tile->Rows, vectors)(source, pixels + tile->First, weights, offsets, &steps, sums, places + tile->First, add, bias);
        }
    }

    /// <summary>Packs the weights of a part of the channels, and asks for those of the next while these are used.</summary>
    private static void Pack(PointWork* work, long first, long end)
    {
        var call = work->Images->Call;
        var pass = call->Pass;
        work->Packed = pass->PartWeightsPiece.Get<T>(work->Workspace) - pass->Weights.PartStart(work->Group, work->Block, first);
        work->AreFinite = WeightPacker<T>.Pack(&pass->Weights, pass->Sets, work->Group, work->Block, first, end, call->W, work->Packed, pass->SkipsPadding);
        work->Next = pass->WeightsAreFar && end < pass->Weights.Channels ? NextPart(work, end) : default;
    }

    /// <summary>The caller's weights of a part, as they are read; not single taps, which take longer if asked for (960 -> 320, 7x7: 5 %).</summary>
    private static Ahead NextPart(PointWork* work, long first)
    {
        var call = work->Images->Call;
        var weights = &call->Pass->Weights;
        if (weights->Taps == 1)
        {
            return default;
        }

        var (start, pitch, rows, count) = weights->Source(work->Group, work->Block, first, Math.Min(weights->ChannelsPerPart, weights->Channels - first));
        var tiles = (work->Count + call->Pass->TileRows - 1) / call->Pass->TileRows * (work->EndSet - work->Sets);
        return new Ahead(call->W + start, pitch * sizeof(T), rows, count * sizeof(T), tiles);
    }

    /// <summary>The packed weights of a chain.</summary>
    private static Ahead NextChain(PointWork* work, TapSet* set, Chain chain)
    {
        var pass = work->Images->Call->Pass;
        var start = work->Packed + pass->Weights.ChainStart(set, work->Group, work->Block, chain);
        return new Ahead(start, 0, 1, chain.Steps * work->Vectors * pass->VectorLength * sizeof(T), work->Tiles.Count);
    }

    /// <summary>Turns the sums of a set, or of joined ones, and finishes them: image by image where a pixel of all images follows another, slice by slice.</summary>
    private static void Finish(PointWork* work, TapSet* set)
    {
        var pass = work->Images->Call->Pass;
        var together = Together(work->Images);
        var width = (long)work->Vectors * pass->VectorLength;
        var sums = pass->TotalsPiece.Get<T>(work->Workspace) + ((set - work->Sets) * work->Count * width);
        for (long image = 0; image < together; image++)
        {
            FinishPixels(work, ImageBlock<T>.ResultsOf(pass, set), image, sums + (image * width), together * width);
        }
    }

    /// <param name="work">the run</param>
    /// <param name="set">the results</param>
    /// <param name="firstImage">that the pixels are of, or, if those of more images follow each other, before these</param>
    /// <param name="sums">of the first pixel</param>
    /// <param name="pitch">from one pixel to the next</param>
    private static void FinishPixels(PointWork* work, TapSet* set, long firstImage, T* sums, long pitch)
    {
        var call = work->Images->Call;
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
                pass->TilePiece.Get<T>(work->Workspace),
                pass->AddendPiece.Get<T>(work->Workspace));
        }
    }

    private struct PointWork
    {
        public ImageBlock<T>* Images;

        /// <summary>The worker's.</summary>
        public byte* Workspace;

        /// <summary>The first tap set.</summary>
        public TapSet* Sets;

        /// <summary>Behind the last.</summary>
        public TapSet* EndSet;

        /// <summary>What the places of packed weights are counted from.</summary>
        public T* Packed;

        /// <summary>Weights that are asked for meanwhile.</summary>
        public Ahead Next;

        /// <summary>Whether the weights are, if anybody looked; of a part of the channels, if these are packed now.</summary>
        public bool AreFinite;

        public long Group;
        public long Block;

        /// <summary>The block's first channel in its group.</summary>
        public long FirstChannel;

        public int Vectors;

        /// <summary>What tiles add to the sums of their last chain; null: nothing.</summary>
        public T* Bias;

        /// <summary>The first pixel of the run, of each joined set: images in order, a set's pixels in raster order, or the other way round (<see cref="PassPlan.Together"/>).</summary>
        public long FirstPixel;

        /// <summary>The set whose taps decided how the run was cut; the first, if none did; null: it was not cut yet.</summary>
        public TapSet* CutFor;

        /// <summary>The tiles of the run.</summary>
        public PixelTiles Tiles;

        /// <summary>Where, in their order, pixels lie; they are summed at <see cref="PassPlan.PlacesPiece"/>.</summary>
        public nint* Pixels;

        /// <summary>Pixels of the run, of each joined set.</summary>
        public long Count;
    }
}
