using System.Numerics;

namespace NativeConv.Tests.Kernels;

/// <summary>Equality to the last bit; of a NaN only that it is one.</summary>
internal static class Same
{
    public static bool Bits<T>(T a, T b)
        where T : unmanaged, INumber<T> => (T.IsNaN(a) && T.IsNaN(b)) || (a == b && T.IsNegative(a) == T.IsNegative(b));

    public static void Assert<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> got, FormattableString what)
        where T : unmanaged, INumber<T>
    {
        Xunit.Assert.Equal(expected.Length, got.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            if (!Bits(expected[i], got[i]))
            {
                Xunit.Assert.Fail(FormattableString.Invariant($"{what} [{i}]: {got[i]:R}, expected {expected[i]:R}"));
            }
        }
    }
}
