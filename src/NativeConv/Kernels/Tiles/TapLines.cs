namespace NativeConv.Kernels.Tiles;

/// <summary>The steps of a chain whose taps lie in lines, one line's below the other's: slices of lines of steps.</summary>
/// <param name="Slices">slices</param>
/// <param name="Lines">lines of taps in each</param>
/// <param name="Length">steps of a line</param>
/// <param name="Pitch">elements from what a line's steps read to what those of the next line read; negative if that lies before</param>
internal readonly record struct TapLines(nint Slices, nint Lines, nint Length, nint Pitch);
