using System.Runtime.CompilerServices;
using NativeConv.Kernels.Lanes;

namespace NativeConv.Kernels.Elementwise;

/// <summary>
/// exp and expm1 of numbers &lt;= 0, all that the activations need, in fused multiply-adds and integer steps: the same bits at every width. Results come as a number
/// and what its rounding lost, so that the activations made from them stay well within two units in the last place (the tests measure it).
/// </summary>
/// <remarks>
/// With n the integer nearest to x / ln 2 and r = x - n ln 2, |r| &lt;= 0.3466: exp(x) = 2^n (1 + p), p = expm1(r) = r + r^2 (1/2! + r/3! + ...), the Taylor
/// coefficients themselves. ln 2 is subtracted in two parts whose first has so few bits that n times it is exact; what r then lacks is carried along.
/// </remarks>
internal static unsafe class Exponential<T, TVec, TLanes>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
{
    /// <summary>exp(x) for x &lt;= 0; underflows gradually to 0; NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVec High, TVec Low) Exp(TVec x)
    {
        // ln of half the smallest positive number: -103.98 and -745.13.
        var lowest = Constant(typeof(T) == typeof(float) ? -105 : -746);
        x = TLanes.SelectLessOrEqual(x, lowest, lowest, x);
        var (n, p, pLow) = Reduce(x);
        var shift = TLanes.Splat(LaneConstants<T>.RoundingShift);

        // 2^n may be subnormal, which PowerOfTwo cannot make: two normal factors.
        var shiftedHalf = TLanes.MultiplyAdd(n, Constant(0.5), shift);
        var half = TLanes.Subtract(shiftedHalf, shift);
        var shiftedRest = TLanes.Add(TLanes.Subtract(n, half), shift);
        var first = TLanes.PowerOfTwo(shiftedHalf);
        var second = TLanes.PowerOfTwo(shiftedRest);

        var high = TLanes.Add(p, Constant(1));
        var low = TLanes.Add(TLanes.Subtract(p, TLanes.Subtract(high, Constant(1))), pLow);
        return (TLanes.Multiply(TLanes.Multiply(high, first), second), TLanes.Multiply(TLanes.Multiply(low, first), second));
    }

    /// <summary>exp(x) - 1 for x &lt;= 0, accurate near 0; NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVec High, TVec Low) ExpMinusOne(TVec x)
    {
        // Below these the result rounds to -1: 2^-25 = exp(-17.4), 2^-54 = exp(-37.5).
        var lowest = Constant(typeof(T) == typeof(float) ? -20 : -40);
        x = TLanes.SelectLessOrEqual(x, lowest, lowest, x);
        var (n, p, pLow) = Reduce(x);
        var scale = TLanes.PowerOfTwo(TLanes.Add(n, TLanes.Splat(LaneConstants<T>.RoundingShift)));
        var rest = TLanes.Subtract(scale, Constant(1));
        var restLow = TLanes.Subtract(scale, TLanes.Add(rest, Constant(1)));
        var high = TLanes.MultiplyAdd(scale, p, rest);
        var low = TLanes.MultiplyAdd(scale, p, TLanes.Subtract(rest, high));
        return (high, TLanes.Add(TLanes.MultiplyAdd(scale, pLow, low), restLow));
    }

    /// <summary>The quotient of two such numbers, rounded but once where it matters: corrected by its remainder.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Divide(TVec high, TVec low, TVec divisorHigh, TVec divisorLow)
    {
        var quotient = TLanes.Divide(high, divisorHigh);
        var minus = TLanes.Subtract(Constant(0), quotient);
        var remainder = TLanes.Add(TLanes.MultiplyAdd(minus, divisorHigh, high), TLanes.MultiplyAdd(minus, divisorLow, low));
        return TLanes.Add(quotient, TLanes.Divide(remainder, divisorHigh));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TVec N, TVec P, TVec PLow) Reduce(TVec x)
    {
        var shift = TLanes.Splat(LaneConstants<T>.RoundingShift);
        var n = TLanes.Subtract(TLanes.MultiplyAdd(x, Constant(1 / 0.693147180559945309417), shift), shift);

        // ln 2 = high + low: high = 355/512 for float, the first 33 bits for double (0x3FE62E42FEE00000).
        var high = Constant(typeof(T) == typeof(float) ? 355.0 / 512 : 0.693147180369123816490);
        var low = Constant(typeof(T) == typeof(float) ? -2.12194440054690582768e-4 : 1.90821492927058770002e-10);
        var exact = TLanes.MultiplyAdd(TLanes.Subtract(Constant(0), n), high, x);
        var correction = TLanes.Multiply(n, low);
        var r = TLanes.Subtract(exact, correction);
        var lost = TLanes.Subtract(TLanes.Subtract(exact, r), correction);

        // Omitted terms are below 2^-30 r and 2^-61 r.
        TVec q;
        if (typeof(T) == typeof(float))
        {
            q = Constant(1.0 / 40320);
        }
        else
        {
            q = Constant(1.0 / 87178291200);
            q = TLanes.MultiplyAdd(q, r, Constant(1.0 / 6227020800));
            q = TLanes.MultiplyAdd(q, r, Constant(1.0 / 479001600));
            q = TLanes.MultiplyAdd(q, r, Constant(1.0 / 39916800));
            q = TLanes.MultiplyAdd(q, r, Constant(1.0 / 3628800));
            q = TLanes.MultiplyAdd(q, r, Constant(1.0 / 362880));
            q = TLanes.MultiplyAdd(q, r, Constant(1.0 / 40320));
        }

        q = TLanes.MultiplyAdd(q, r, Constant(1.0 / 5040));
        q = TLanes.MultiplyAdd(q, r, Constant(1.0 / 720));
        q = TLanes.MultiplyAdd(q, r, Constant(1.0 / 120));
        q = TLanes.MultiplyAdd(q, r, Constant(1.0 / 24));
        q = TLanes.MultiplyAdd(q, r, Constant(1.0 / 6));
        q = TLanes.MultiplyAdd(q, r, Constant(0.5));

        var tail = TLanes.MultiplyAdd(TLanes.Multiply(r, r), q, lost);
        var p = TLanes.Add(r, tail);
        return (n, p, TLanes.Subtract(tail, TLanes.Subtract(p, r)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Constant(double value) => TLanes.Splat(LaneConstants<T>.From(value));
}
