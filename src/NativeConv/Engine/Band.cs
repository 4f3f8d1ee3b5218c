using NativeConv.Packing;

namespace NativeConv.Engine;

/// <summary>
/// A band of result rows. A large image's planes hold what one band reads, and are filled and multiplied band after band: they stay in a second-level cache, and the
/// workspace stays small. To the stages a band is a pass with fewer rows.
/// </summary>
internal static unsafe class Band
{
    /// <summary>Bands of an image.</summary>
    public static long Count(PassPlan* pass)
    {
        long rows = 1;
        for (var set = pass->Sets; set < pass->Sets + pass->SetCount; set++)
        {
            rows = Math.Max(rows, set->Number.H);
        }

        return ((rows - 1) / pass->RowsPerBand) + 1;
    }

    /// <summary>Bands of all blocks of images.</summary>
    public static long Blocks(PassPlan* pass) => (((pass->Problem.Batch - 1) / pass->ImagesPerBlock) + 1) * Count(pass);

    /// <summary>Tap sets of a band: all have fewer rows, and so have joined ones.</summary>
    public static long TapSets(PassPlan* pass) => pass->SetCount + (pass->JoinedSets > 1 ? pass->SetCount / pass->JoinedSets : 0);

    /// <param name="pass">all rows</param>
    /// <param name="index">which band</param>
    /// <param name="sets">room for <see cref="TapSets"/></param>
    public static PassPlan Of(PassPlan* pass, long index, TapSet* sets)
    {
        var first = index * pass->RowsPerBand;
        var band = *pass;
        band.Sets = band.Results = sets;
        Cut(pass, pass->Sets, pass->SetCount, first, band.Sets);
        if (pass->JoinedSets > 1)
        {
            band.Results = sets + pass->SetCount;
            Cut(pass, pass->Results, pass->SetCount / pass->JoinedSets, first, band.Results);
        }

        band.Planes.Lead.H -= first * pass->Planes.Step.H * pass->Planes.PixelStep.H;
        return band;
    }

    private static void Cut(PassPlan* pass, TapSet* sets, long count, long first, TapSet* ofBand)
    {
        for (long i = 0; i < count; i++)
        {
            ofBand[i] = sets[i];
            ofBand[i].First.H += first * sets[i].PixelStep.H;
            ofBand[i].Reach.Origin.H += first * sets[i].Reach.PixelStep.H;
            ofBand[i].Number.H = Math.Clamp(sets[i].Number.H - first, 0, pass->RowsPerBand);
        }
    }
}
