using System.Runtime.CompilerServices;

namespace NativeConv.Native;

/// <summary>The end of every export's catch.</summary>
internal static class Guard
{
    /// <summary>The status of a call that threw: no memory, or a defect of the library.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Fail(Exception exception) => exception is OutOfMemoryException
        ? LastError.Set(NcStatus.OutOfMemory, "memory: the library found none"u8)
        : LastError.Set(NcStatus.Internal, "internal: a defect of the library"u8);
}
