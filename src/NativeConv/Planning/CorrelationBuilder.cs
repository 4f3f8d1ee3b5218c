using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Packing;
using NativeConv.Problem;

namespace NativeConv.Planning;

/// <summary>Plans <see cref="Algorithm.DirectPlanes"/>: planes, tap sets, blocking and workspace.</summary>
internal static unsafe class CorrelationBuilder
{
    /// <summary>Fills the pass's plan, or writes why not.</summary>
    public static bool TryBuild(Plan* plan, PassPlan* pass, ref Message reason)
    {
        var problem = pass->Problem;
        var phases = Phases(problem);
        if (!TablesFit(problem, phases, ref reason))
        {
            return false;
        }

        var elementSize = plan->Geometry.ElementSize;
        var fits = problem.Kind == ProblemKind.Gather
            ? TryGather(plan, pass, phases, elementSize)
            : TryPhases(plan, pass, phases, elementSize);
        if (!fits)
        {
            reason.Add("its planes do not fit 63 bits"u8);
            return false;
        }

        Block(pass);
        return Book(plan, pass, elementSize, ref reason);
    }

    /// <summary>Whether the tables of a kernel are small enough to hold.</summary>
    public static bool TablesFit(in ConvProblem problem, (AxisPhases D, AxisPhases H, AxisPhases W) phases, ref Message reason)
    {
        var sets = (CheckedSize)phases.D.Count * phases.H.Count * phases.W.Count;
        var taps = (CheckedSize)problem.Kernel.D * problem.Kernel.H * problem.Kernel.W;
        if (taps.Overflowed || taps.Value > Blocking.MostTaps || sets.Overflowed || sets.Value > Blocking.MostSets)
        {
            reason.Add("the kernel has "u8);
            reason.Add(taps.Value);
            reason.Add(" taps in "u8);
            reason.Add(sets.Value);
            reason.Add(" phases, its tables hold "u8);
            reason.Add(Blocking.MostTaps);
            reason.Add(" in "u8);
            reason.Add(Blocking.MostSets);
            return false;
        }

        return true;
    }

    /// <summary>The phases of all axes.</summary>
    public static (AxisPhases D, AxisPhases H, AxisPhases W) Phases(in ConvProblem problem) =>
        (Phases(problem, 0), Phases(problem, 1), Phases(problem, 2));

    /// <summary>The planes of a source that is read with a stride: one for each residue that taps use.</summary>
    public static bool TryStridedPlanes(
        in ConvProblem problem, (AxisPhases D, AxisPhases H, AxisPhases W) phases, int elementSize, out PlaneLayout planes)
    {
        var length = default(Axes);
        for (var axis = 0; axis < Axes.Count; axis++)
        {
            length[axis] = problem.Coarse[axis] + ((problem.Kernel[axis] - 1) * problem.Dilation[axis] / problem.Stride[axis]);
        }

        return PlaneLayout.TryCreate(problem.Fine, problem.Stride, problem.Pad, length, phases, problem.Coarse.W, elementSize, out planes);
    }

    /// <summary>Where tap (d, h, w) of the kernel lies in strided planes.</summary>
    public static nint StridedOffset(in PlaneLayout planes, in ConvProblem problem, long d, long h, long w)
    {
        var (phaseD, phaseH, phaseW) = (planes.D.Of(d), planes.H.Of(h), planes.W.Of(w));
        var plane = (((phaseD * planes.H.Count) + phaseH) * planes.W.Count) + phaseW;
        return (nint)((plane * planes.PlaneStride)
            + (d * problem.Dilation.D / problem.Stride.D * planes.Strides.D)
            + (h * problem.Dilation.H / problem.Stride.H * planes.Strides.H)
            + (w * problem.Dilation.W / problem.Stride.W));
    }

    private static AxisPhases Phases(in ConvProblem problem, int axis) => new(problem.Kernel[axis], problem.Stride[axis], problem.Dilation[axis]);

    private static bool TryGather(Plan* plan, PassPlan* pass, (AxisPhases D, AxisPhases H, AxisPhases W) phases, int elementSize)
    {
        var problem = pass->Problem;
        if (!TryStridedPlanes(problem, phases, elementSize, out pass->Planes))
        {
            return false;
        }

        pass->SetCount = 1;
        var set = pass->Sets = plan->Arena.Allocate<TapSet>(1);
        set->Taps = problem.Kernel.Product;
        set->Step = new Axes(1, 1, 1);
        set->Number = problem.Coarse;
        set->KernelIndices = plan->Arena.Allocate<long>(set->Taps);
        var offsets = plan->Arena.Allocate<nint>(set->Taps);
        long tap = 0;
        for (long d = 0; d < problem.Kernel.D; d++)
        {
            for (long h = 0; h < problem.Kernel.H; h++)
            {
                for (long w = 0; w < problem.Kernel.W; w++, tap++)
                {
                    set->KernelIndices[tap] = tap;
                    offsets[tap] = StridedOffset(pass->Planes, problem, d, h, w);
                }
            }
        }

        Order(plan, pass, set, offsets);
        return true;
    }

