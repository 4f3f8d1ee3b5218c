using System.Numerics;

namespace NativeConv.Tests.Kernels;

/// <summary>The rational number Significand * 2^Exponent.</summary>
internal readonly record struct ExactNumber(BigInteger Significand, int Exponent)
{
    public static ExactNumber Of(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52) & 0x7FF;
        var fraction = bits & ((1L << 52) - 1);
        var significand = exponent == 0 ? fraction : fraction | (1L << 52);
        return new(value < 0 ? -significand : significand, Math.Max(exponent, 1) - 1075);
    }

    public static ExactNumber operator *(ExactNumber a, ExactNumber b) => new(a.Significand * b.Significand, a.Exponent + b.Exponent);

    /// <summary>This number times 2^<paramref name="bits"/>, cut to an integer.</summary>
    public BigInteger Fixed(int bits) => Shift(Significand, Exponent + bits);

    /// <summary>
    /// How far <paramref name="got"/> is from this number, in units of the last place that this number has in a format of <paramref name="precision"/>
    /// bits whose smallest positive number is 2^<paramref name="smallest"/>.
    /// </summary>
    public double Ulps(double got, int precision, int smallest)
    {
        var other = Of(got);
        var exponent = Math.Min(Exponent, other.Exponent);
        var error = BigInteger.Abs(Shift(Significand, Exponent - exponent) - Shift(other.Significand, other.Exponent - exponent));
        var magnitude = (int)BigInteger.Abs(Significand).GetBitLength() - 1 + Exponent;
        var lastPlace = Significand.IsZero ? smallest : Math.Max(smallest, magnitude - (precision - 1));

        // In units of 2^-20 of a last place, which is fine enough and fits a double.
        return (double)Shift(error, exponent - lastPlace + 20) / (1 << 20);
    }

    private static BigInteger Shift(BigInteger value, int bits) => bits >= 0 ? value << bits : value >> -bits;
}
