using System.Numerics;
using System.Runtime.CompilerServices;

namespace NativeConv.Kernels.Lanes;

/// <summary>One number at a time: the meaning of each operation. No plan runs it; tests hold every width against it.</summary>
internal unsafe struct LanesScalar<T> : ILanes<T, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load(T* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(T* target, T value) => *target = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Splat(T value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T SplatFrom(T* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add(T a, T b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Subtract(T a, T b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Multiply(T a, T b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Divide(T a, T b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T MultiplyAdd(T a, T b, T c) => T.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T SelectGreater(T a, T b, T x, T y) => a > b ? x : y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T SelectLessOrEqual(T a, T b, T x, T y) => a <= b ? x : y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Abs(T value) => T.Abs(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T CopySign(T magnitude, T sign) => T.CopySign(magnitude, sign);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T PowerOfTwo(T shifted) => typeof(T) == typeof(float)
        ? Unsafe.BitCast<int, T>((Unsafe.BitCast<T, int>(shifted) << 23) + BitConverter.SingleToInt32Bits(1f))
        : Unsafe.BitCast<long, T>((Unsafe.BitCast<T, long>(shifted) << 52) + BitConverter.DoubleToInt64Bits(1d));
}
