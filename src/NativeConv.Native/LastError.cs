using NativeConv.Problem;

namespace NativeConv.Native;

/// <summary>This thread's last failure, in the gate's memory: what nc_last_error returns. Success leaves it.</summary>
internal static unsafe class LastError
{
    /// <summary>Records a failure and passes its status on.</summary>
    public static int Set(int status, scoped in Message message) => Set(status, message.Text);

    /// <summary>Records a failure and passes its status on.</summary>
    public static int Set(int status, ReadOnlySpan<byte> text)
    {
        var target = new Message(new Span<byte>(Gate.LastError(), Gate.LastErrorBytes));
        target.Add(text);
        return status;
    }
}
