using System.Numerics;

namespace NativeConv.Tests.Support;

/// <summary>What tensors are filled with.</summary>
internal enum Data
{
    /// <summary>Both signs, every bit of the element type's significand.</summary>
    ZeroMean,

    /// <summary>[0.5, 1): sums that only grow.</summary>
    OneSigned,

    /// <summary>-2..2: every partial sum of a test is exact.</summary>
    Integers,
}

/// <summary>Numbers that are the same on every machine: no state, integer steps only (native-tests/conformance/random.h).</summary>
internal static class Numbers
{
    /// <summary>The finalizer of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).</summary>
    public static ulong Mix(ulong n)
    {
        n += 0x9E3779B97F4A7C15;
        n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9;
        n = (n ^ (n >> 27)) * 0x94D049BB133111EB;
        return n ^ (n >> 31);
    }

    /// <summary>Element <paramref name="index"/> of a tensor of a case: a multiple of 2^-23 in [-1, 1).</summary>
    public static double Value(ulong seed, ulong tensor, ulong index)
    {
        var n = Mix(Mix((seed * 16) + tensor) + index);
        return ((double)(n >> 40) - 8388608) / 8388608;
    }

    public static T[] Fill<T>(Data data, int seed, int tensor, long count)
        where T : unmanaged, INumber<T>
    {
        var numbers = new T[count];
        for (long i = 0; i < count; i++)
        {
            numbers[i] = T.CreateTruncating(One(data, (ulong)seed, (ulong)tensor, (ulong)i));
        }

        return numbers;
    }

    private static double One(Data data, ulong seed, ulong tensor, ulong index)
    {
        // The second term has the digits that only a double holds.
        var value = Value(seed, tensor, index) + (Value(seed, tensor + 8, index) / (1 << 30));
        return data switch
        {
            Data.ZeroMean => value,
            Data.OneSigned => 0.5 + (0.249 * (value + 1)),
            _ => Math.Floor(Value(seed, tensor, index) * 2.5 + 0.5),
        };
    }
}
