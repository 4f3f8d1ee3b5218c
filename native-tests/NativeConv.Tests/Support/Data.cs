using System.Numerics;

namespace NativeConv.Tests.Support;

/// <summary>Test data, the same in every run.</summary>
internal static class Data
{
    /// <summary>Uniform in [-1, 1).</summary>
    public static T[] Random<T>(long count, int seed)
        where T : unmanaged, IFloatingPoint<T>
    {
        var random = new Random(seed);
        var values = new T[count];
        for (long i = 0; i < count; i++)
        {
            values[i] = T.CreateChecked((random.NextDouble() * 2) - 1);
        }

        return values;
    }

    /// <summary>Whole numbers in [-largest, largest]: sums of products stay exact below 2^24.</summary>
    public static T[] Integers<T>(long count, int seed, int largest = 4)
        where T : unmanaged, IFloatingPoint<T>
    {
        var random = new Random(seed);
        var values = new T[count];
        for (long i = 0; i < count; i++)
        {
            values[i] = T.CreateChecked(random.Next(-largest, largest + 1));
        }

        return values;
    }
}
