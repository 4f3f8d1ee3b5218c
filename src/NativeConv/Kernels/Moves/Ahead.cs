using System.Runtime.Intrinsics.X86;

namespace NativeConv.Kernels.Moves;

/// <summary>Memory that is read next, asked for in parts while something else is computed. Where there is no instruction for it (arm64), nothing happens.</summary>
internal readonly unsafe struct Ahead
{
    private const int LineBytes = 64;

    private readonly byte* start;
    private readonly long lines;

    /// <param name="start">what is read next</param>
    /// <param name="bytes">how much; 0: nothing</param>
    public Ahead(void* start, long bytes)
    {
        this.start = (byte*)start;
        lines = Sse.IsSupported ? bytes / LineBytes : 0;
    }

    /// <summary>Asks for part number <paramref name="part"/> of <paramref name="parts"/>, up to a second-level cache.</summary>
    public void Fetch(long part, long parts)
    {
        var end = lines * (part + 1) / parts;
        for (var line = lines * part / parts; line < end; line++)
        {
            Sse.Prefetch1(start + (line * LineBytes));
        }
    }
}
