using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using NativeConv.Kernels.Lanes;

namespace NativeConv.Bench.Limit;

/// <summary>
/// Fused multiply-adds that never touch memory: the most that a core can do. Its rate is what every kernel is measured against.
/// </summary>
/// <remarks>
/// A result may be added to again after 4 cycles (Intel since Skylake, AMD since Zen 3, Arm Neoverse; 5 before Zen 3). Two units need 8 to 10 accumulators then, four
/// (Neoverse V1) 16. There are 12 where 16 registers hold them with two operands, and 24 where there are 32.
/// </remarks>
internal static unsafe class FmaLoop<T, TVec, TLanes>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
{
    /// <summary>Multiply-adds of vectors in one step.</summary>
    public static int MultiplyAddsPerStep => IsWide ? 24 : 12;

    private static bool IsWide => sizeof(TVec) == 64 || AdvSimd.IsSupported;

    /// <summary>Runs some steps.</summary>
    /// <param name="numbers">two vectors, which are multiplied, and a third that gets the sums</param>
    /// <param name="steps">how many</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Run(T* numbers, nint steps)
    {
        TVec a = TLanes.Load(numbers), b = TLanes.Load(numbers + TLanes.Count);
        TVec s0 = a, s1 = a, s2 = a, s3 = a, s4 = a, s5 = a, s6 = a, s7 = a, s8 = a, s9 = a, s10 = a, s11 = a;
        TVec s12 = a, s13 = a, s14 = a, s15 = a, s16 = a, s17 = a, s18 = a, s19 = a, s20 = a, s21 = a, s22 = a, s23 = a;
        for (nint i = 0; i < steps; i++)
        {
            s0 = TLanes.MultiplyAdd(a, b, s0);
            s1 = TLanes.MultiplyAdd(a, b, s1);
            s2 = TLanes.MultiplyAdd(a, b, s2);
            s3 = TLanes.MultiplyAdd(a, b, s3);
            s4 = TLanes.MultiplyAdd(a, b, s4);
            s5 = TLanes.MultiplyAdd(a, b, s5);
            s6 = TLanes.MultiplyAdd(a, b, s6);
            s7 = TLanes.MultiplyAdd(a, b, s7);
            s8 = TLanes.MultiplyAdd(a, b, s8);
            s9 = TLanes.MultiplyAdd(a, b, s9);
            s10 = TLanes.MultiplyAdd(a, b, s10);
            s11 = TLanes.MultiplyAdd(a, b, s11);
            if (IsWide)
            {
                s12 = TLanes.MultiplyAdd(a, b, s12);
                s13 = TLanes.MultiplyAdd(a, b, s13);
                s14 = TLanes.MultiplyAdd(a, b, s14);
                s15 = TLanes.MultiplyAdd(a, b, s15);
                s16 = TLanes.MultiplyAdd(a, b, s16);
                s17 = TLanes.MultiplyAdd(a, b, s17);
                s18 = TLanes.MultiplyAdd(a, b, s18);
                s19 = TLanes.MultiplyAdd(a, b, s19);
                s20 = TLanes.MultiplyAdd(a, b, s20);
                s21 = TLanes.MultiplyAdd(a, b, s21);
                s22 = TLanes.MultiplyAdd(a, b, s22);
                s23 = TLanes.MultiplyAdd(a, b, s23);
            }
        }

        s0 = TLanes.Add(TLanes.Add(TLanes.Add(s0, s1), TLanes.Add(s2, s3)), TLanes.Add(TLanes.Add(s4, s5), TLanes.Add(s6, s7)));
        s8 = TLanes.Add(TLanes.Add(s8, s9), TLanes.Add(s10, s11));
        if (IsWide)
        {
            s12 = TLanes.Add(TLanes.Add(TLanes.Add(s12, s13), TLanes.Add(s14, s15)), TLanes.Add(TLanes.Add(s16, s17), TLanes.Add(s18, s19)));
            s8 = TLanes.Add(s8, TLanes.Add(s12, TLanes.Add(TLanes.Add(s20, s21), TLanes.Add(s22, s23))));
        }

        TLanes.Store(numbers + (2 * TLanes.Count), TLanes.Add(s0, s8));
    }
}
