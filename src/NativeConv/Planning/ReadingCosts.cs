using System.Runtime.Intrinsics.X86;

namespace NativeConv.Planning;

/// <summary>
/// What it takes to read an image where the caller has it, of each of many channels some pixels at a time: prefetchers that follow few places at once, within a page, make it
/// slower than the multiply-adds. Costs are those of a number, in lanes (<see cref="CostModel"/>), beyond what reading near numbers takes.
/// </summary>
internal readonly record struct ReadingCosts
{
    // AMD EPYC family 25 model 17 (docs/decisions/0005): more than a quarter of a third-level cache of 32 MB, which others use, too; points out of memory take what they take out of caches.
    private static readonly ReadingCosts Common = new() { FarBytes = 8 << 20, FarColumn = 15, FarTile = 4.5, Row = 1, FarRow = 9, FarRowOfMany = 22, ChannelsFollowed = 32, ChannelsApart = 1.15 };

    // Family 6 model 207: docs/decisions/0005.
    private static readonly ReadingCosts Intel = new()
    {
        FarBytes = 12 << 20,
        PointPagesApart = 50,
        FarPoint = 120,
        FarColumn = 15,
        FarTile = 18,
        Row = 2,
        FarRow = 8,
        FarRowOfMany = 38,
        ChannelsFollowed = 64,
        ChannelsApart = 1,
    };

    /// <summary>Images of more than this are read out of memory.</summary>
    public long FarBytes { get; private init; }

    /// <summary>By tiles of points, channels a page or more apart.</summary>
    public double PointPagesApart { get; private init; }

    /// <summary>By tiles of points, out of memory.</summary>
    public double FarPoint { get; private init; }

    /// <summary>Copied into columns out of memory.</summary>
    public double FarColumn { get; private init; }

    /// <summary>Copied into tiles out of memory.</summary>
    public double FarTile { get; private init; }

    /// <summary>By vectors of pixels.</summary>
    public double Row { get; private init; }

    /// <summary>The same out of memory.</summary>
    public double FarRow { get; private init; }

    /// <summary>The same, of more than <see cref="ChannelsFollowed"/> channels.</summary>
    public double FarRowOfMany { get; private init; }

    /// <summary>Channels that prefetchers follow.</summary>
    public long ChannelsFollowed { get; private init; }

    /// <summary>How much longer multiply-adds by vectors of pixels take where a chain reads more lines than a first-level cache holds.</summary>
    public double ChannelsApart { get; private init; }

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
