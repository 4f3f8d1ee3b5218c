using System.Numerics;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>Random layers: every vector width has the plain loop's bits.</summary>
public class RandomTests
{
    private const int Layers = 400;

    [Theory]
    [MemberData(nameof(Cases.Elements), MemberType = typeof(Cases))]
    public void DirectEqualsPlain(ElementType element)
    {
        for (var seed = 0; seed < Layers; seed++)
        {
            if (element == ElementType.Float64)
            {
                Run<double>(seed, element);
            }
            else
            {
                Run<float>(seed, element);
            }
        }
    }

    private static void Run<T>(int seed, ElementType element)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var descriptor = RandomLayers.Create(seed, element);
        var operands = new Operands<T>(descriptor, seed, bias: seed % 2 == 0, alpha: seed % 3 == 0 ? 0.77 : 1, beta: seed % 4 == 0 ? 0.37 : 0);
        using var plain = Cases.Plain(descriptor);
        var expected = Outcome<T>.Of(plain, operands);
        foreach (var isa in Isas.Available)
        {
            // What the planner chooses, and every algorithm that it might have chosen.
            foreach (var name in (string?[])[null, "direct-planes", "direct-columns", "direct-points", "direct-tiles"])
            {
                if (Cases.TryPlan(descriptor, new PlanOptions(isa, name)) is not { } plan)
                {
                    Assert.NotNull(name);
                    continue;
                }

                using (plan)
                {
                    Outcome<T>.Of(plan, operands).MustEqual(expected, $"seed {seed}, {isa} {name} {Layer.Describe(descriptor)}");
                }
            }
        }
    }
}
