using NativeConv.Engine;
using NativeConv.Packing;
using NativeConv.Problem;

namespace NativeConv.Planning;

/// <summary>The tap sets of Gather and Phase problems, and the planes that their taps lie in.</summary>
internal static unsafe class TapSetBuilder
{
    // A cache line of floats: pixels further apart share none.
    private const int MostJoined = 16;

    private static (AxisPhases D, AxisPhases H, AxisPhases W) Single => (AxisPhases.Single, AxisPhases.Single, AxisPhases.Single);

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

    /// <summary>Makes the pass's tap sets and, for <see cref="SourceForm.Planes"/>, its planes; the layout of other forms is there already.</summary>
    /// <returns>whether planes and packed weights fit 63 bits</returns>
    public static bool TryBuild(Plan* plan, PassPlan* pass, (AxisPhases D, AxisPhases H, AxisPhases W) phases, SourceForm form, (long Images, long Channels) alternating)
    {
        pass->RowsPerBand = long.MaxValue;
        pass->Weights.Places = plan->Arena.Allocate<TapPlace>(pass->Weights.Taps);
        if (!(pass->Problem.Kind == ProblemKind.Gather ? TryGather(plan, pass, phases, form, alternating) : TryPhases(plan, pass, phases, form, alternating)))
        {
            return false;
        }

        long taps = 0, part = 1;
        pass->SetsAreAlike = true;
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            set->TapsBefore = taps;
            taps += set->Taps;
            part = Math.Min(pass->Weights.Channels, part / AxisPhases.GreatestCommonDivisor(part, set->Order.ChannelsPerChain) * set->Order.ChannelsPerChain);
            pass->SetsAreAlike &= set->Number.Equals(pass->Sets->Number);
        }

