using System.Runtime.CompilerServices;
using NativeConv.Kernels.Lanes;

namespace NativeConv.Kernels.Elementwise;

/// <summary>delta = dy * h', what the backward passes read in the place of dy.</summary>
internal static unsafe class Delta<T, TVec, TLanes, TActivation>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
    where TActivation : struct, IActivation<TVec>
{
    /// <param name="dy">gradient of the output</param>
    /// <param name="y">the output; may be null where the rule does not read it</param>
    /// <param name="delta">written; nothing beyond <paramref name="count"/> numbers is touched anywhere</param>
    /// <param name="count">numbers</param>
    /// <param name="alpha">the activation's alpha</param>
    /// <param name="beta">the activation's beta</param>
    public static void Run(T* dy, T* y, T* delta, nint count, T alpha, T beta)
    {
        TVec alphas = TLanes.Splat(alpha), betas = TLanes.Splat(beta);
        y = y == null ? dy : y;
        nint i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
        {
            TLanes.Store(delta + i, TActivation.Backward(TLanes.Load(dy + i), TLanes.Load(y + i), alphas, betas));
        }

        var rest = (uint)(count - i) * (uint)sizeof(T);
        if (rest == 0)
        {
            return;
        }

        // The same vector code for the tail, on copies.
        TVec dyTail = default, yTail = default;
        Unsafe.CopyBlockUnaligned(&dyTail, dy + i, rest);
        Unsafe.CopyBlockUnaligned(&yTail, y + i, rest);
        dyTail = TActivation.Backward(dyTail, yTail, alphas, betas);
        Unsafe.CopyBlockUnaligned(delta + i, &dyTail, rest);
    }
}
