using NativeConv.Tests.Support;
using Xunit;
using Xunit.Sdk;

namespace NativeConv.Tests.Properties;

/// <summary>The driver itself: it finds what is false, makes it small, and prints a line that can be read again.</summary>
public class PropertyTests
{
    [Fact]
    public void AFalsePropertyIsFoundAndShrunk()
    {
        var failure = Assert.ThrowsAny<XunitException>(() => Property.Check(LayerGen.Any, one => Assert.True(one.Descriptor.Stride[0] < 3 || one.Descriptor.OutChannels < 2)));
        var lines = failure.Message.Split('\n');
        var header = Array.IndexOf(lines, DescriptorLine.Header);
        Assert.True(header > 0, failure.Message);
        var smallest = DescriptorLine.Read(DescriptorLine.ReadAll($"{lines[header]}\n{lines[header + 1]}").Single());

        // Shrinking is a random search: what it ends with is small, not the smallest.
        Assert.InRange(smallest.Stride[0], 3, 4);
        Assert.InRange(smallest.OutChannels, 2, 4);
        Assert.InRange(smallest.InChannels, 1, 4);
        Assert.Equal((1, 1L), (smallest.Rank, smallest.Groups));
    }

    [Fact]
    public void SamplesAreTheSameInEveryRun()
    {
        List<string> Take()
        {
            var taken = new List<string>();
            Property.Check(LayerGen.Any, one => taken.Add(one.ToString()));
            return taken;
        }

        var first = Take();
        Assert.Equal(first, Take());
        Assert.True(first.Distinct().Count() > first.Count * 9 / 10);
    }

    [Fact]
    public void LinesAreThoseOfTheTable()
    {
        var text = Repository.ReadText("native-tests", "conformance", "descriptors.tsv");
        Assert.StartsWith(DescriptorLine.Header, text);
        foreach (var line in DescriptorLine.ReadAll(text))
        {
            var written = DescriptorLine.ReadAll($"{DescriptorLine.Header}\n{DescriptorLine.Format(DescriptorLine.Read(line), int.Parse(line["id"], System.Globalization.CultureInfo.InvariantCulture))}").Single();
            Assert.All(line.Keys.Except(["bias", "alpha", "beta", "addend", "activation_alpha", "activation_beta"]), column => Assert.Equal(line[column], written[column]));
            Assert.All(["activation_alpha", "activation_beta"], column => Assert.Equal(DescriptorLine.Number(line, column), DescriptorLine.Number(written, column)));
        }
    }
}
