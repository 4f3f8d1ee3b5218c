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
        // In locals: what is stored might be the arguments, for all that the compiler knows.
        var scalars = new Scalars
        {
            Scale = args->Scale,
            HasBias = args->Bias != null,
            HasAddend = args->Addend != null,
            Alpha = TLanes.Splat(args->Alpha),
            Beta = TLanes.Splat(args->Beta),
            ActivationAlpha = TLanes.Splat(args->ActivationAlpha),
            ActivationBeta = TLanes.Splat(args->ActivationBeta),
        };
        for (nint row = 0; row < rows; row++)
        {
            var bias = scalars.HasBias ? TLanes.Splat(args->Bias[row]) : default;
            var from = sums + (row * pitch);
            var to = target + (row * targetPitch);
            var addend = scalars.HasAddend ? args->Addend + (row * args->AddendPitch) : null;
            nint i = 0;
            for (; i <= count - TLanes.Count; i += TLanes.Count)
            {
                TLanes.Store(to + i, Of(TLanes.Load(from + i), bias, addend == null ? default : TLanes.Load(addend + i), scalars));
            }

            if (i == count)
            {
                continue;
            }

            if (count >= TLanes.Count && addend == null && target != sums)
            {
                // The last vector overlaps the one before: the same numbers once more.
                i = count - TLanes.Count;
                TLanes.Store(to + i, Of(TLanes.Load(from + i), bias, default, scalars));
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

            tail = Of(tail, bias, old, scalars);
            Unsafe.CopyBlockUnaligned(to + i, &tail, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Of(TVec value, TVec bias, TVec addend, Scalars scalars)
    {
        if (scalars.Scale)
        {
            value = TLanes.Multiply(scalars.Alpha, value);
        }

        if (scalars.HasBias)
        {
            value = TLanes.Add(value, bias);
        }

        if (scalars.HasAddend)
        {
            value = TLanes.MultiplyAdd(scalars.Beta, addend, value);
        }

        return TActivation.Forward(value, scalars.ActivationAlpha, scalars.ActivationBeta);
    }

    private struct Scalars
    {
        public bool Scale;
        public bool HasBias;
        public bool HasAddend;
        public TVec Alpha;
        public TVec Beta;
        public TVec ActivationAlpha;
        public TVec ActivationBeta;
    }
}