    private static bool TryPhases(Plan* plan, PassPlan* pass, (AxisPhases D, AxisPhases H, AxisPhases W) phases, int elementSize)
    {
        var problem = pass->Problem;
        Axes lead = default, length = default;
        long widest = 1;
        for (var axis = 0; axis < Axes.Count; axis++)
        {
            var ofAxis = axis == 0 ? phases.D : axis == 1 ? phases.H : phases.W;
            long first = long.MaxValue, end = long.MinValue;
            for (long phase = 0; phase < ofAxis.Count; phase++)
            {
                var (_, number, firstU) = ofAxis.Positions(phase, problem.Fine[axis], problem.Pad[axis]);
                if (number > 0)
                {
                    first = Math.Min(first, firstU - ofAxis.Shift(phase, ofAxis.Taps(phase) - 1));
                    end = Math.Max(end, firstU + number - ofAxis.Shift(phase, 0));
                    widest = axis == 2 ? Math.Max(widest, number) : widest;
                }
            }

            // With first > end no phase has pixels: nothing is read.
            lead[axis] = first > end ? 0 : -first;
            length[axis] = first > end ? 1 : end - first;
        }

        var single = (AxisPhases.Single, AxisPhases.Single, AxisPhases.Single);
        if (!PlaneLayout.TryCreate(problem.Coarse, new Axes(1, 1, 1), lead, length, single, widest, elementSize, out pass->Planes))
        {
            return false;
        }

        pass->Cover = new PhaseCover { Pad = problem.Pad, Stride = problem.Stride, D = phases.D, H = phases.H, W = phases.W };
        pass->HasBackground = !pass->Cover.IsComplete;
        pass->SetCount = (int)(phases.D.Count * phases.H.Count * phases.W.Count);
        pass->Sets = plan->Arena.Allocate<TapSet>(pass->SetCount);
        var set = pass->Sets;
        long packed = 0;
        for (long d = 0; d < phases.D.Count; d++)
        {
            for (long h = 0; h < phases.H.Count; h++)
            {
                for (long w = 0; w < phases.W.Count; w++, set++)
                {
                    FillPhase(plan, pass, set, phases, new Axes(d, h, w), lead);
                    set->PackedStart = packed;
                    packed += problem.Groups * problem.FineChannels * problem.CoarseChannels * set->Taps;
                }
            }
        }

        return true;
    }

    private static void FillPhase(Plan* plan, PassPlan* pass, TapSet* set, (AxisPhases D, AxisPhases H, AxisPhases W) phases, Axes phase, Axes lead)
    {
        var problem = pass->Problem;
        var positions = (
            D: phases.D.Positions(phase.D, problem.Fine.D, problem.Pad.D),
            H: phases.H.Positions(phase.H, problem.Fine.H, problem.Pad.H),
            W: phases.W.Positions(phase.W, problem.Fine.W, problem.Pad.W));
        set->First = new Axes(positions.D.First, positions.H.First, positions.W.First);
        set->Step = problem.Stride;
        set->Number = new Axes(positions.D.Number, positions.H.Number, positions.W.Number);
        var taps = new Axes(phases.D.Taps(phase.D), phases.H.Taps(phase.H), phases.W.Taps(phase.W));
        set->Taps = taps.Product;
        set->KernelIndices = plan->Arena.Allocate<long>(set->Taps);
        var offsets = plan->Arena.Allocate<nint>(set->Taps);
        long tap = 0;
        for (long d = 0; d < taps.D; d++)
        {
            for (long h = 0; h < taps.H; h++)
            {
                for (long w = 0; w < taps.W; w++, tap++)
                {
                    set->KernelIndices[tap] = (((phases.D.Tap(phase.D, d) * problem.Kernel.H) + phases.H.Tap(phase.H, h)) * problem.Kernel.W) + phases.W.Tap(phase.W, w);
                    offsets[tap] = (nint)(((positions.D.FirstU + lead.D - phases.D.Shift(phase.D, d)) * pass->Planes.Strides.D)
                        + ((positions.H.FirstU + lead.H - phases.H.Shift(phase.H, h)) * pass->Planes.Strides.H)
                        + positions.W.FirstU + lead.W - phases.W.Shift(phase.W, w));
                }
            }
        }

        Order(plan, pass, set, offsets);
    }

