namespace NativeConv.Engine;

/// <summary>Writes runs of dw and db: <c>alpha * sum + beta * old</c>.</summary>
internal static unsafe class GradientWriter<T>
    where T : unmanaged
{
    /// <summary>Gradients that are written at once.</summary>
    public const int Run = 256;

    /// <param name="call">scalars and kernels</param>
    /// <param name="sums">rows of sums</param>
    /// <param name="pitch">elements from one row to the next</param>
    /// <param name="target">the gradients; read only where beta is not 0</param>
    /// <param name="targetPitch">elements from one row of these to the next</param>
    /// <param name="rows">rows</param>
    /// <param name="count">numbers of a row</param>
    public static void Write(Call<T>* call, T* sums, long pitch, T* target, long targetPitch, long rows, long count)
    {
        var args = call->Finish;
        if (call->Addend != null)
        {
            args.Addend = target;
            args.AddendPitch = (nint)targetPitch;
        }

        call->FinishRows(sums, (nint)pitch, target, (nint)targetPitch, (nint)rows, (nint)count, &args);
    }
}
