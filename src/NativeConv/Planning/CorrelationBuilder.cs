using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Packing;
using NativeConv.Problem;

namespace NativeConv.Planning;

/// <summary>What plans of Gather and Phase problems share: tap sets, blocks of images, workspace.</summary>
internal static unsafe class CorrelationBuilder
{
    /// <summary>Whether every result is a sum over one tap; else the reason says so.</summary>
    public static bool SumsOneTap(in ConvProblem problem, ref Message reason)
    {
        var phases = TapSetBuilder.Phases(problem);
        var taps = problem.Kind == ProblemKind.Gather ? problem.Kernel : new Axes(phases.D.Taps(0), phases.H.Taps(0), phases.W.Taps(0));
        if (taps.Product != 1)
        {
            reason.Add("results are sums over more than one tap"u8);
            return false;
        }

        return true;
    }

    /// <summary>Makes the tap sets, and planes of this form; else the reason says why not.</summary>
    public static bool TryTapSets(Plan* plan, PassPlan* pass, SourceForm form, (long Images, long Channels) alternating, ref Message reason)
    {
        var phases = TapSetBuilder.Phases(pass->Problem);
        if (!TapSetBuilder.TablesFit(pass->Problem, phases, ref reason))
        {
            return false;
        }

        if (!TapSetBuilder.TryBuild(plan, pass, phases, form, alternating))
        {
            reason.Add("its planes or packed weights do not fit 63 bits"u8);
            return false;
        }

        return true;
    }

    /// <summary>Source pixels from one result pixel, of a set, to the next.</summary>
    public static Axes PixelStep(in ConvProblem problem) => problem.Kind == ProblemKind.Gather ? problem.Stride : new Axes(1, 1, 1);

    /// <summary>Pixels across the widest tile.</summary>
    public static long TileColumns(PassPlan* pass) => (long)KernelSet<float>.TileColumns * pass->VectorLength;

    /// <summary>Whether there are blocks enough to give each worker whole ones.</summary>
    public static bool BlocksAreLocal(PassPlan* pass) => pass->Planes.Form is SourceForm.Planes or SourceForm.Tiles && Band.Blocks(pass) >= Blocking.LocalBlocks;

    /// <summary>Books planes of so many elements, and bands.</summary>
    public static void BookBlock(PassPlan* pass, CheckedSize planes, ref WorkspaceBook shared, ref WorkspaceBook worker)
    {
        ref var book = ref pass->BlocksAreLocal ? ref worker : ref shared;
        pass->PlanesPiece = book.Book(planes, pass->ElementSize);
        pass->BandPiece = book.Book(Band.Count(pass) > 1 ? Band.TapSets(pass) : 0, sizeof(TapSet));
    }

    /// <summary>Images whose groups, of so many elements each, fill so many bytes.</summary>
    public static long ImagesPerBlock(PassPlan* pass, CheckedSize ofGroup, long bytes)
    {
        var imageBytes = ofGroup * pass->Problem.Groups * pass->ElementSize;
        return Math.Clamp(bytes / Math.Max(1, imageBytes.Value), 1, Math.Max(1, pass->Problem.Batch));
    }

    /// <summary>Stores what was booked, the packed weights with it, and counts stages.</summary>
    public static bool Store(PassPlan* pass, WorkspaceBook shared, WorkspaceBook worker, ref Message reason)
    {
        var beforePacking = shared.Bytes;
        pass->PackedPiece = shared.Book(pass->PacksParts ? 0 : pass->PackedBytes / pass->ElementSize, pass->ElementSize);
        var slice = worker.SliceBytes;
        if (shared.Bytes.Overflowed || slice.Overflowed)
        {
            reason.Add("its workspace does not fit 63 bits"u8);
            return false;
        }

        pass->SharedBytes = shared.Bytes.Value;
        pass->SharedPackingBytes = shared.Bytes.Value - beforePacking.Value;
        pass->WorkerBytes = slice.Value;

        // Packing; what no tap reaches; filling, where there are planes, and multiplying, for each band of each block of images, or all blocks at once.
        var packing = pass->PacksParts ? 0 : 1;
        var stagesOfBlock = pass->Planes.Form is SourceForm.Planes or SourceForm.Tiles ? 2 : 1;
        var batch = pass->Problem.Batch;
        var blocks = pass->BlocksAreLocal ? 1 : stagesOfBlock * Band.Blocks(pass);
        pass->Stages = batch == 0 ? 0 : packing + blocks + (pass->HasBackground ? 1 : 0);
        return true;
    }
}
