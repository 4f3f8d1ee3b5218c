using System.Runtime.CompilerServices;
using NativeConv.Kernels.Lanes;

namespace NativeConv.Kernels.Elementwise;

/// <summary>h(a) = a.</summary>
internal unsafe struct Identity<T, TVec, TLanes> : IActivation<TVec>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Forward(TVec a, TVec alpha, TVec beta) => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Backward(TVec dy, TVec y, TVec alpha, TVec beta) => dy;
}

/// <summary>a &lt;= 0 ? 0 : a.</summary>
internal unsafe struct Relu<T, TVec, TLanes> : IActivation<TVec>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Forward(TVec a, TVec alpha, TVec beta) => TLanes.SelectLessOrEqual(a, default, default, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Backward(TVec dy, TVec y, TVec alpha, TVec beta) => TLanes.SelectLessOrEqual(y, default, default, dy);
}

/// <summary>a &gt; 0 ? a : alpha * a.</summary>
internal unsafe struct LeakyRelu<T, TVec, TLanes> : IActivation<TVec>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Forward(TVec a, TVec alpha, TVec beta) => TLanes.SelectGreater(a, default, a, TLanes.Multiply(alpha, a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Backward(TVec dy, TVec y, TVec alpha, TVec beta) => TLanes.SelectGreater(y, default, dy, TLanes.Multiply(alpha, dy));
}

/// <summary>min(max(a, alpha), beta).</summary>
internal unsafe struct Clip<T, TVec, TLanes> : IActivation<TVec>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Forward(TVec a, TVec alpha, TVec beta) => TLanes.SelectGreater(alpha, a, alpha, TLanes.SelectGreater(a, beta, beta, a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Backward(TVec dy, TVec y, TVec alpha, TVec beta) =>
        TLanes.SelectGreater(y, alpha, TLanes.SelectGreater(beta, y, dy, default), default);
}

/// <summary>a &gt; 0 ? a : alpha * (exp(a) - 1).</summary>
internal unsafe struct Elu<T, TVec, TLanes> : IActivation<TVec>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Forward(TVec a, TVec alpha, TVec beta) =>
        TLanes.SelectGreater(a, default, a, TLanes.Multiply(alpha, Exponential<T, TVec, TLanes>.ExpMinusOne(TLanes.SelectGreater(a, default, default, a)).High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Backward(TVec dy, TVec y, TVec alpha, TVec beta) =>
        TLanes.SelectGreater(y, default, dy, TLanes.Multiply(dy, TLanes.Add(y, alpha)));
}

/// <summary>1 / (1 + exp(-a)), from exp(-|a|), which cannot overflow.</summary>
internal unsafe struct Sigmoid<T, TVec, TLanes> : IActivation<TVec>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Forward(TVec a, TVec alpha, TVec beta)
    {
        var one = TLanes.Splat(LaneConstants<T>.From(1));
        var (high, low) = Exponential<T, TVec, TLanes>.Exp(TLanes.Subtract(default, TLanes.Abs(a)));
        var divisor = TLanes.Add(one, high);
        var divisorLow = TLanes.Add(TLanes.Subtract(high, TLanes.Subtract(divisor, one)), low);
        return Exponential<T, TVec, TLanes>.Divide(
            TLanes.SelectGreater(default, a, high, one), TLanes.SelectGreater(default, a, low, default), divisor, divisorLow);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Backward(TVec dy, TVec y, TVec alpha, TVec beta) =>
        TLanes.Multiply(dy, TLanes.MultiplyAdd(TLanes.Subtract(default, y), y, y));
}

/// <summary>tanh a, from z = exp(-2|a|) - 1: |tanh a| = -z / (z + 2).</summary>
internal unsafe struct Tanh<T, TVec, TLanes> : IActivation<TVec>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Forward(TVec a, TVec alpha, TVec beta)
    {
        var two = TLanes.Splat(LaneConstants<T>.From(2));
        var magnitude = TLanes.Abs(a);
        var (high, low) = Exponential<T, TVec, TLanes>.ExpMinusOne(TLanes.Subtract(default, TLanes.Add(magnitude, magnitude)));
        var divisor = TLanes.Add(high, two);
        var divisorLow = TLanes.Add(TLanes.Subtract(high, TLanes.Subtract(divisor, two)), low);
        var tanh = Exponential<T, TVec, TLanes>.Divide(TLanes.Subtract(default, high), TLanes.Subtract(default, low), divisor, divisorLow);
        return TLanes.CopySign(tanh, a);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Backward(TVec dy, TVec y, TVec alpha, TVec beta) =>
        TLanes.Multiply(dy, TLanes.MultiplyAdd(TLanes.Subtract(default, y), y, TLanes.Splat(LaneConstants<T>.From(1))));
}

/// <summary>The gradient rule dy &lt;= 0 ? 0 : dy.</summary>
internal unsafe struct Deconvnet<T, TVec, TLanes> : IActivation<TVec>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Forward(TVec a, TVec alpha, TVec beta) => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Backward(TVec dy, TVec y, TVec alpha, TVec beta) => TLanes.SelectLessOrEqual(dy, default, default, dy);
}

/// <summary>The gradient rule that passes what relu's derivative and <see cref="Deconvnet{T, TVec, TLanes}"/> both pass.</summary>
internal unsafe struct Guided<T, TVec, TLanes> : IActivation<TVec>
    where T : unmanaged
    where TVec : unmanaged
    where TLanes : struct, ILanes<T, TVec>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Forward(TVec a, TVec alpha, TVec beta) => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Backward(TVec dy, TVec y, TVec alpha, TVec beta) =>
        TLanes.SelectLessOrEqual(dy, default, default, TLanes.SelectLessOrEqual(y, default, default, dy));
}
