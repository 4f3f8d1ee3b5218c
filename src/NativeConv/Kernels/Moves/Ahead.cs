using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace NativeConv.Kernels.Moves;

/// <summary>Rows of memory that are read or written next, asked for part by part while something else is computed, or at once. Where there is no instruction for it (arm64), nothing happens.</summary>
internal unsafe struct Ahead
{
    private const int LineBytes = 64;
    private const int Page = 4096;

    private readonly long pitch;
    private readonly long ofRow;
    private readonly long ofPart;
    private byte* row;
    private long rows;
    private long line;

    /// <param name="start">the first row</param>
    /// <param name="pitch">bytes from one row to the next</param>
    /// <param name="rows">rows; 0: nothing</param>
    /// <param name="bytes">of a row</param>
    /// <param name="parts">how often there is time to ask for some of it</param>
    public Ahead(void* start, long pitch, long rows, long bytes, long parts)
    {
        row = (byte*)start;
        this.pitch = pitch;
        this.rows = Sse.IsSupported ? rows : 0;
        ofRow = (bytes + LineBytes - 1) / LineBytes;
        ofPart = ((ofRow * rows) + parts - 1) / parts;
    }

    /// <summary>Asks for one row at once.</summary>
    public static void Fetch(void* start, long bytes)
    {
        for (long at = 0; Sse.IsSupported && at < bytes; at += LineBytes)
        {
            Sse.Prefetch1((byte*)start + at);
        }
    }

    /// <summary>Asks for one line of each of some rows at once, up to a first-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FetchLines(void* start, long pitch, long rows)
    {
        for (var line = (byte*)start; Sse.IsSupported && rows > 0; rows--, line += pitch)
        {
            Sse.Prefetch0(line);
        }
    }

    /// <summary>Asks for all rows at once, unless they are whole pages apart: few of these have room in a cache, and would leave it before they are used.</summary>
    public static void Fetch(void* start, long pitch, long rows, long bytes)
    {
        for (long row = 0; pitch % Page != 0 && row < rows; row++)
        {
            Fetch((byte*)start + (row * pitch), bytes);
        }
    }

    /// <summary>Asks for the next part, up to a second-level cache, but for so many lines at most.</summary>
    public void Fetch(long most)
    {
        for (var count = Math.Min(ofPart, most); count > 0 && rows > 0;)
        {
            var end = Math.Min(ofRow, line + count);
            count -= end - line;
            for (; line < end; line++)
            {
                Sse.Prefetch1(row + (line * LineBytes));
            }

            if (line == ofRow)
            {
                line = 0;
                row += pitch;
                rows--;
            }
        }
    }
}
