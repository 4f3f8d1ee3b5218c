namespace NativeConv.Kernels.Lanes;

/// <summary>
/// The dozen operations that every kernel is written in, on vectors of <typeparamref name="T"/>. Implementations are zero-size structs, so a kernel
/// that is generic over them compiles to plain vector instructions. Each operation rounds once and the same way at every width, which is why
/// a kernel's bits do not depend on the width that it runs at.
/// </summary>
/// <typeparam name="T">float or double</typeparam>
/// <typeparam name="TVec">the vector; for <see cref="LanesScalar{T}"/> the number itself</typeparam>
internal unsafe interface ILanes<T, TVec>
    where T : unmanaged
    where TVec : unmanaged
{
    /// <summary>Numbers in a vector.</summary>
    static abstract int Count { get; }

    /// <summary>Reads <see cref="Count"/> numbers; any alignment.</summary>
    static abstract TVec Load(T* source);

    static abstract void Store(T* target, TVec value);

    static abstract TVec Splat(T value);

    /// <summary>All lanes the number at <paramref name="source"/>.</summary>
    static abstract TVec SplatFrom(T* source);

    static abstract TVec Add(TVec a, TVec b);

    static abstract TVec Subtract(TVec a, TVec b);

    static abstract TVec Multiply(TVec a, TVec b);

    static abstract TVec Divide(TVec a, TVec b);

    /// <summary>a * b + c, rounded once.</summary>
    static abstract TVec MultiplyAdd(TVec a, TVec b, TVec c);

    /// <summary>a &gt; b ? x : y; y where a or b is NaN.</summary>
    static abstract TVec SelectGreater(TVec a, TVec b, TVec x, TVec y);

    /// <summary>a &lt;= b ? x : y; y where a or b is NaN.</summary>
    static abstract TVec SelectLessOrEqual(TVec a, TVec b, TVec x, TVec y);

    static abstract TVec Abs(TVec value);

    /// <summary>|magnitude| with the sign of <paramref name="sign"/>.</summary>
    static abstract TVec CopySign(TVec magnitude, TVec sign);

    /// <summary>
    /// Two to the power that <paramref name="shifted"/> holds in the low bits of its significand (a small integer plus
    /// <see cref="LaneConstants{T}.RoundingShift"/>), made by integer steps: the exponent must be that of a normal number.
    /// </summary>
    static abstract TVec PowerOfTwo(TVec shifted);
}
