using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NativeConv.Kernels.Moves;

/// <summary>Whether all numbers that are moved are finite: their products with 0 are.</summary>
internal unsafe struct FiniteWatch<T> : IWatch<T>
    where T : unmanaged
{
    // The bits of all products with 0, put together: each lane is +0, -0 or NaN. Sums would wait for each other longer.
    private Vector128<T> narrow;
    private Vector256<T> wide;

    public readonly bool AreFinite => Vector128.EqualsAll(narrow, Vector128<T>.Zero) && Vector256.EqualsAll(wide, Vector256<T>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void See(T number) => See(Vector128.CreateScalar(number));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void See(Vector128<T> numbers) => narrow |= numbers * Vector128<T>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void See(Vector256<T> numbers) => wide |= numbers * Vector256<T>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void See(Vector512<T> numbers)
    {
        var products = numbers * Vector512<T>.Zero;
        wide |= products.GetLower() | products.GetUpper();
    }

    public void See(T* numbers, long count)
    {
        for (; count >= Vector128<T>.Count; count -= Vector128<T>.Count, numbers += Vector128<T>.Count)
        {
            See(Vector128.Load(numbers));
        }

        for (; count > 0; count--, numbers++)
        {
            See(*numbers);
        }
    }
}
