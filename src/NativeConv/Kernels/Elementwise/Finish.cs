using System.Runtime.CompilerServices;
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

    /// <summary>As many rows as there are sums; null: none.</summary>
    public T* Addend;

    /// <summary>Elements from one row of the addend to the next.</summary>
    public nint AddendPitch;
}

/// <summary>Finishes rows of sums, each row with its own bias. No number beyond a row's last is read or written.</summary>
internal static unsafe class Finish<T, TVec, TLanes, TActivation>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
    where TActivation : struct, IActivation<TVec>
{
    /// <param name="sums">rows</param>
    /// <param name="pitch">elements from one row to the next</param>
    /// <param name="target">the finished rows; may be the sums, and may be the addend</param>
    /// <param name="targetPitch">elements from one of these to the next</param>
    /// <param name="rows">rows</param>
    /// <param name="count">numbers of a row</param>
    /// <param name="args">what to do</param>
    public static void Run(T* sums, nint pitch, T* target, nint targetPitch, nint rows, nint count, FinishArgs<T>* args)
    {
        for (nint row = 0; row < rows; row++)
        {
            var bias = args->Bias == null ? default : TLanes.Splat(args->Bias[row]);
            var from = sums + (row * pitch);
            var to = target + (row * targetPitch);
            var addend = args->Addend == null ? null : args->Addend + (row * args->AddendPitch);
            nint i = 0;
            for (; i <= count - TLanes.Count; i += TLanes.Count)
            {
                TLanes.Store(to + i, Of(TLanes.Load(from + i), bias, addend == null ? default : TLanes.Load(addend + i), args));
            }

            if (i == count)
            {
                continue;
            }

            if (count >= TLanes.Count && addend == null && target != sums)
            {
                // The last vector overlaps the one before: the same numbers once more.
                i = count - TLanes.Count;
                TLanes.Store(to + i, Of(TLanes.Load(from + i), bias, default, args));
                continue;
            }

            // The same vector code for the tail, on copies.
            var rest = (uint)(count - i) * (uint)sizeof(T);
            TVec tail = default, old = default;
            Unsafe.CopyBlockUnaligned(&tail, from + i, rest);
            if (addend != null)
            {
                Unsafe.CopyBlockUnaligned(&old, addend + i, rest);
            }

            tail = Of(tail, bias, old, args);
            Unsafe.CopyBlockUnaligned(to + i, &tail, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Of(TVec value, TVec bias, TVec addend, FinishArgs<T>* args)
    {
        if (args->Scale)
        {
            value = TLanes.Multiply(TLanes.Splat(args->Alpha), value);
        }

        if (args->Bias != null)
        {
            value = TLanes.Add(value, bias);
        }

        if (args->Addend != null)
        {
            value = TLanes.MultiplyAdd(TLanes.Splat(args->Beta), addend, value);
        }

        return TActivation.Forward(value, TLanes.Splat(args->ActivationAlpha), TLanes.Splat(args->ActivationBeta));
    }
}
