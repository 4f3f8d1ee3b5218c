using System.Numerics;
using NativeConv.Tests.Support;

namespace NativeConv.Tests.Engine;

/// <summary>All that the passes of a layer read.</summary>
internal sealed class Operands<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Random numbers, or whole ones; with <paramref name="beta"/> 0 the old values are NaN, which must not be read.</summary>
    public Operands(in ConvDescriptor descriptor, int seed, bool integers = false, bool bias = false, double alpha = 1, double beta = 0)
    {
        var oracle = new Oracle(descriptor);
        var tensor = 0;
        T[] Fill(long count)
        {
            // Seeds of one layer are neighbors; those of two layers are not.
            var own = (seed * 16) + tensor++;
            return integers ? Data.Integers<T>(count, own) : Data.Random<T>(count, own);
        }

        T[] Old(long count)
        {
            var values = Fill(count);
            if (beta == 0)
            {
                Array.Fill(values, T.NaN);
            }

            return values;
        }

        X = Fill(oracle.InputLength);
        W = Fill(oracle.WeightLength);
        Bias = bias ? Fill(descriptor.OutChannels) : [];
        Dy = Fill(oracle.OutputLength);
        OldY = Old(oracle.OutputLength);
        OldDx = Old(oracle.InputLength);
        OldDw = Old(oracle.WeightLength);
        OldDb = Old(descriptor.OutChannels);
        (Alpha, Beta) = (alpha, beta);
    }

    public T[] X { get; init; }

    public T[] W { get; init; }

    /// <summary>Empty: none.</summary>
    public T[] Bias { get; init; }

    public T[] Dy { get; init; }

    public T[] OldY { get; init; }

    public T[] OldDx { get; init; }

    public T[] OldDw { get; init; }

    public T[] OldDb { get; init; }

    /// <summary>Of the backward passes.</summary>
    public double Alpha { get; init; }

    public double Beta { get; init; }
}
