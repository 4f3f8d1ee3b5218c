using System.Numerics;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>All six operations over <see cref="Grid"/>, with bias, alpha, beta, activations and rules in turn, on every vector width.</summary>
public class GridTests
{
    public static TheoryData<string, ElementType> Sections { get; } = AllSections();

    /// <summary>Sums of small whole numbers have no error: the engine's are the definition's.</summary>
    [Theory]
    [MemberData(nameof(Sections))]
    public void WholeNumbersAreExact(string section, ElementType element) => Run(section, element, integers: true);

    /// <summary>Rounding included, every algorithm on every width has the plain loop's bits, and those are near the truth.</summary>
    [Theory]
    [MemberData(nameof(Sections))]
    public void RandomNumbersEqualThePlainLoop(string section, ElementType element) => Run(section, element, integers: false);

    private static void Run(string section, ElementType element, bool integers)
    {
        if (element == ElementType.Float64)
        {
            Run<double>(section, element, integers);
        }
        else
        {
            Run<float>(section, element, integers);
        }
    }

    private static void Run<T>(string section, ElementType element, bool integers)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var index = 0;
        foreach (var layer in Grid.Section(section))
        {
            var descriptor = Grid.Activate(layer.Type(element), index, integers).Descriptor;
            var operands = new Operands<T>(descriptor, seed: index, integers, bias: index % 2 == 0, alpha: index % 5 < 3 ? 1 : 3, beta: index % 4 < 2 ? 0 : 0.5);
            using var plain = Cases.Plain(descriptor);
            var expected = Outcome<T>.Of(plain, operands);
            var truth = new Truth<T>(descriptor, operands, expected.Y);
            if (integers)
            {
                truth.MustBeExact(expected, layer.ToString());
            }
            else
            {
                truth.MustBeNear(expected, layer.ToString());
            }

            foreach (var isa in Isas.Available)
            {
                using var plan = ConvPlan.Create(descriptor, new PlanOptions(isa));
                Outcome<T>.Of(plan, operands).MustEqual(expected, $"{isa} {layer}");
            }

            index++;
        }

        Assert.True(index > 0);
    }

    private static TheoryData<string, ElementType> AllSections()
    {
        var sections = new TheoryData<string, ElementType>();
        foreach (var section in Grid.Sections)
        {
            sections.Add(section, ElementType.Float32);
            sections.Add(section, ElementType.Float64);
        }

        return sections;
    }
}
