using System.Numerics;
using NativeConv.Bench.Accuracy;
using NativeConv.Bench.Shapes;
using NativeConv.Tests.Engine;
using NativeConv.Tests.Properties;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Bench;

/// <summary>The layers of docs/accuracy.md with smaller images, held to the bounds; and what they are judged by.</summary>
public class AccuracyTests
{
    // 512 channels of 3 x 3 still meet in a sum of 4608 products; gradients of weights sum fewer pixels than the page's.
    private const long LargestImage = 7;
    private const long LargestImageOfGradients = 28;

    // Of channels that are not summed over.
    private const long MostChannels = 12;

    [Theory]
    [MemberData(nameof(Cases.IsasAndElements), MemberType = typeof(Cases))]
    public void ErrorsAreWithinTheBounds(string isa, ElementType element)
    {
        var catalog = new ShapeCatalog(Repository.Path("bench", "shapes"));
        foreach (var name in AccuracyLayers.Names)
        {
            foreach (var pass in Enum.GetValues<ConvPass>())
            {
                var descriptor = Cut(AccuracyLayers.Find(catalog, name).ToDescriptor(element), pass);
                Check(new AccuracyCase(descriptor, pass, OneSigned: false) { Effort = 1 << 16 }, isa);
                Check(new AccuracyCase(descriptor, pass, OneSigned: true) { Effort = 1 << 16 }, isa);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases.IsasAndElements), MemberType = typeof(Cases))]
    public void ErrorsBehindActivationsAreWithinTheBounds(string isa, ElementType element)
    {
        var catalog = new ShapeCatalog(Repository.Path("bench", "shapes"));
        foreach (var activation in AccuracyLayers.Activations)
        {
            foreach (var pass in Enum.GetValues<ConvPass>())
            {
                var descriptor = Cut(AccuracyLayers.Find(catalog, AccuracyLayers.ActivatedNames[1]).ToDescriptor(element), pass);
                Check(new AccuracyCase(AccuracyLayers.Activate(descriptor, activation), pass, OneSigned: false) { Effort = 1 << 16 }, isa);
            }
        }
    }

    [Fact]
    public void SingleResultsAreThoseOfTheWholeDefinition() => Property.Check(LayerGen.Linear, one =>
    {
        if (one.Descriptor.Element == ElementType.Float64) SingleResults<double>(one);
        else SingleResults<float>(one);
    });

    private static void Check(AccuracyCase one, string isa)
    {
        var errors = one.Run(Cases.Isa(isa));
        Assert.True(errors.Largest <= one.Bound, $"{errors.Largest} units of {one.Bound}: {one.Pass}, {(one.OneSigned ? "one sign" : "zero mean")}: {Layer.Describe(one.Descriptor)}");
        Assert.True(errors.Products > 0 && errors.Algorithms.Count > 1, "nothing was compared");
    }

    private static ConvDescriptor Cut(ConvDescriptor descriptor, ConvPass pass)
    {
        for (var axis = 0; axis < descriptor.Rank; axis++)
        {
            descriptor.Input[axis] = Math.Min(descriptor.Input[axis], pass == ConvPass.BackwardWeights ? LargestImageOfGradients : LargestImage);
        }

        if (descriptor.Groups == 1)
        {
            if (pass != ConvPass.BackwardData) descriptor.OutChannels = Math.Min(descriptor.OutChannels, MostChannels);
            if (pass != ConvPass.Forward) descriptor.InChannels = Math.Min(descriptor.InChannels, MostChannels);
        }

        return descriptor;
    }

    private static void SingleResults<T>(LayerCase one)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var operands = new Operands<T>(one.Descriptor, one.Seed);
        using var plan = one.Plan(one.Descriptor);
        var oracle = new Oracle(one.Descriptor);
        var exact = new ExactResult<T>(one.Descriptor, plan.OutputShape);
        var (x, w, dy) = (Truth<T>.Doubles(operands.X), Truth<T>.Doubles(operands.W), Truth<T>.Doubles(operands.Dy));
        var random = new Random(one.Seed);
        foreach (var (pass, sums) in new[] { (ConvPass.Forward, oracle.Forward(x, w)), (ConvPass.BackwardData, oracle.BackwardData(dy, w)), (ConvPass.BackwardWeights, oracle.WeightGradient(x, dy)) })
        {
            for (var sample = 0; sample < 10; sample++)
            {
                var index = random.Next(sums.Value.Length);
                var (value, scale, _) = exact.At(pass, index, operands.X, operands.W, operands.Dy);

                // Another order of the same products: both are right to twice the precision.
                Assert.True(Math.Abs(value - sums.Value[index]) <= Math.ScaleB(scale, -52) && Math.Abs(scale - sums.Scale[index]) <= Math.ScaleB(scale, -40), $"{pass}[{index}]: {value:R}, {sums.Value[index]:R}");
            }
        }
    }
}
