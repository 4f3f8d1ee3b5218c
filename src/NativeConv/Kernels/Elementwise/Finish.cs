using NativeConv.Kernels.Lanes;

namespace NativeConv.Kernels.Elementwise;

/// <summary>What turns sums into results: <c>h(fma(beta, addend, alpha * sum + bias))</c>, parts that are not asked for left out.</summary>
internal unsafe struct FinishArgs<T>
    where T : unmanaged
{
    public T Alpha;
    public T Beta;
    public T ActivationAlpha;
    public T ActivationBeta;

    /// <summary>Multiply by <see cref="Alpha"/>.</summary>
    public bool Scale;

    /// <summary>One number for each row; null: none.</summary>
    public T* Bias;

    /// <summary>Rows like those of the sums; null: none.</summary>
    public T* Addend;
}

/// <summary>Finishes rows of sums, in place, each row with its own bias.</summary>
internal static unsafe class Finish<T, TVec, TLanes, TActivation>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
    where TActivation : struct, IActivation<TVec>
{
    /// <param name="sums">rows of <paramref name="pitch"/> elements, which is <paramref name="count"/> rounded up to whole vectors or more</param>
    /// <param name="rows">rows</param>
    /// <param name="pitch">elements from one row to the next, of the addend too</param>
    /// <param name="count">numbers of a row</param>
    /// <param name="args">what to do</param>
    public static void Run(T* sums, nint rows, nint pitch, nint count, FinishArgs<T>* args)
    {
        var alpha = TLanes.Splat(args->Alpha);
        var beta = TLanes.Splat(args->Beta);
        var activationAlpha = TLanes.Splat(args->ActivationAlpha);
        var activationBeta = TLanes.Splat(args->ActivationBeta);
        var addend = args->Addend;
        for (nint row = 0; row < rows; row++, sums += pitch)
        {
            var bias = args->Bias == null ? default : TLanes.Splat(args->Bias[row]);
            for (nint i = 0; i < count; i += TLanes.Count)
            {
                var value = TLanes.Load(sums + i);
                if (args->Scale)
                {
                    value = TLanes.Multiply(alpha, value);
                }

                if (args->Bias != null)
                {
                    value = TLanes.Add(value, bias);
                }

                if (addend != null)
                {
                    value = TLanes.MultiplyAdd(beta, TLanes.Load(addend + i), value);
                }

                TLanes.Store(sums + i, TActivation.Forward(value, activationAlpha, activationBeta));
            }

            addend = addend == null ? null : addend + pitch;
        }
    }
}
