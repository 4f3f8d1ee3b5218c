using NativeConv.Packing;
using NativeConv.Problem;
using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>
/// Weight gradients as <see cref="WeightGradient{T}"/> sums them, where there are several groups of chains: these are independent, so that one worker sums whole ones,
/// with planes and panels of its own. They are added at the end, in order.
/// </summary>
internal static unsafe class GroupGradient<T>
    where T : unmanaged
{
    // Pieces, for each worker, that groups are cut into which do not go round evenly.
    private const long PiecesPerWorker = 2;

    /// <summary>Groups of chains of all images.</summary>
    public static long Groups(PassPlan* pass) => ((pass->Rows.Count * pass->Problem.Batch) + ChainOrder.ChainsPerGroup - 1) / ChainOrder.ChainsPerGroup;

    /// <summary>Elements of the sums of one group of chains.</summary>
    public static CheckedSize SumsOfGroup(PassPlan* pass) => (CheckedSize)GradientSection<T>.AllRows(pass) * pass->Panel.Blocks.Padded;

    /// <summary>Runs both stages.</summary>
    public static void Run(Call<T>* call, StageRunner* runner)
    {
        var pass = call->Pass;
        var units = pass->Problem.Groups * Groups(pass);
        var work = new GroupWork { Call = call, Whole = units - (units % runner->Threads), Parts = 1, Sections = 1 };
        if (work.Whole < units)
        {
            // Pieces of other channels read other parts of the coarse image; those of other rows turn the same part again.
            var wanted = ((PiecesPerWorker * runner->Threads) + units - work.Whole - 1) / (units - work.Whole);
            work.Parts = Math.Min(pass->Panel.Blocks.Count, wanted);
            work.Sections = Math.Clamp(wanted / work.Parts, 1, ((GradientSection<T>.AllRows(pass) - 1) / Math.Max(pass->TileRows, GradientSection<T>.UnitOfRows(pass))) + 1);
        }

        runner->Run(&Sum, &work, work.Whole + ((units - work.Whole) * work.Parts * work.Sections));
        var unit = GradientSection<T>.UnitOfRows(pass);
        work.Sections = EvenParts.AtMost(Math.Max(1, GradientWriter<T>.Run / unit), GradientSection<T>.AllRows(pass) / unit).Count;
        runner->Run(&Join, &work, pass->Problem.Groups * work.Sections);
    }

    /// <summary>A group of chains, or, of the last ones, a part of its sums.</summary>
    private static void Sum(void* job, long piece, int worker)
    {
        var work = (GroupWork*)job;
        var call = work->Call;
        var pass = call->Pass;
        var (parts, sections) = piece < work->Whole ? (1L, 1L) : (work->Parts, work->Sections);
        long part = 0, number = 0;
        if (piece >= work->Whole)
        {
            piece = Math.DivRem(piece - work->Whole, work->Sections, out number);
            piece = work->Whole + Math.DivRem(piece, work->Parts, out part);
        }

        var groups = Groups(pass);
        var group = Math.DivRem(piece, groups, out var groupOfChains);
        var section = new GradientSection<T>(pass, group, GradientSection<T>.RowsOf(pass, sections, number), new EvenParts(pass->Panel.Blocks.Count, parts)[part])
        {
            Pitch = pass->Panel.Blocks.Padded,
        };
        section.Sums = Sums(call, piece) + (section.FirstRow * section.Pitch) + section.FirstChannel;
        var workspace = call->Worker(worker);
        section.PlaceRows(pass, workspace);
        var first = groupOfChains * ChainOrder.ChainsPerGroup;
        SumChains(call, &section, first, Math.Min(first + ChainOrder.ChainsPerGroup, pass->Rows.Count * pass->Problem.Batch), workspace);
    }

    private static void SumChains(Call<T>* call, GradientSection<T>* section, long first, long end, byte* workspace)
    {
        var pass = call->Pass;
        var planes = pass->PlanesPiece.Get<T>(workspace);
        long filledImage = -1, firstRow = 0, endRow = 0, images = 1;
        for (var index = first; index < end; index += images)
        {
            var image = Math.DivRem(index, pass->Rows.Count, out var chainOfImage);
            var chain = pass->Rows[chainOfImage];
            var fine = GradientSection<T>.Fine(call, image).Skip(section->Group * pass->Problem.FineChannels * pass->Problem.Fine.Product);
            images = Math.Min(pass->ImagesPerTile, end - index);
            if (pass->Planes.Form == SourceForm.InPlace)
            {
                planes = fine.Data;
            }
            else if (image != filledImage || chain.FirstRow + chain.Rows > endRow)
            {
                var last = pass->Rows[Math.Min(chainOfImage + end - 1 - index, pass->Rows.Count - 1)];
                (filledImage, firstRow) = (image, pass->HasBands ? chain.FirstRow : 0);
                endRow = pass->HasBands ? Math.Min(firstRow + pass->RowsPerBand, last.FirstRow + last.Rows) : long.MaxValue;
                for (long next = 0; next < images; next++)
                {
                    FillPlanes(
                        pass, fine.Skip(next * pass->Problem.FineImage), firstRow, endRow - firstRow, planes + (next * GradientSection<T>.FineStride(pass)), pass->RowPiece.Get<T>(workspace));
                }
            }

            section->MultiplyChain(call, chain, images, planes, firstRow, GradientSection<T>.Coarse(call, image, section->Group), null, index > first, workspace);
            if (BiasGradient<T>.IsSummedAlong(call)) section->AddBias(call, chain, image, index);
        }
    }

    /// <summary>Planes of what some rows of the coarse image read, of one group.</summary>
    private static void FillPlanes(PassPlan* pass, in ChannelReader<T> fine, long firstRow, long rows, T* planes, T* row)
    {
        var layout = pass->Planes;
        layout.Lead.H -= firstRow * layout.Step.H * layout.PixelStep.H;
        if (rows < pass->RowsPerBand)
        {
            // The row behind the last one begins with the zeros that this ends with.
            layout.Size.H -= ((pass->RowsPerBand - rows) * layout.PixelStep.H) - 1;
        }

        for (long channel = 0; channel < pass->Problem.FineChannels; channel += layout.Channels)
        {
            PlaneFiller<T>.Fill(&layout, fine.Skip(channel * pass->Problem.Fine.Product), planes + (channel * layout.ChannelStride), row);
        }
    }

    /// <summary>The gradients of some rows: the sums of all groups of chains are added to those of the first.</summary>
    private static void Join(void* job, long piece, int worker)
    {
        var work = (GroupWork*)job;
        var call = work->Call;
        var pass = call->Pass;
        var groups = Groups(pass);
        var group = Math.DivRem(piece, work->Sections, out var number);
        var rows = GradientSection<T>.RowsOf(pass, work->Sections, number);
        var section = new GradientSection<T>(pass, group, rows, (0, pass->Panel.Blocks.Count));
        var before = section.FirstRow * section.Pitch;
        var totals = Sums(call, group * groups) + before;
        for (long next = 1; next < groups; next++)
        {
            call->Kernels->Accumulate(totals, Sums(call, (group * groups) + next) + before, (nint)(section.Rows * section.Pitch));
        }

        section.Write(call, totals, call->Worker(worker));
    }

    private static T* Sums(Call<T>* call, long unit) => call->Pass->GroupSumsPiece.Get<T>(call->Workspace) + (unit * SumsOfGroup(call->Pass).Value);

    private struct GroupWork
    {
        public Call<T>* Call;

        /// <summary>Groups of chains, of all groups of channels, that are one worker's. Those behind them are cut.</summary>
        public long Whole;

        /// <summary>Pieces that the blocks of channels of these are cut into.</summary>
        public long Parts;

        /// <summary>Pieces that the rows of these are cut into; then pieces in which groups are added.</summary>
        public long Sections;
    }
}
