using System.Runtime.Intrinsics.X86;

namespace NativeConv.Kernels.Moves;

/// <summary>Memory that is read next, asked for part by part while something else is computed. Where there is no instruction for it (arm64), nothing happens.</summary>
internal unsafe struct Ahead
{
    private const int LineBytes = 64;

    private readonly long ofPart;
    private byte* next;
    private long lines;

    /// <param name="start">what is read next</param>
    /// <param name="bytes">how much; 0: nothing</param>
    /// <param name="parts">how often there is time to ask for some of it</param>
    public Ahead(void* start, long bytes, long parts)
    {
        next = (byte*)start;
        lines = Sse.IsSupported ? bytes / LineBytes : 0;
        ofPart = (lines + parts - 1) / parts;
    }

    /// <summary>Asks for the next part, up to a second-level cache, but for so many lines at most.</summary>
    public void Fetch(long most)
    {
        var count = Math.Min(Math.Min(ofPart, lines), most);
        lines -= count;
        for (; count > 0; count--, next += LineBytes)
        {
            Sse.Prefetch1(next);
        }
    }
}
