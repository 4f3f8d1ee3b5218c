using NativeConv.Kernels.Moves;
using NativeConv.Packing;
using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>
/// Weight gradients by <see cref="Algorithm.DirectPoints"/>: <c>dw[m][n, t] = sum over pixels q of coarse[m][q] * fine[n][stride * q + dilation * t - pad]</c>.
/// Rows of a tile are (n, t) pairs, distances in the planes of the fine image; vectors are coarse channels m, from a panel; or,
/// where these are few, rows are (m, t) pairs and vectors fine channels, from planes (<see cref="PassPlan.FineInVectors"/>). The sum runs over real pixels only.
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
        if (pass->GroupsAreLocal)
        {
            GroupGradient<T>.Run(call, runner);
            return;
        }

        var problem = &pass->Problem;
        var rows = GradientSection<T>.AllRows(pass);
        var wanted = runner->Threads == 1 ? 1 : (long)runner->Threads * PiecesPerWorker;

        // Pieces of other channels read other parts of the panel; those of other rows read the same part again.
        var parts = Math.Min(pass->Panel.Blocks.Count, (wanted + problem->Groups - 1) / problem->Groups);
        wanted = (wanted + (parts * problem->Groups) - 1) / (parts * problem->Groups);
        var least = TilesOfPanel * pass->TileRows;
        var sections = pass->PanelsAreLocal ? LocalSections(rows, parts * problem->Groups, runner->Threads, wanted) : Math.Min((rows + least - 1) / least, wanted);
        var fewest = pass->PanelsAreLocal && GradientSection<T>.SumsAreGradients(call) ? 1 : ((rows - 1) / pass->MostRows) + 1;
        sections = Math.Min(Math.Max(sections, fewest), rows / GradientSection<T>.UnitOfRows(pass));
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

    private static long PlanePieces(PassPlan* pass) => pass->Planes.Form == SourceForm.Planes ? pass->Problem.Groups * pass->Problem.FineChannels / pass->Planes.Channels : 0;

    private static long PanelRuns(PassPlan* pass) => ((pass->Panel.ImagePixels - 1) / PanelFiller<T>.Run) + 1;

    private static long PanelPieces(PassPlan* pass) => pass->PanelsAreLocal ? 0 : pass->Problem.Groups * pass->Panel.Blocks.Count * PanelRuns(pass);

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
            var channel = GradientSection<T>.Fine(call, images->First + image).Skip(piece * pass->Planes.Channels * problem->Fine.Product);
            PlaneFiller<T>.Fill(&pass->Planes, channel, images->Planes + (((image * planes) + piece) * pass->Planes.Channels * pass->Planes.ChannelStride), rows);
            return;
        }

        piece = Math.DivRem(piece - planes, PanelRuns(pass), out var run);
        var group = Math.DivRem(piece, pass->Panel.Blocks.Count, out var block);
        var first = run * PanelFiller<T>.Run;
        var target = Panel(call, image, group) + pass->Panel.Start(block, (image % pass->ImagesPerTile * pass->Panel.ImagePixels) + first);
        PanelFiller<T>.Fill(
            &pass->Panel, GradientSection<T>.Coarse(call, images->First + image, group), block, first, Math.Min(PanelFiller<T>.Run, pass->Panel.ImagePixels - first), target, rows);
    }

    private static T* Panel(Call<T>* call, long image, long group) =>
        call->Pass->PanelPiece.Get<T>(call->Workspace) + (((image / call->Pass->ImagesPerTile * call->Pass->Problem.Groups) + group) * call->Pass->Panel.GroupStride);

    /// <summary>All chains of all images of a block for a section of the rows, and some channels, of one group; after the last block, the gradients.</summary>
    private static void Multiply(void* job, long piece, int worker)
    {
        var work = (BlockWork*)job;
        var call = work->Images.Call;
        var pass = call->Pass;
        piece = Math.DivRem(piece, work->Parts, out var part);
        var group = Math.DivRem(piece, work->Sections, out var number);
        var rows = GradientSection<T>.AllRows(pass);
        var section = new GradientSection<T>(pass, group, GradientSection<T>.RowsOf(pass, work->Sections, number), new EvenParts(pass->Panel.Blocks.Count, work->Parts)[part]);
        var workspace = call->Worker(worker);
        var chains = pass->Rows.Count * pass->Problem.Batch;
        var direct = GradientSection<T>.SumsAreGradients(call);
        T* totals;
        if (direct)
        {
            section.SumInResult(call);
            totals = section.Sums;
        }
        else
        {
            // Shared sums lie part by part: each has rows of its own channels.
            var place = pass->SumsAreLocal ? workspace : call->Workspace;
            var at = pass->SumsAreLocal ? 0 : (((group * pass->Panel.Blocks.Padded) + section.FirstChannel) * rows) + (section.FirstRow * section.Channels);
            totals = pass->TotalsPiece.Get<T>(place) + at;
            section.Sums = chains > ChainOrder.ChainsPerGroup ? pass->GroupSumsPiece.Get<T>(place) + at : totals;
        }

        section.PlaceRows(pass, workspace);
        for (long image = 0; image < work->Images.Count; image += pass->ImagesPerTile)
        {
            MultiplyImages(work, &section, totals, image, chains, workspace);
        }

        if (chains == 0)
        {
            Elements<T>.Clear(totals, section.Rows * section.Pitch);
        }

        if (!direct && work->Images.First + work->Images.Count == pass->Problem.Batch)
        {
            section.Write(call, totals, workspace);
        }
    }

    private static void MultiplyImages(BlockWork* work, GradientSection<T>* section, T* totals, long image, long chains, byte* workspace)
    {
        var call = work->Images.Call;
        var pass = call->Pass;
        var problem = &pass->Problem;
        var fine = pass->Planes.Form == SourceForm.InPlace ? GradientSection<T>.Fine(call, work->Images.First).Data : work->Images.Planes;
        fine += (image * GradientSection<T>.FineStride(pass)) + (section->Group * problem->FineChannels * pass->Planes.ChannelStride);
        var coarse = GradientSection<T>.Coarse(call, work->Images.First + image, section->Group);
        var panel = pass->PanelsAreLocal ? null : Panel(call, image, section->Group);
        var images = Math.Min(pass->ImagesPerTile, work->Images.Count - image);
        for (long chainOfImage = 0; chainOfImage < pass->Rows.Count; chainOfImage++)
        {
            var index = ((work->Images.First + image) * pass->Rows.Count) + chainOfImage;
            section->MultiplyChain(call, pass->Rows[chainOfImage], images, fine, 0, coarse, panel, index % ChainOrder.ChainsPerGroup != 0, workspace);
            if (BiasGradient<T>.IsSummedAlong(call)) section->AddBias(call, pass->Rows[chainOfImage], work->Images.First + image, index);
            if (section->Sums != totals && (index + images == chains || (index + images) % ChainOrder.ChainsPerGroup == 0))
            {
                ChainGroups<T>.Add(call->Kernels, totals, section->Sums, section->Rows * section->Pitch, isFirst: index < ChainOrder.ChainsPerGroup);
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
}
