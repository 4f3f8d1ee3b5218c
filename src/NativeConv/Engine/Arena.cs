using System.Runtime.InteropServices;

namespace NativeConv.Engine;

/// <summary>Native memory that is freed together: a plan's tables.</summary>
internal unsafe struct Arena
{
    private Block* newest;

    /// <summary>Zeroed memory for <paramref name="count"/> elements.</summary>
    /// <exception cref="OutOfMemoryException">there is none</exception>
    public T* Allocate<T>(long count)
        where T : unmanaged
    {
        var block = (Block*)NativeMemory.AllocZeroed(checked((nuint)sizeof(Block) + ((nuint)count * (nuint)sizeof(T))));
        block->Older = newest;
        newest = block;
        return (T*)(block + 1);
    }

    /// <summary>Takes over the memory of another arena, which is not to be used any more.</summary>
    public void Adopt(Arena other)
    {
        if (other.newest == null)
        {
            return;
        }

        var oldest = other.newest;
        while (oldest->Older != null)
        {
            oldest = oldest->Older;
        }

        oldest->Older = newest;
        newest = other.newest;
    }

    public void Free()
    {
        while (newest != null)
        {
            var block = newest;
            newest = block->Older;
            NativeMemory.Free(block);
        }
    }

    // As long as the strictest alignment that malloc gives.
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    private struct Block
    {
        public Block* Older;
    }
}
