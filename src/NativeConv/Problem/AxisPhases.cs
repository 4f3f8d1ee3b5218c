namespace NativeConv.Problem;

/// <summary>
/// One axis seen modulo its stride. Tap j reaches fine positions <c>stride * u + residue</c> (counted from the first padded one) from coarse position
/// <c>u - shift</c>, with <c>j * dilation = stride * shift + residue</c>. With g = gcd(stride, dilation), the taps of one residue are
/// <c>j0, j0 + stride / g, ...</c> and their shifts step by <c>dilation / g</c>; there are <c>min(kernel, stride / g)</c> residues that have taps.
/// </summary>
internal readonly struct AxisPhases
{
    private readonly long stride;
    private readonly long dilation;
    private readonly long kernel;
    private readonly long tapStep;

    public AxisPhases(long kernel, long stride, long dilation)
    {
        this.kernel = kernel;
        this.stride = stride;
        this.dilation = dilation;
        var divisor = GreatestCommonDivisor(stride, dilation);
        tapStep = stride / divisor;
        ShiftStep = dilation / divisor;
        Count = Math.Min(kernel, tapStep);
    }

    /// <summary>An axis that is not split: one phase, residue 0.</summary>
    public static AxisPhases Single => new(1, 1, 1);

    /// <summary>Residues that have taps, numbered by their first tap.</summary>
    public long Count { get; }

    /// <summary>Step of the shift from one tap of a phase to its next.</summary>
    public long ShiftStep { get; }

    /// <summary>Taps of a phase.</summary>
    public long Taps(long phase) => ((kernel - 1 - phase) / tapStep) + 1;

    /// <summary>The index in the kernel of tap number <paramref name="i"/> of a phase.</summary>
    public long Tap(long phase, long i) => phase + (i * tapStep);

    /// <summary>The shift of tap number <paramref name="i"/> of a phase.</summary>
    public long Shift(long phase, long i) => (phase * dilation / stride) + (i * ShiftStep);

    public long Residue(long phase) => phase * dilation % stride;

    /// <summary>The phase of kernel index <paramref name="tap"/>.</summary>
    public long Of(long tap) => tap % tapStep;

    /// <summary>The phase that has this residue; -1 if no tap reaches it.</summary>
    public long WithResidue(long residue)
    {
        for (long phase = 0; phase < Count; phase++)
        {
            if (Residue(phase) == residue)
            {
                return phase;
            }
        }

        return -1;
    }

    /// <summary>The fine positions of an image of <paramref name="size"/> that a phase reaches: first, number, and the first one's u.</summary>
    public (long First, long Number, long FirstU) Positions(long phase, long size, long pad)
    {
        var first = FloorModulo(Residue(phase) - pad, stride);
        var number = first < size ? ((size - 1 - first) / stride) + 1 : 0;
        return (first, number, (first + pad - Residue(phase)) / stride);
    }

    public static long GreatestCommonDivisor(long a, long b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }

    /// <summary>The quotient, rounded down.</summary>
    public static long FloorDivide(long value, long divisor) => (value - FloorModulo(value, divisor)) / divisor;

    /// <summary>The remainder in [0, <paramref name="divisor"/>).</summary>
    public static long FloorModulo(long value, long divisor)
    {
        var remainder = value % divisor;
        return remainder < 0 ? remainder + divisor : remainder;
    }
}
