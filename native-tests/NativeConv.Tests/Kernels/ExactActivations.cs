using System.Numerics;

namespace NativeConv.Tests.Kernels;

/// <summary>sigmoid, tanh and exp(a) - 1 in fixed point of 256 bits, by Taylor's series: right to more than 150 bits of the result.</summary>
internal static class ExactActivations
{
    private const int Bits = 256;

    // Below this 1 + exp(a) and the like are linear: tanh a = a (1 - a^2 / 3 ...), exp(a) - 1 = a (1 + a / 2 ...), relative errors of 2^-160 and 2^-81.
    private const double Linear = 1.0 / (1L << 40) / (1L << 40);

    private static readonly BigInteger One = BigInteger.One << Bits;
    private static readonly BigInteger Ln2 = LogarithmOfTwo();

    public static ExactNumber Sigmoid(double a)
    {
        var (significand, exponent) = Exp(-Math.Abs(a));
        var divisor = One + (significand >> -exponent);
        return a > 0 ? new((One << Bits) / divisor, -Bits) : new((significand << Bits) / divisor, exponent - Bits);
    }

    public static ExactNumber Tanh(double a)
    {
        if (Math.Abs(a) < Linear)
        {
            return ExactNumber.Of(a);
        }

        var (significand, exponent) = Exp(-2 * Math.Abs(a));
        var exp = significand >> -exponent;
        var tanh = ((One - exp) << Bits) / (One + exp);
        return new(a < 0 ? -tanh : tanh, -Bits);
    }

    /// <summary>exp(a) - 1 for a &lt;= 0.</summary>
    public static ExactNumber ExpMinusOne(double a)
    {
        if (Math.Abs(a) < Linear)
        {
            return ExactNumber.Of(a);
        }

        var (significand, exponent) = Exp(a);
        return new((significand >> -exponent) - One, -Bits);
    }

    /// <summary>exp(a) = Significand * 2^(Exponent - Bits), for a &lt;= 0. At -2000 it is far below half of every format's smallest number.</summary>
    private static (BigInteger Significand, int Exponent) Exp(double a)
    {
        var x = ExactNumber.Of(Math.Max(a, -2000)).Fixed(Bits);
        var exponent = (int)((x / Ln2) - 1);
        var rest = x - (exponent * Ln2);

        // rest is in [0, 2 ln 2); exp(rest) = exp(rest / 256)^256.
        rest >>= 8;
        BigInteger sum = One, term = One;
        for (var n = 1; !term.IsZero; n++)
        {
            term = (term * rest >> Bits) / n;
            sum += term;
        }

        for (var i = 0; i < 8; i++)
        {
            sum = sum * sum >> Bits;
        }

        return (sum, exponent);
    }

    /// <summary>ln 2 = sum of 1 / (n 2^n).</summary>
    private static BigInteger LogarithmOfTwo()
    {
        BigInteger sum = 0;
        for (var n = 1; n <= Bits; n++)
        {
            sum += (One >> n) / n;
        }

        return sum;
    }
}