    /// <summary>The offsets of a tap set's steps, in the order of summation.</summary>
    private static void Order(Plan* plan, PassPlan* pass, TapSet* set, nint* tapOffsets)
    {
        var channels = pass->Problem.SourceChannels;
        set->Order = new ChainOrder(channels, set->Taps);
        set->Offsets = Steps(plan, pass, set->Order.ChannelsPerChain, set->Taps, tapOffsets);
        var last = channels % set->Order.ChannelsPerChain;
        set->LastOffsets = last == 0 ? null : Steps(plan, pass, last, set->Taps, tapOffsets);
    }

    private static nint* Steps(Plan* plan, PassPlan* pass, long channels, long taps, nint* tapOffsets)
    {
        if (channels == 1)
        {
            return tapOffsets;
        }

        var steps = plan->Arena.Allocate<nint>(channels * taps);
        for (long tap = 0; tap < taps; tap++)
        {
            for (long channel = 0; channel < channels; channel++)
            {
                steps[(tap * channels) + channel] = tapOffsets[tap] + (nint)(channel * pass->Planes.ChannelStride);
            }
        }

        return steps;
    }

    private static void Block(PassPlan* pass)
    {
        var problem = pass->Problem;
        var elementSize = pass->ElementSize;
        var imageBytes = problem.Groups * (CheckedSize)problem.SourceChannels * pass->Planes.ChannelStride * elementSize;
        pass->ImagesPerBlock = Math.Clamp(Blocking.PlaneBytes / Math.Max(1, imageBytes.Value), 1, Math.Max(1, problem.Batch));

        var weights = &pass->Weights;
        var tileColumns = KernelSet<float>.TileColumns * pass->VectorLength;
        var blocks = Math.Max(1, Blocking.TileBytes / elementSize / tileColumns / weights->BlockRows);
        pass->BlocksPerPiece = Math.Min(weights->Blocks, blocks);

        var perTile = Math.Max(1.0, (double)pass->BlocksPerPiece * weights->BlockRows * weights->Channels * pass->Sets->Taps * tileColumns);
        pass->TilesPerPiece = (long)Math.Max(1, Blocking.PieceProducts / perTile);

        // Few pixels: cut the channels instead.
        var pieces = Correlation<float>.PiecesPerImage(pass);
        var cuts = (Blocking.PiecesWanted + pieces - 1) / Math.Max(1, pieces);
        pass->BlocksPerPiece = Math.Max(1, (pass->BlocksPerPiece + cuts - 1) / cuts);
    }

    private static bool Book(Plan* plan, PassPlan* pass, int elementSize, ref Message reason)
    {
        var problem = pass->Problem;
        var tileColumns = (long)KernelSet<float>.TileColumns * pass->VectorLength;
        WorkspaceBook shared = default, worker = default;

        // Tiles read whole vectors, past the end of the last plane.
        pass->PlanesPiece = shared.Book(
            ((CheckedSize)pass->ImagesPerBlock * problem.Groups * problem.SourceChannels * pass->Planes.ChannelStride) + tileColumns, elementSize);
        var beforePacking = shared.Bytes;
        pass->PackedPiece = shared.Book(plan->Geometry.WeightElements, elementSize);

        var tile = pass->BlocksPerPiece * pass->Weights.BlockRows * tileColumns;
        var grouped = false;
        for (var i = 0; i < pass->SetCount; i++)
        {
            grouped |= pass->Sets[i].Order.Count > ChainOrder.ChainsPerGroup;
        }

        pass->RowPiece = worker.Book(problem.Source.W, elementSize);
        pass->TilePiece = worker.Book(tile, elementSize);
        pass->AddendPiece = worker.Book(tile, elementSize);
        pass->TileGroupPiece = worker.Book(grouped ? tile : 0, elementSize);
        if (shared.Bytes.Overflowed || worker.Bytes.Overflowed)
        {
            reason.Add("its workspace does not fit 63 bits"u8);
            return false;
        }

        pass->SharedBytes = shared.Bytes.Value;
        pass->SharedPackingBytes = shared.Bytes.Value - beforePacking.Value;
        pass->WorkerBytes = worker.Bytes.Value;
        pass->PackedBytes = plan->Geometry.WeightElements * elementSize;
        pass->Stages = problem.Batch == 0 ? 0 : 1 + (2 * (((problem.Batch - 1) / pass->ImagesPerBlock) + 1)) + (pass->HasBackground ? 1 : 0);
        return true;
    }
}
