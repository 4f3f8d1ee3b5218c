using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Packing;

namespace NativeConv.Planning;

/// <summary>
/// What an algorithm of a Gather or Phase problem is expected to take, in multiply-adds of a vector. It need only be right where algorithms are compared, and
/// never shows in the bits. Figures per number are from timings of every layer of bench/shapes by every algorithm (<c>NATIVECONV_ALGORITHM</c>).
/// </summary>
internal static unsafe class CostModel
{
    // Copied into planes or columns, padding included.
    private const double CopyOfNumber = 0.25;

    // Finished and written.
    private const double ResultOfNumber = 0.25;

    // The same out of rows of pixels, which are turned first.
    private const double TurnedResultOfNumber = 0.75;

    // A vector that is added to needs four cycles or more: with fewer than eight in a tile, two units wait for each other.
    private const int FullTile = 8;

    // Rows of a tile that share a cache line of each of a chain's 256 channels, if there is one tap. Fewer rows wait for the first-level cache.
    private const int RowsOfLine = 8;
    private const double FewRowsOfLine = 1.25;

    /// <summary>Result channels in the rows of tiles.</summary>
    public static double OfPlanes(PassPlan* pass)
    {
        var problem = pass->Problem;
        var columns = pass->Planes.Form == SourceForm.Columns;
        double cost = columns ? 0 : CopyOfNumber * problem.SourceChannels * pass->Planes.ChannelStride;
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            var tiling = PlaneProduct<float>.Tiling(pass, set);
            double rows = 0;
            var steps = (double)problem.SourceChannels * set->Taps;
            for (long block = 0; block < pass->Weights.Blocks.Count; block++)
            {
                rows += Math.Max(pass->Weights.Blocks[block].Units, FullTile / (double)KernelSet<float>.TileColumns);
            }

            var slices = (double)set->Number.D * tiling.Vectors;
            var fills = (pass->Weights.Blocks.Count + pass->BlocksPerPiece - 1) / pass->BlocksPerPiece;
            cost += slices * rows * steps;
            cost += columns ? slices * pass->VectorLength * fills * CopyOfNumber * problem.SourceChannels : 0;
        }

        return problem.Batch * problem.Groups * (cost + (ResultOfNumber * problem.ResultChannels * problem.Result.Product));
    }

    /// <summary>Pixels in the rows of tiles.</summary>
    public static double OfPoints(PassPlan* pass)
    {
        var problem = pass->Problem;
        double cost = 0;
        var oneTap = true;
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            double vectors = 0;
            for (long block = 0; block < pass->Weights.Blocks.Count; block++)
            {
                vectors += Math.Max(pass->Weights.Blocks[block].Units, FullTile / (double)pass->TileRows);
            }

            cost += (double)set->Number.Product * vectors * problem.SourceChannels * set->Taps;
            oneTap &= set->Taps == 1;
        }

        cost *= oneTap && pass->TileRows < RowsOfLine ? FewRowsOfLine : 1;
        cost += pass->Planes.Form == SourceForm.Planes ? CopyOfNumber * problem.SourceChannels * pass->Planes.ChannelStride : 0;
        return problem.Batch * problem.Groups * (cost + (TurnedResultOfNumber * problem.ResultChannels * problem.Result.Product));
    }
}
