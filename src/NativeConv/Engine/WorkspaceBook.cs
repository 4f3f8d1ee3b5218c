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

    /// <summary>All that is booked.</summary>
    public CheckedSize Bytes;

    public WorkspacePiece Book(CheckedSize elements, int elementSize)
    {
        var piece = new WorkspacePiece { Offset = Bytes.Value };
        Bytes = (Bytes + (elements * elementSize)).RoundUp(Alignment);
        return piece;
    }
}
