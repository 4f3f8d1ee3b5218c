using NativeConv.Packing;

namespace NativeConv.Engine;

/// <summary>Writes runs of dw and db: <c>alpha * sum + beta * old</c>.</summary>
internal static unsafe class GradientWriter<T>
    where T : unmanaged
{
    /// <summary>Gradients that are written at once.</summary>
    public const int Run = 256;

    /// <param name="call">scalars and kernels</param>
    /// <param name="sums">up to <see cref="Run"/> sums, in a buffer of that many elements</param>
    /// <param name="count">how many</param>
    /// <param name="addend">another such buffer, overwritten</param>
    /// <param name="target">the gradients; read only where beta is not 0</param>
    public static void Write(Call<T>* call, T* sums, long count, T* addend, T* target)
    {
        var args = call->Finish;
        if (call->Addend != null)
        {
            args.Addend = addend;
            Elements<T>.Copy(target, args.Addend, count);
        }

        call->FinishRows(sums, 1, Run, (nint)count, &args);
        Elements<T>.Copy(sums, target, count);
    }
}