        pass->Weights.ChannelsPerPart = part;
        var packed = (CheckedSize)pass->Problem.Groups * pass->Weights.Blocks.Padded * pass->Weights.Channels * pass->Weights.Taps * pass->ElementSize;
        pass->PackedBytes = packed.Value;
        return !packed.Overflowed;
    }

    /// <summary>Channels whose numbers may alternate in planes: four, or fewer where these would not be of one chain.</summary>
    public static long AlternatingChannels(in ConvProblem problem)
    {
        const long Most = 4;
        var channels = Most;
        var phases = Phases(problem);
        for (long d = 0; d < phases.D.Count; d++)
        {
            for (long h = 0; h < phases.H.Count; h++)
            {
                for (long w = 0; w < phases.W.Count; w++)
                {
                    var taps = problem.Kind == ProblemKind.Gather ? problem.Kernel.Product : phases.D.Taps(d) * phases.H.Taps(h) * phases.W.Taps(w);
                    var ofChain = new ChainOrder(problem.SourceChannels, taps).ChannelsPerChain;
                    while (problem.SourceChannels % channels != 0 || ofChain % channels != 0)
                    {
                        channels /= 2;
                    }
                }
            }
        }

        return channels;
    }

    /// <summary>Whether chains of some set are added in groups before they join the totals.</summary>
    public static bool HasGroups(PassPlan* pass)
    {
        var grouped = false;
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            grouped |= set->Order.Count > ChainOrder.ChainsPerGroup;
        }

        return grouped;
    }

    /// <summary>The phases of all axes.</summary>
    public static (AxisPhases D, AxisPhases H, AxisPhases W) Phases(in ConvProblem problem) =>
        (Phases(problem, 0), Phases(problem, 1), Phases(problem, 2));

    /// <summary>The planes of a source that is read with a stride: one for each residue that taps use.</summary>
    public static bool TrySplitPlanes(in ConvProblem problem, (AxisPhases D, AxisPhases H, AxisPhases W) phases, int elementSize, out PlaneLayout planes) =>
        TrySplitPlanes(problem, phases, problem.Coarse.H, elementSize, out planes);

    /// <summary>Planes of so many rows of windows for tiles with points in rows: whole, since neighbours in the sum need not be neighbours there, unless taps leave out some residues.</summary>
    public static bool TryPointPlanes(
        in ConvProblem problem, (AxisPhases D, AxisPhases H, AxisPhases W) phases, long rows, long channels, int elementSize, out PlaneLayout planes) =>
        TryPointPlanes(problem, phases, rows, (1, channels), elementSize, out planes);

    private static bool TrySplitPlanes(
        in ConvProblem problem, (AxisPhases D, AxisPhases H, AxisPhases W) phases, long rows, int elementSize, out PlaneLayout planes) =>
        TryWindowPlanes(problem, phases, problem.Stride, rows, problem.Coarse.W, (1, 1), elementSize, out planes);

    private static bool TryPointPlanes(
        in ConvProblem problem, (AxisPhases D, AxisPhases H, AxisPhases W) phases, long rows, (long Images, long Channels) alternating, int elementSize, out PlaneLayout planes) =>
        phases.D.Count == problem.Stride.D && phases.H.Count == problem.Stride.H && phases.W.Count == problem.Stride.W
            ? TryWindowPlanes(problem, Single, new Axes(1, 1, 1), rows, 1, alternating, elementSize, out planes)
            : TryWindowPlanes(problem, phases, problem.Stride, rows, 1, alternating, elementSize, out planes);

    /// <summary>Planes for so many rows of windows, with so many source pixels from one coordinate to the next.</summary>
    private static bool TryWindowPlanes(
        in ConvProblem problem,
        (AxisPhases D, AxisPhases H, AxisPhases W) phases,
        Axes step,
        long rows,
        long minimumPitch,
        (long Images, long Channels) alternating,
        int elementSize,
        out PlaneLayout planes)
    {
        Axes length = default, pixel = default;
        for (var axis = 0; axis < Axes.Count; axis++)
        {
            pixel[axis] = problem.Stride[axis] / step[axis];
            length[axis] = (((axis == 1 ? rows : problem.Coarse[axis]) - 1) * pixel[axis]) + ((problem.Kernel[axis] - 1) * problem.Dilation[axis] / step[axis]) + 1;
        }

        var created = PlaneLayout.TryCreate(problem.Fine, step, problem.Pad, length, phases, minimumPitch, alternating, elementSize, out planes);
        planes.PixelStep = pixel;
        return created;
    }

    /// <summary>Result rows of a band: all, or, where that pays, so many that its planes fill a second-level cache, unless too many of their rows were filled twice.</summary>
    /// <param name="pass">the problem</param>
    /// <param name="whole">planes for all rows</param>
    /// <param name="rows">of the set that has most</param>
    /// <param name="least">of the set that has least</param>
    private static long RowsPerBand(PassPlan* pass, in PlaneLayout whole, long rows, long least)
    {
        // Rows that two bands read: a quarter of a band at most.
        const long OfShared = 4;
        var problem = pass->Problem;
        var step = whole.PixelStep.H;
        var ofRow = (double)problem.Groups * problem.SourceChannels * whole.ChannelStride / whole.Images * pass->ElementSize / whole.Size.H * step;
        var shared = (whole.Size.H - (least * step) + step - 1) / step;
        var band = Math.Max((long)(Blocking.PlaneBytes / Math.Max(1, ofRow)) - shared, Math.Max(1, OfShared * shared));

        // Planes that a second-level cache nearly holds are left whole: 32 -> 3 (dx of 3 -> 32, stride 2), 112x112, 1.6 MB, took 3 % more in bands (AMD EPYC family 25 model 1).
        var most = pass->Algorithm == Algorithm.DirectPoints ? Blocking.PointPlaneBytes : 2 * Blocking.PlaneBytes;
        return ofRow / step * whole.Size.H <= most || band >= rows ? rows : EvenParts.AtMost(band, rows).Most;
    }

    /// <summary>Where each tap of the kernel lies in the fine image, for its first window.</summary>
    public static void PlaceTaps(PassPlan* pass, nint* offsets)
    {
        var problem = pass->Problem;
        for (long d = 0; d < problem.Kernel.D; d++)
        {
            for (long h = 0; h < problem.Kernel.H; h++)
            {
                for (long w = 0; w < problem.Kernel.W; w++)
                {
                    *offsets++ = pass->Planes.Form == SourceForm.Planes
                        ? PlaneOffset(pass->Planes, problem, d, h, w)
                        : Offset(pass->Planes, Origin(problem), d * problem.Dilation.D, h * problem.Dilation.H, w * problem.Dilation.W);
                }
            }
        }
    }

    /// <summary>Which taps read pixels of the fine image, for each of the coarse one.</summary>
    public static TapReach ReachOf(in ConvProblem problem) =>
        new() { Source = problem.Fine, Origin = Origin(problem), PixelStep = problem.Stride, TapStep = problem.Dilation, Taps = problem.Kernel };

    /// <summary>Whether no result is a sum over padding.</summary>
    public static bool StaysInside(in ConvProblem problem)
    {
        for (var axis = 0; axis < Axes.Count; axis++)
        {
            var pad = problem.Pad[axis];
            var reach = (problem.Kernel[axis] - 1) * problem.Dilation[axis];
            var (first, last, size) = problem.Kind == ProblemKind.Phase
                ? (-AxisPhases.FloorDivide(reach - pad, problem.Stride[axis]), AxisPhases.FloorDivide(problem.Fine[axis] - 1 + pad, problem.Stride[axis]), problem.Coarse[axis])
                : (-pad, ((problem.Coarse[axis] - 1) * problem.Stride[axis]) + reach - pad, problem.Fine[axis]);
            if (first < 0 || last >= size)
            {
                return false;
            }
        }

        return true;
    }

    // Where tap (d, h, w) of the kernel lies in planes.
    private static nint PlaneOffset(in PlaneLayout planes, in ConvProblem problem, long d, long h, long w)
    {
        var (phaseD, phaseH, phaseW) = (planes.D.Of(d), planes.H.Of(h), planes.W.Of(w));
        var plane = (((phaseD * planes.H.Count) + phaseH) * planes.W.Count) + phaseW;
        return (nint)((plane * planes.PlaneStride)
            + (d * problem.Dilation.D / planes.Step.D * planes.Strides.D)
            + (h * problem.Dilation.H / planes.Step.H * planes.Strides.H)
            + (w * problem.Dilation.W / planes.Step.W * planes.Strides.W));
    }

    // The first pixel of the first window.
    private static Axes Origin(in ConvProblem problem) => new(-problem.Pad.D, -problem.Pad.H, -problem.Pad.W);

    private static AxisPhases Phases(in ConvProblem problem, int axis) => new(problem.Kernel[axis], problem.Stride[axis], problem.Dilation[axis]);

    private static bool TryGather(Plan* plan, PassPlan* pass, (AxisPhases D, AxisPhases H, AxisPhases W) phases, SourceForm form, (long Images, long Channels) alternating)
    {
        var problem = pass->Problem;
        if (form == SourceForm.Planes)
        {
            if (!TryPlanes(problem.Coarse.H))
            {
                return false;
            }

            pass->RowsPerBand = RowsPerBand(pass, pass->Planes, problem.Coarse.H, problem.Coarse.H);
            if (pass->RowsPerBand < problem.Coarse.H)
            {
                TryPlanes(pass->RowsPerBand);
            }
        }

        pass->SetCount = pass->JoinedSets = 1;
        var set = pass->Sets = pass->Results = plan->Arena.Allocate<TapSet>(1);
        set->Taps = problem.Kernel.Product;
        set->PixelStep = new Axes(1, 1, 1);
        set->Number = problem.Coarse;
        set->Origin = Origin(problem);
        set->Reach = ReachOf(problem);
        for (var tap = 0; tap < set->Taps; tap++)
        {
            pass->Weights.Places[tap] = new TapPlace(0, tap);
        }

        var offsets = plan->Arena.Allocate<nint>(set->Taps);
        PlaceTaps(pass, offsets);
        Order(plan, pass, set, offsets);
        return true;

        bool TryPlanes(long rows) => pass->Algorithm == Algorithm.DirectPoints
            ? TryPointPlanes(problem, phases, rows, alternating, pass->ElementSize, out pass->Planes)
            : TrySplitPlanes(problem, phases, rows, pass->ElementSize, out pass->Planes);
    }

    private static bool TryPhases(Plan* plan, PassPlan* pass, (AxisPhases D, AxisPhases H, AxisPhases W) phases, SourceForm form, (long Images, long Channels) alternating)
    {
        var problem = pass->Problem;
        Axes lead = default, length = default, most = new(1, 1, 1), least = new(long.MaxValue, long.MaxValue, long.MaxValue);
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
                    most[axis] = Math.Max(most[axis], number);
                    least[axis] = Math.Min(least[axis], number);
                }
            }

            // With first > end no phase has pixels: nothing is read.
            lead[axis] = first > end ? 0 : -first;
            length[axis] = first > end ? 1 : end - first;
        }

        var step = new Axes(1, 1, 1);
        if (form == SourceForm.Planes)
        {
            if (!PlaneLayout.TryCreate(problem.Coarse, step, lead, length, Single, most.W, alternating, pass->ElementSize, out pass->Planes))
            {
                return false;
            }

            pass->RowsPerBand = RowsPerBand(pass, pass->Planes, most.H, least.H);
            if (pass->RowsPerBand < most.H)
            {
                length.H -= least.H - pass->RowsPerBand;
                PlaneLayout.TryCreate(problem.Coarse, step, lead, length, Single, most.W, alternating, pass->ElementSize, out pass->Planes);
            }
        }

        pass->Cover = new PhaseCover { Pad = problem.Pad, Stride = problem.Stride, D = phases.D, H = phases.H, W = phases.W };
        pass->HasBackground = !pass->Cover.IsComplete;
        pass->SetCount = (int)(phases.D.Count * phases.H.Count * phases.W.Count);
        pass->Sets = plan->Arena.Allocate<TapSet>(pass->SetCount);
        var set = pass->Sets;
        for (long d = 0; d < phases.D.Count; d++)
        {
            for (long h = 0; h < phases.H.Count; h++)
            {
                for (long w = 0; w < phases.W.Count; w++, set++)
                {
                    FillPhase(plan, pass, set, phases, new Axes(d, h, w));
                }
            }
        }

        Join(plan, pass, phases.W);
        return true;
    }

    /// <summary>Joins the sets that lie between each other along rows, if these are made of nothing else.</summary>
    private static void Join(Plan* plan, PassPlan* pass, AxisPhases phases)
    {
        pass->JoinedSets = 1;
        pass->Results = pass->Sets;
        var stride = pass->Problem.Stride.W;
        if (stride == 1 || stride > MostJoined || phases.Count != stride || pass->Problem.Fine.W % stride != 0 || HasGroups(pass))
        {
            return;
        }

        pass->JoinedSets = (int)stride;
        pass->Results = plan->Arena.Allocate<TapSet>(pass->SetCount / stride);
        for (var i = 0; i < pass->SetCount / stride; i++)
        {
            var set = pass->Sets + (i * stride);
            pass->Results[i] = new TapSet
            {
                First = new Axes(set->First.D, set->First.H, 0),
                PixelStep = new Axes(set->PixelStep.D, set->PixelStep.H, 1),
                Number = new Axes(set->Number.D, set->Number.H, pass->Problem.Fine.W),
            };
        }
    }

    private static void FillPhase(Plan* plan, PassPlan* pass, TapSet* set, (AxisPhases D, AxisPhases H, AxisPhases W) phases, Axes phase)
    {
        var problem = pass->Problem;
        var positions = (
            D: phases.D.Positions(phase.D, problem.Fine.D, problem.Pad.D),
            H: phases.H.Positions(phase.H, problem.Fine.H, problem.Pad.H),
            W: phases.W.Positions(phase.W, problem.Fine.W, problem.Pad.W));
        set->First = new Axes(positions.D.First, positions.H.First, positions.W.First);
        set->PixelStep = problem.Stride;
        set->Number = new Axes(positions.D.Number, positions.H.Number, positions.W.Number);
        var taps = new Axes(phases.D.Taps(phase.D), phases.H.Taps(phase.H), phases.W.Taps(phase.W));
        set->Taps = taps.Product;
        set->Origin = new Axes(
            positions.D.FirstU - phases.D.Shift(phase.D, 0), positions.H.FirstU - phases.H.Shift(phase.H, 0), positions.W.FirstU - phases.W.Shift(phase.W, 0));
        set->Reach = new TapReach
        {
            Source = problem.Coarse,
            Origin = set->Origin,
            PixelStep = new Axes(1, 1, 1),
            TapStep = new Axes(-phases.D.ShiftStep, -phases.H.ShiftStep, -phases.W.ShiftStep),
            Taps = taps,
        };
        var offsets = plan->Arena.Allocate<nint>(set->Taps);
        var tap = 0;
        for (long d = 0; d < taps.D; d++)
        {
            for (long h = 0; h < taps.H; h++)
            {
                for (long w = 0; w < taps.W; w++, tap++)
                {
                    var place = (((phases.D.Tap(phase.D, d) * problem.Kernel.H) + phases.H.Tap(phase.H, h)) * problem.Kernel.W) + phases.W.Tap(phase.W, w);
                    pass->Weights.Places[place] = new TapPlace((int)(set - pass->Sets), tap);
                    offsets[tap] = Offset(pass->Planes, set->Origin, -d * phases.D.ShiftStep, -h * phases.H.ShiftStep, -w * phases.W.ShiftStep);
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

    /// <summary>Where a source pixel, seen from the first one that a set reads, lies.</summary>
    private static nint Offset(in PlaneLayout planes, Axes origin, long d, long h, long w) => (nint)(((origin.D + d + planes.Lead.D) * planes.Strides.D)
        + ((origin.H + h + planes.Lead.H) * planes.Strides.H)
        + ((origin.W + w + planes.Lead.W) * planes.Strides.W));

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
                steps[(tap * channels) + channel] = tapOffsets[tap] + (nint)pass->Planes.ChannelAt(channel);
            }
        }

        return steps;
    }
}
