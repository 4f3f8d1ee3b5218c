using System.Runtime.Intrinsics.X86;

namespace NativeConv.Planning;

/// <summary>
/// What it takes to read an image where the caller has it, of each of many channels some pixels at a time: prefetchers that follow few places at once, within a page, make it
/// slower than the multiply-adds. Costs are those of a number, in lanes (<see cref="CostModel"/>), beyond what reading near numbers takes.
/// </summary>
/// <param name="FarBytes">images of more than this are read out of memory</param>
/// <param name="PointPagesApart">by tiles of points, channels a page or more apart</param>
/// <param name="FarPoint">by tiles of points, out of memory</param>
/// <param name="FarColumn">copied into columns out of memory</param>
/// <param name="FarTile">copied into tiles out of memory</param>
internal readonly record struct ReadingCosts(long FarBytes, double PointPagesApart, double FarPoint, double FarColumn, double FarTile)
{
    // More than half of a third-level cache of 32 MB. Points and tiles out of memory take what they take out of caches.
    private static readonly ReadingCosts Common = new(FarBytes: 16 << 20, PointPagesApart: 0, FarPoint: 0, FarColumn: 15, FarTile: 0);

    // Family 6 model 207: docs/decisions/0005.
    private static readonly ReadingCosts Intel = new(FarBytes: 12 << 20, PointPagesApart: 50, FarPoint: 120, FarColumn: 15, FarTile: 18);

    /// <summary>Those of the processor at hand.</summary>
    public static ReadingCosts Here { get; } = IsIntel() ? Intel : Common;

    private static bool IsIntel()
    {
        if (!X86Base.IsSupported)
        {
            return false;
        }

        // "GenuineIntel", the first four letters (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, CPUID, leaf 0).
        var (_, ebx, _, _) = X86Base.CpuId(0, 0);
        return ebx == 0x756E6547;
    }
}
