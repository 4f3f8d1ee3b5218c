using NativeConv.Bench.Reporting;
using NativeConv.Bench.Shapes;

namespace NativeConv.Bench;

/// <summary>The least that the library promises: a common layer, forward, at 60 % of the FMA limit whatever the vector width.</summary>
internal static class Floor
{
    private const double Fraction = 0.60;

    /// <summary>128 -> 128 channels, 28x28, 3x3: in the middle of ResNet-50.</summary>
    public static readonly Shape Shape = ShapeLine.Parse("mb1ic128ih28oc128oh28kh3ph1n\"floor:128-28x28-3x3\"");

    /// <summary>Whether each figure of the library holds the floor.</summary>
    public static IEnumerable<string> Lines(IEnumerable<Measurement> measurements) => measurements.Select(m => Table.Text(
        $"{m.Isa} {m.Engine}: {m.Gflops:0.0} of {m.LimitGflops:0.0} GFLOP/s, {100 * m.OfLimit:0.0} %: the floor of {100 * Fraction:0} % {(m.OfLimit >= Fraction ? "holds" : "does not hold")}"));
}
