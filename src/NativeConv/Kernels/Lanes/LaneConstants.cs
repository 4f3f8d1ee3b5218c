using System.Runtime.CompilerServices;

namespace NativeConv.Kernels.Lanes;

/// <summary>Numbers that depend on the element type alone. All members fold to constants.</summary>
internal static class LaneConstants<T>
    where T : unmanaged
{
    /// <summary>1.5 * 2^(p-1), p the bits of a significand: adding it rounds a small number to an integer, held in the low bits of the sum.</summary>
    public static T RoundingShift => From(typeof(T) == typeof(float) ? 3L << 22 : 3L << 51);

    /// <summary>Interleaved partial sums of a row: one 64-byte line, whatever the vector's width (docs/design.md, One order of summation).</summary>
    public static int Interleave => 64 / Unsafe.SizeOf<T>();

    /// <summary><paramref name="value"/> rounded to <typeparamref name="T"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T From(double value)
    {
        if (typeof(T) == typeof(float))
        {
            var single = (float)value;
            return Unsafe.BitCast<float, T>(single);
        }

        return Unsafe.BitCast<double, T>(value);
    }
}
