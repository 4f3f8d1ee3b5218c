using NativeConv.Engine;
using NativeConv.Problem;

namespace NativeConv.Planning;

/// <summary>Bytes that an execution needs.</summary>
internal static unsafe class PassWorkspace
{
    /// <summary>For some threads, with weights packed by the caller or not. Room to align a pointer of any alignment is included.</summary>
    public static CheckedSize Bytes(PassPlan* pass, int threads, bool packed)
    {
        var bytes = (CheckedSize)PassPlan.SharedBytesOf(pass, packed) + ((CheckedSize)pass->WorkerBytes * threads);
        return bytes.Value == 0 && !bytes.Overflowed ? 0 : bytes + (WorkspaceBook.Alignment - 1);
    }
}
