using NativeConv.Problem;

namespace NativeConv.Engine;

/// <summary>A piece of the workspace: booked at planning, got from the base pointer when running.</summary>
internal struct WorkspacePiece
{
    public long Offset;

    /// <summary>The piece below <paramref name="workspace"/>.</summary>
    public readonly unsafe T* Get<T>(byte* workspace)
        where T : unmanaged => (T*)(workspace + Offset);
}

/// <summary>Adds up pieces of workspace, each at a cache line.</summary>
internal struct WorkspaceBook
{
    /// <summary>Bytes that the base pointer is aligned to.</summary>
    public const int Alignment = 64;

    // 16 KB are too few, 64 not better than 32.
    private const long Gap = 1 << 15;

    /// <summary>All that is booked.</summary>
    public CheckedSize Bytes;

    /// <summary>
    /// The same as a worker's slice, behind which the next worker's is: with a gap between them. Without, two workers slow each other down, probably since
    /// prefetchers of one run into what the other writes (32 -> 192 channels, 28x28, by columns, two threads on AMD EPYC family 26 model 2: 54 us without, 34 with).
    /// </summary>
    public readonly CheckedSize SliceBytes => Bytes.Value == 0 ? Bytes : Bytes + Gap;

    public WorkspacePiece Book(CheckedSize elements, int elementSize)
    {
        var piece = new WorkspacePiece { Offset = Bytes.Value };
        Bytes = (Bytes + (elements * elementSize)).RoundUp(Alignment);
        return piece;
    }
}
