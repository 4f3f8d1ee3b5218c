using System.Numerics;

namespace NativeConv.Tests.Kernels;

/// <summary>Numbers in which every fourth is one that code gets wrong.</summary>
internal static class Specials
{
    public static T[] Fill<T>(int count, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new Random(seed);
        T[] odd =
        [
            T.NaN, T.PositiveInfinity, T.NegativeInfinity, T.Zero, T.NegativeZero, T.Epsilon, -T.Epsilon, T.One, -T.One, T.CreateChecked(100), T.CreateChecked(-100),
            T.CreateChecked(0.3), T.CreateChecked(0.9),
        ];
        var values = new T[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = random.Next(4) == 0 ? odd[random.Next(odd.Length)] : T.CreateChecked((random.NextDouble() * 8) - 4);
        }

        return values;
    }
}
