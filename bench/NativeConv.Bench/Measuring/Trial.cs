using System.Globalization;

namespace NativeConv.Bench.Measuring;

/// <summary>A pass of a layer that a peer runs for the first time: it may end the process.</summary>
/// <param name="Number">of the layer among those that are measured, from 0</param>
/// <param name="Pass">the pass</param>
/// <param name="Engine">the peer</param>
/// <param name="Shape">the layer's line</param>
internal sealed record Trial(int Number, ConvPass Pass, string Engine, string Shape)
{
    private const char Separator = ' ';

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static Trial Parse(string text)
    {
        var parts = text.Split(Separator, 4);
        return new Trial(int.Parse(parts[0], CultureInfo.InvariantCulture), Enum.Parse<ConvPass>(parts[1]), parts[2], parts[3]);
    }

    public override string ToString() => string.Join(Separator, Number.ToString(CultureInfo.InvariantCulture), Pass, Engine, Shape);
}
