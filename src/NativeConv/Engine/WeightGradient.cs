using NativeConv.Kernels.Moves;
using NativeConv.Kernels.Tiles;
using NativeConv.Packing;
using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>
/// Weight gradients by <see cref="Algorithm.DirectPoints"/>: <c>dw[m][n, t] = sum over pixels q of coarse[m][q] * fine[n][stride * q + dilation * t - pad]</c>.
/// Rows of a tile are (n, t) pairs, distances in the planes of the fine image; vectors are coarse channels m, from a panel; the sum runs over real pixels only.
/// </summary>
internal static unsafe class WeightGradient<T>
    where T : unmanaged
{
    // Tiles of rows that are worth reading a panel again, which may be larger than every cache.
    private const int TilesOfPanel = 4;

    // Pieces for each worker, if there are several: they stay within a quarter of each other.
    private const int PiecesPerWorker = 4;

    // Turning the pixels of a panel takes about as long as so many rows' multiply-adds.
    private const long RowsOfTurning = 8;

    /// <summary>Elements of the buffer of rows that each worker has: for filling a plane or panel, and for writing gradients.</summary>
    public static long RowBuffer(long width) => Math.Max(width, PanelFiller<T>.Rows * Math.Max(PanelFiller<T>.Run, GradientWriter<T>.Run));

    /// <summary>Runs all stages.</summary>
    public static void Run(Call<T>* call, StageRunner* runner)
    {
        var pass = call->Pass;
        var problem = &pass->Problem;
        var rows = Rows(pass);
        var wanted = runner->Threads == 1 ? 1 : (long)runner->Threads * PiecesPerWorker;

        // Pieces of other channels read other parts of the panel; those of other rows read the same part again.
        var parts = Math.Min(pass->Panel.Blocks.Count, (wanted + problem->Groups - 1) / problem->Groups);
        wanted = (wanted + (parts * problem->Groups) - 1) / (parts * problem->Groups);
        var least = TilesOfPanel * pass->TileRows;
        var sections = pass->PanelsAreLocal
            ? LocalSections(rows, parts * problem->Groups, runner->Threads, wanted)
            : Math.Max(((rows - 1) / pass->MostRows) + 1, Math.Min((rows + least - 1) / least, wanted));
        long image = 0;
        do
        {
            // Without images all that happens is that zeros are written.
            var count = Math.Min(pass->ImagesPerBlock, problem->Batch - image);
            var work = new BlockWork { Images = new ImageBlock<T>(call, image, count, pass->PlanesPiece.Get<T>(call->Workspace)), Sections = sections, Parts = parts };
            runner->Run(&Fill, &work, count * (PlanePieces(pass) + PanelPieces(pass)));
            runner->Run(&Multiply, &work, problem->Groups * sections * parts);
            image += count;
        }
        while (image < problem->Batch);
    }

    /// <summary>Sections of rows, each of which turns all pixels, that take the least time.</summary>
    /// <param name="rows">of a group</param>
    /// <param name="parts">pieces that each section has</param>
    /// <param name="threads">workers</param>
    /// <param name="most">sections</param>
    private static long LocalSections(long rows, long parts, long threads, long most)
    {
        long best = 1;
        for (long sections = 2, leastTime = Time(1); sections <= Math.Min(most, rows / RowsOfTurning); sections++)
        {
            if (Time(sections) < leastTime)
            {
                (best, leastTime) = (sections, Time(sections));
            }
        }

        return best;

        // Pieces that the worker who has most does one after the other.
        long Time(long sections) => ((parts * sections) + threads - 1) / threads * (((rows + sections - 1) / sections) + RowsOfTurning);
    }

    private static long Rows(PassPlan* pass) => pass->Problem.FineChannels * pass->Problem.Kernel.Product;

    private static long PlanePieces(PassPlan* pass) => pass->Planes.Form == SourceForm.Planes ? pass->Problem.Groups * pass->Problem.FineChannels : 0;

    private static long PanelRuns(PassPlan* pass) => ((pass->Panel.Pixels - 1) / PanelFiller<T>.Run) + 1;

    private static long PanelPieces(PassPlan* pass) => pass->PanelsAreLocal ? 0 : pass->Problem.Groups * pass->Panel.Blocks.Count * PanelRuns(pass);

    private static ChannelReader<T> Fine(Call<T>* call, long image)
    {
        var problem = &call->Pass->Problem;
        return (problem->GradientIsFine ? call->Dy : call->X).Skip(image * problem->FineImage);
    }

    private static ChannelReader<T> Coarse(Call<T>* call, long image, long group)
    {
        var problem = &call->Pass->Problem;
        return (problem->GradientIsFine ? call->X : call->Dy).Skip(((image * problem->Groups) + group) * problem->CoarseChannels * problem->Coarse.Product);
    }

    /// <summary>A channel of the fine image into its plane, or a run of the coarse one into the panel.</summary>
    private static void Fill(void* job, long piece, int worker)
    {
        var images = &((BlockWork*)job)->Images;
        var call = images->Call;
        var pass = call->Pass;
        var problem = &pass->Problem;
        var rows = pass->RowPiece.Get<T>(call->Worker(worker));
        var planes = PlanePieces(pass);
        var image = Math.DivRem(piece, planes + PanelPieces(pass), out piece);
        if (piece < planes)
        {
            var channel = Fine(call, images->First + image).Skip(piece * problem->Fine.Product);
            PlaneFiller<T>.Fill(&pass->Planes, channel, images->Planes + (((image * planes) + piece) * pass->Planes.ChannelStride), rows);
            return;
        }

        piece = Math.DivRem(piece - planes, PanelRuns(pass), out var run);
        var group = Math.DivRem(piece, pass->Panel.Blocks.Count, out var block);
        var first = run * PanelFiller<T>.Run;
        var target = Panel(call, image, group) + pass->Panel.Start(block, first);
        PanelFiller<T>.Fill(
            &pass->Panel, Coarse(call, images->First + image, group), block, first, Math.Min(PanelFiller<T>.Run, pass->Panel.Pixels - first), target, rows);
    }

    private static T* Panel(Call<T>* call, long image, long group) =>
        call->Pass->PanelPiece.Get<T>(call->Workspace) + (((image * call->Pass->Problem.Groups) + group) * call->Pass->Panel.GroupStride);

    /// <summary>All chains of all images of a block for a section of the rows, and some channels, of one group; after the last block, the gradients.</summary>
    private static void Multiply(void* job, long piece, int worker)
    {
        var work = (BlockWork*)job;
        var call = work->Images.Call;
        var pass = call->Pass;
        piece = Math.DivRem(piece, work->Parts, out var part);
        var group = Math.DivRem(piece, work->Sections, out var number);
        var rows = Rows(pass);
        var section = new Section { Group = group };
        (section.FirstRow, section.Rows) = new EvenParts(rows, work->Sections)[number];
        var (firstBlock, blocks) = new EvenParts(pass->Panel.Blocks.Count, work->Parts)[part];
        (section.FirstBlock, section.EndBlock) = (firstBlock, firstBlock + blocks);
        section.FirstChannel = pass->Panel.Blocks[firstBlock].First;
        section.Channels = (section.EndBlock == pass->Panel.Blocks.Count ? pass->Panel.Blocks.Padded : pass->Panel.Blocks[section.EndBlock].First) - section.FirstChannel;
        var workspace = call->Worker(worker);
        PlaceRows(call, &section, pass->RowOffsetsPiece.Get<nint>(workspace), pass->PlacesPiece.Get<nint>(workspace));

        // Shared sums lie part by part: each has rows of its own channels.
        var place = pass->SumsAreLocal ? workspace : call->Workspace;
        var at = pass->SumsAreLocal ? 0 : (((group * pass->Panel.Blocks.Padded) + section.FirstChannel) * rows) + (section.FirstRow * section.Channels);
        section.Totals = pass->TotalsPiece.Get<T>(place) + at;
        var chains = pass->Rows.Count * pass->Problem.Batch;
        section.Sums = chains > ChainOrder.ChainsPerGroup ? pass->GroupSumsPiece.Get<T>(place) + at : section.Totals;
        for (long image = 0; image < work->Images.Count; image++)
        {
            MultiplyImage(work, &section, image, chains, workspace);
        }

        if (chains == 0)
        {
            Elements<T>.Clear(section.Totals, section.Rows * section.Channels);
        }

        if (work->Images.First + work->Images.Count == pass->Problem.Batch)
        {
            Write(call, &section, pass->RowPiece.Get<T>(workspace));
        }
    }

    private static void MultiplyImage(BlockWork* work, Section* section, long image, long chains, byte* workspace)
    {
        var call = work->Images.Call;
        var pass = call->Pass;
        var problem = &pass->Problem;
        var fine = pass->Planes.Form == SourceForm.InPlace ? Fine(call, work->Images.First).Data : work->Images.Planes;
        fine += ((image * problem->Groups) + section->Group) * problem->FineChannels * pass->Planes.ChannelStride;
        var offsets = pass->OffsetsPiece.Get<nint>(workspace);
        for (long chainOfImage = 0; chainOfImage < pass->Rows.Count; chainOfImage++)
        {
            var chain = pass->Rows[chainOfImage];
            var index = ((work->Images.First + image) * pass->Rows.Count) + chainOfImage;
            PlacePixels(pass, chain, offsets);
            MultiplyChain(call, section, image, Coarse(call, work->Images.First + image, section->Group), chain, fine, index % ChainOrder.ChainsPerGroup != 0, workspace);
            if (section->Sums != section->Totals && (index + 1 == chains || (index + 1) % ChainOrder.ChainsPerGroup == 0))
            {
                ChainGroups<T>.Add(call->Kernels, section->Totals, section->Sums, section->Rows * section->Channels, isFirst: index < ChainOrder.ChainsPerGroup);
            }
        }
    }

    /// <summary>One chain: all tiles of a section.</summary>
    private static void MultiplyChain(Call<T>* call, Section* section, long image, in ChannelReader<T> coarse, RowChain chain, T* fine, bool add, byte* workspace)
    {
        var pass = call->Pass;
        var rowOffsets = pass->RowOffsetsPiece.Get<nint>(workspace);
        var offsets = pass->OffsetsPiece.Get<nint>(workspace);
        var places = pass->PlacesPiece.Get<nint>(workspace);
        var steps = new StepRuns((nint)chain.Steps);
        var firstPixel = (chain.FirstRow * pass->Problem.Coarse.W) + chain.FirstColumn;
        var tiles = EvenParts.AtMost(pass->TileRows, section->Rows);
        for (var block = section->FirstBlock; block < section->EndBlock; block++)
        {
            var (firstChannel, vectors) = pass->Panel.Blocks[block];
            T* pixels;
            if (pass->PanelsAreLocal)
            {
                pixels = pass->PanelPiece.Get<T>(workspace);
                PanelFiller<T>.Fill(&pass->Panel, coarse, block, firstPixel, chain.Steps, pixels, pass->RowPiece.Get<T>(workspace));
            }
            else
            {
                pixels = Panel(call, image, section->Group) + pass->Panel.Start(block, firstPixel);
            }

            for (long tile = 0; tile < tiles.Count; tile++)
            {
                var (first, rows) = tiles[tile];
                var sums = section->Sums + firstChannel - section->FirstChannel;
                call->Kernels->PointTile((int)rows, vectors)(fine, rowOffsets + first, pixels, offsets, &steps, sums, places + first, add, null);
            }
        }
    }

    /// <summary>Where the plane and tap of each row of a section begin, and where it is summed.</summary>
    private static void PlaceRows(Call<T>* call, Section* section, nint* offsets, nint* places)
    {
        var pass = call->Pass;
        var taps = pass->Problem.Kernel.Product;
        var channel = Math.DivRem(section->FirstRow, taps, out var tap);
        for (long row = 0; row < section->Rows; row++)
        {
            offsets[row] = (nint)(channel * pass->Planes.ChannelStride) + pass->TapOffsets[tap];
            places[row] = (nint)(row * section->Channels);
            if (++tap == taps)
            {
                tap = 0;
                channel++;
            }
        }
    }

    /// <summary>Where, seen from a row's place, each pixel of a chain lies.</summary>
    private static void PlacePixels(PassPlan* pass, RowChain chain, nint* offsets)
    {
        var pixel = pass->Planes.Pixel;
        for (var row = chain.FirstRow; row < chain.FirstRow + chain.Rows; row++)
        {
            var (z, y) = Math.DivRem(row, pass->Problem.Coarse.H);
            var at = (z * pixel.D) + (y * pixel.H) + (chain.FirstColumn * pixel.W);
            for (long column = 0; column < chain.Columns; column++, at += pixel.W)
            {
                *offsets++ = (nint)at;
            }
        }
    }

    /// <summary>The gradients of a section's rows, out of the totals, in which coarse channels are innermost.</summary>
    private static void Write(Call<T>* call, Section* section, T* buffers)
    {
        var pass = call->Pass;
        var all = pass->Problem.CoarseChannels;
        var channels = Math.Min(section->Channels, all - section->FirstChannel);
        var rows = Rows(pass);
        var pitch = section->Channels;
        if (pass->IsExchanged)
        {
            var place = call->WeightGradient + (((section->Group * rows) + section->FirstRow) * all) + section->FirstChannel;
            GradientWriter<T>.Write(call, section->Totals, pitch, place, all, section->Rows, channels);
            return;
        }

        var gradients = call->WeightGradient + (((section->Group * all) + section->FirstChannel) * rows) + section->FirstRow;
        if (call->Addend == null && !call->Finish.Scale)
        {
            Transposition<T>.RunToResult(section->Totals, pitch, gradients, rows, section->Rows, channels, pass->ResultsAreFar);
            return;
        }

        const long Run = GradientWriter<T>.Run;
        for (long row = 0; row < section->Rows; row += Run)
        {
            var count = Math.Min(Run, section->Rows - row);
            for (long first = 0; first < channels; first += PanelFiller<T>.Rows)
            {
                var some = Math.Min(PanelFiller<T>.Rows, channels - first);
                Transposition<T>.Run(section->Totals + (row * pitch) + first, pitch, buffers, Run, count, some);
                GradientWriter<T>.Write(call, buffers, Run, gradients + (first * rows) + row, rows, some, count);
            }
        }
    }

    private struct BlockWork
    {
        public ImageBlock<T> Images;

        /// <summary>Pieces that the blocks of channels of a group are cut into.</summary>
        public long Parts;

        /// <summary>Pieces that the rows of a group are cut into.</summary>
        public long Sections;
    }

    private struct Section
    {
        public long Group;

        /// <summary>First (channel, tap) pair.</summary>
        public long FirstRow;

        public long Rows;

        public long FirstBlock;
        public long EndBlock;

        /// <summary>Of <see cref="FirstBlock"/>.</summary>
        public long FirstChannel;

        /// <summary>Of all blocks, whole vectors.</summary>
        public long Channels;

        /// <summary>Rows of coarse channels.</summary>
        public T* Totals;

        /// <summary>Where chains are added: the totals, or groups that join them.</summary>
        public T* Sums;
    }
}
