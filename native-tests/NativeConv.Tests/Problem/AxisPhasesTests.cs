using NativeConv.Problem;
using Xunit;

namespace NativeConv.Tests.Problem;

/// <summary>One axis seen modulo its stride, against counting.</summary>
public class AxisPhasesTests
{
    private const int Most = 12;

    [Fact]
    public void TapsAreThoseOfTheResidue()
    {
        ForEach((kernel, stride, dilation, phases) =>
        {
            var residues = Enumerable.Range(0, kernel).Select(tap => tap * dilation % stride).Distinct().ToArray();
            Must(phases.Count == residues.Length, kernel, stride, dilation, "count");
            for (var residue = 0; residue < stride; residue++)
            {
                Must(phases.WithResidue(residue) == Array.IndexOf(residues, residue), kernel, stride, dilation, "with residue");
            }

            for (var phase = 0; phase < residues.Length; phase++)
            {
                var taps = Enumerable.Range(0, kernel).Where(tap => tap * dilation % stride == residues[phase]).ToArray();
                Must(phases.Residue(phase) == residues[phase], kernel, stride, dilation, "residue");
                Must(phases.Taps(phase) == taps.Length, kernel, stride, dilation, "taps");
                for (var i = 0; i < taps.Length; i++)
                {
                    Must(phases.Tap(phase, i) == taps[i], kernel, stride, dilation, "tap");
                    Must(phases.Shift(phase, i) == taps[i] * dilation / stride, kernel, stride, dilation, "shift");
                    Must(phases.Of(taps[i]) == phase, kernel, stride, dilation, "phase of a tap");
                    Must(i == 0 || phases.Shift(phase, i) - phases.Shift(phase, i - 1) == phases.ShiftStep, kernel, stride, dilation, "step of the shift");
                }
            }
        });
    }

    [Fact]
    public void PositionsAreThoseThatTheResidueReaches()
    {
        ForEach((kernel, stride, dilation, phases) =>
        {
            for (var phase = 0; phase < phases.Count; phase++)
            {
                var residue = phases.Residue(phase);
                for (var pad = -5; pad <= 8; pad++)
                {
                    long expectedFirst = -1, expectedNumber = 0;
                    for (var size = 1; size <= 15; size++)
                    {
                        var position = size - 1;
                        if (((position + pad - residue) % stride) == 0)
                        {
                            expectedFirst = expectedNumber++ == 0 ? position : expectedFirst;
                        }

                        var (first, number, firstU) = phases.Positions(phase, size, pad);
                        Must(number == expectedNumber, kernel, stride, dilation, "number of positions");
                        Must(number == 0 || first == expectedFirst, kernel, stride, dilation, "first position");
                        Must(number == 0 || (stride * firstU) + residue == first + pad, kernel, stride, dilation, "u of the first position");
                    }
                }
            }
        });
    }

    [Fact]
    public void ModuloIsNeverNegative()
    {
        for (var divisor = 1; divisor <= Most; divisor++)
        {
            for (var value = -40; value <= 40; value++)
            {
                var remainder = AxisPhases.FloorModulo(value, divisor);
                Assert.InRange(remainder, 0, divisor - 1);
                Assert.Equal(0, (value - remainder) % divisor);
            }
        }
    }

    [Fact]
    public void HugeStepsAreSplitWithoutCounting()
    {
        // gcd(10^12, 10^9) = 10^9: taps 0, 1000, 2000 share residue 0; shifts step by 1.
        var phases = new AxisPhases(2001, 1_000_000_000_000, 1_000_000_000);
        Assert.Equal(1000, phases.Count);
        Assert.Equal(3, phases.Taps(0));
        Assert.Equal(2, phases.Taps(1));
        Assert.Equal(2000, phases.Tap(0, 2));
        Assert.Equal(2, phases.Shift(0, 2));
        Assert.Equal(999_000_000_000, phases.Residue(999));
    }

    private static void ForEach(Action<int, int, int, AxisPhases> check)
    {
        for (var kernel = 1; kernel <= Most; kernel++)
        {
            for (var stride = 1; stride <= Most; stride++)
            {
                for (var dilation = 1; dilation <= Most; dilation++)
                {
                    check(kernel, stride, dilation, new AxisPhases(kernel, stride, dilation));
                }
            }
        }
    }

    private static void Must(bool holds, int kernel, int stride, int dilation, string what)
    {
        if (!holds)
        {
            Assert.Fail($"{what}: kernel {kernel}, stride {stride}, dilation {dilation}");
        }
    }
}
