using NativeConv.Packing;
using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>
/// Weight gradients by <see cref="Algorithm.DirectPoints"/>: <c>dw[m][n, t] = sum over pixels q of coarse[m][q] * fine[n][stride * q + dilation * t - pad]</c>.
/// Rows of a tile are (n, t) pairs, pointers into the planes of the fine image; vectors are coarse channels m, from a panel; the sum runs over real pixels only.
/// </summary>
internal static unsafe class WeightGradient<T>
    where T : unmanaged
{
    // Channels that are folded together: a cache line of floats.
    private const long FoldChannels = 16;

    /// <summary>Elements of the buffer of rows that each worker has: for filling a plane or panel, and for folding.</summary>
    public static long RowBuffer(long width) => Math.Max(width, Math.Max(PanelFiller<T>.Run, (FoldChannels + 1) * GradientWriter<T>.Run));

    /// <summary>Runs all stages.</summary>
    public static void Run(Call<T>* call, StageRunner* runner)
    {
        var pass = call->Pass;
        var problem = &pass->Problem;
        for (long image = 0; image < problem->Batch; image++)
        {
            var work = new ImageWork { Call = call, Image = image };
            runner->Run(&Fill, &work, (problem->Groups * problem->FineChannels) + PanelPieces(pass));
            runner->Run(&Multiply, &work, problem->Groups * Sections(pass));
        }

        runner->Run(&Fold, call, problem->Groups * FoldsPerGroup(pass));
    }

    private static long Rows(PassPlan* pass) => pass->Problem.FineChannels * pass->Problem.Kernel.Product;

    private static long Sections(PassPlan* pass) => ((Rows(pass) - 1) / pass->RowsPerPiece) + 1;

    private static long FoldsPerGroup(PassPlan* pass) => ((pass->Problem.CoarseChannels - 1) / FoldChannels) + 1;

    private static long PanelRuns(PassPlan* pass) => ((pass->Panel.Pixels - 1) / PanelFiller<T>.Run) + 1;

    private static long PanelPieces(PassPlan* pass) => pass->Problem.Groups * pass->Panel.Blocks * PanelRuns(pass);

    /// <summary>A channel of the fine image into its plane, or a run of the coarse one into the panel.</summary>
    private static void Fill(void* job, long piece, int worker)
    {
        var work = (ImageWork*)job;
        var call = work->Call;
        var pass = call->Pass;
        var problem = &pass->Problem;
        var row = pass->RowPiece.Get<T>(call->Worker(worker));
        var fineChannels = problem->Groups * problem->FineChannels;
        if (piece < fineChannels)
        {
            var fine = problem->GradientIsFine ? call->Dy : call->X;
            var channel = fine.Skip(((work->Image * fineChannels) + piece) * problem->Fine.Product);
            PlaneFiller<T>.Fill(&pass->Planes, channel, pass->PlanesPiece.Get<T>(call->Workspace) + (piece * pass->Planes.ChannelStride), row);
            return;
        }

        var coarse = problem->GradientIsFine ? call->X : call->Dy;
        piece = Math.DivRem(piece - fineChannels, PanelRuns(pass), out var run);
        var group = Math.DivRem(piece, pass->Panel.Blocks, out var block);
        PanelFiller<T>.Fill(
            &pass->Panel, coarse.Skip(work->Image * problem->CoarseImage), group, block, run * PanelFiller<T>.Run, pass->PanelPiece.Get<T>(call->Workspace), row);
    }

    /// <summary>All chains of one image for a section of the rows of one group.</summary>
    private static void Multiply(void* job, long piece, int worker)
    {
        var work = (ImageWork*)job;
        var call = work->Call;
        var pass = call->Pass;
        var group = Math.DivRem(piece, Sections(pass), out var section);
        var firstRow = section * pass->RowsPerPiece;
        var rows = Math.Min(pass->RowsPerPiece, Rows(pass) - firstRow);
        var pointers = (T**)pass->RowPointersPiece.Get<nint>(call->Worker(worker));
        PointRows(call, group, firstRow, rows, pointers);

        nint pitch = (nint)pass->Panel.PaddedChannels;
        var at = ((group * Rows(pass)) + firstRow) * pitch;
        var totals = pass->TotalsPiece.Get<T>(call->Workspace) + at;
        var chains = pass->Rows.Count * pass->Problem.Batch;
        var sums = chains > ChainOrder.ChainsPerGroup ? pass->GroupSumsPiece.Get<T>(call->Workspace) + at : totals;
        var offsets = pass->OffsetsPiece.Get<nint>(call->Worker(worker));
        for (long chainOfImage = 0; chainOfImage < pass->Rows.Count; chainOfImage++)
        {
            var chain = pass->Rows[chainOfImage];
            var index = (work->Image * pass->Rows.Count) + chainOfImage;
            PointPixels(pass, chain, offsets);
            MultiplyChain(call, group, chain, offsets, pointers, rows, sums, index % ChainOrder.ChainsPerGroup != 0);
            if (sums != totals && (index + 1 == chains || (index + 1) % ChainOrder.ChainsPerGroup == 0))
            {
                ChainGroups<T>.Add(call->Kernels, totals, sums, rows * pitch, isFirst: index < ChainOrder.ChainsPerGroup);
            }
        }
    }

    /// <summary>One chain: all tiles of a section.</summary>
    private static void MultiplyChain(Call<T>* call, long group, RowChain chain, nint* offsets, T** pointers, long rows, T* sums, bool add)
    {
        var pass = call->Pass;
        nint pitch = (nint)pass->Panel.PaddedChannels;
        var firstPixel = (chain.FirstRow * pass->Problem.Coarse.W) + chain.FirstColumn;
        for (long block = 0; block < pass->Panel.Blocks; block++)
        {
            var (firstVector, vectors) = pass->Panel.Block(block);
            var panel = pass->PanelPiece.Get<T>(call->Workspace)
                + pass->Panel.BlockStart(group, block) + (firstPixel * vectors * pass->VectorLength);
            var target = sums + (firstVector * pass->VectorLength);
            var tileRows = call->Kernels->TileRows;
            var tile = call->Kernels->PointTile(tileRows, vectors);
            long row = 0;
            for (; row <= rows - tileRows; row += tileRows)
            {
                tile(pointers + row, panel, offsets, (nint)chain.Steps, target + (row * pitch), pitch, add);
            }

            if (row < rows)
            {
                call->Kernels->PointTile((int)(rows - row), vectors)(pointers + row, panel, offsets, (nint)chain.Steps, target + (row * pitch), pitch, add);
            }
        }
    }

    /// <summary>The plane and tap that each row of a section begins at.</summary>
    private static void PointRows(Call<T>* call, long group, long firstRow, long rows, T** pointers)
    {
        var pass = call->Pass;
        var planes = pass->PlanesPiece.Get<T>(call->Workspace) + (group * pass->Problem.FineChannels * pass->Planes.ChannelStride);
        var taps = pass->Problem.Kernel.Product;
        var channel = Math.DivRem(firstRow, taps, out var tap);
        for (long row = 0; row < rows; row++)
        {
            pointers[row] = planes + (channel * pass->Planes.ChannelStride) + pass->TapOffsets[tap];
            if (++tap == taps)
            {
                tap = 0;
                channel++;
            }
        }
    }

    /// <summary>Where, seen from a row's pointer, each pixel of a chain lies.</summary>
    private static void PointPixels(PassPlan* pass, RowChain chain, nint* offsets)
    {
        var planes = pass->Planes.Strides;
        for (var row = chain.FirstRow; row < chain.FirstRow + chain.Rows; row++)
        {
            var (z, y) = Math.DivRem(row, pass->Problem.Coarse.H);
            var at = (z * planes.D) + (y * planes.H) + chain.FirstColumn;
            for (long column = 0; column < chain.Columns; column++)
            {
                *offsets++ = (nint)(at + column);
            }
        }
    }

    /// <summary>The finished gradients of a few coarse channels, out of the transposed totals, which are read whole cache lines at a time.</summary>
    private static void Fold(void* job, long piece, int worker)
    {
        var call = (Call<T>*)job;
        var pass = call->Pass;
        var rows = Rows(pass);
        var pitch = pass->Panel.PaddedChannels;
        var group = Math.DivRem(piece, FoldsPerGroup(pass), out var fold);
        var first = fold * FoldChannels;
        var channels = Math.Min(FoldChannels, pass->Problem.CoarseChannels - first);
        var totals = pass->TotalsPiece.Get<T>(call->Workspace) + (group * rows * pitch) + first;
        var gradients = call->WeightGradient + (((group * pass->Problem.CoarseChannels) + first) * rows);
        var buffers = pass->RowPiece.Get<T>(call->Worker(worker));
        var addend = buffers + (FoldChannels * GradientWriter<T>.Run);
        for (long row = 0; row < rows; row += GradientWriter<T>.Run)
        {
            var count = Math.Min(GradientWriter<T>.Run, rows - row);
            for (long i = 0; i < count; i++)
            {
                for (long channel = 0; channel < channels; channel++)
                {
                    buffers[(channel * GradientWriter<T>.Run) + i] = pass->Problem.Batch == 0 ? default : totals[((row + i) * pitch) + channel];
                }
            }

            for (long channel = 0; channel < channels; channel++)
            {
                GradientWriter<T>.Write(call, buffers + (channel * GradientWriter<T>.Run), count, addend, gradients + (channel * rows) + row);
            }
        }
    }

    private struct ImageWork
    {
        public Call<T>* Call;
        public long Image;
    }
}
