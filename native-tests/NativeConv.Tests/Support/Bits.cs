using System.Numerics;
using System.Runtime.InteropServices;

namespace NativeConv.Tests.Support;

/// <summary>Equality to the last bit; the bits of a NaN are not promised, that it is one is.</summary>
internal static class Bits
{
    public static void MustEqual<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> got, string what)
        where T : unmanaged, INumber<T>
    {
        if (expected.Length == got.Length && MemoryMarshal.AsBytes(expected).SequenceEqual(MemoryMarshal.AsBytes(got)))
        {
            return;
        }

        Assert.True(expected.Length == got.Length, $"{what}: {got.Length} numbers, expected {expected.Length}");
        for (var i = 0; i < got.Length; i++)
        {
            Assert.True(Same(expected[i], got[i]), $"{what}[{i}] of {got.Length}: {got[i]:R}, expected {expected[i]:R}");
        }
    }

    public static bool Same<T>(T a, T b)
        where T : unmanaged, INumber<T> =>
        (T.IsNaN(a) && T.IsNaN(b)) || (a == b && T.IsNegative(a) == T.IsNegative(b));
}
