using NativeConv.Bench.Shapes;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Bench;

/// <summary>The grammar of bench/shapes: what it means, that it survives a round trip, and that errors say where.</summary>
public sealed class ShapeLineTests
{
    [Theory]
    [InlineData("mb1ic64ih56oc64oh56kh3ph1n\"resnet50:res2a_branch2b*3\"")]
    [InlineData("mb32ic3ih224oc64oh112kh7sh2ph3n\"resnet50:conv1\"")]
    [InlineData("g96mb1ic96ih112oc96oh56kh3sh2ph1n\"depthwise\"")]
    [InlineData("--deconv --bia-dt=f32 mb1ic56ih540iw960oc1oh1080ow1920kh9kw9sh2sw2ph4pw4n\"fsrcnn\"")]
    [InlineData("mb2ic5iw40oc7ow12kw5sw3pw0dw1")]
    [InlineData("mb2ic5id4ih6iw8oc7od4oh4ow8kd3kh3kw3pd1ph0pw1n\"x\"")]
    [InlineData("mb0ic4id5oc4od5kd3pd1")]
    public void A_canonical_line_survives_a_round_trip(string line)
    {
        var shape = ShapeLine.Parse(line);
        Assert.Equal(line, ShapeLine.Format(shape));
        Assert.Equal(shape, ShapeLine.Parse(ShapeLine.Format(shape)));
    }

    [Fact]
    public void Every_line_of_every_shape_file_is_canonical_and_makes_a_plan()
    {
        var count = 0;
        foreach (var path in Directory.GetFiles(Repository.Path("bench", "shapes"), "*.txt"))
        {
            var lines = File.ReadAllLines(path).Where(line => line.Length > 0 && line[0] != '#').ToArray();
            var shapes = ShapeFile.Read(path);
            Assert.Equal(lines, shapes.Select(ShapeLine.Format));
            foreach (var shape in shapes)
            {
                using var plan = ConvPlan.Create(shape.ToDescriptor(ElementType.Float32));
                Assert.Equal((shape.InputElements, shape.OutputElements, shape.WeightElements), (plan.InputLength, plan.OutputLength, plan.WeightLength));
                count++;
            }
        }

        Assert.Equal(163, count);
    }

    [Theory]
    // Missing output or padding: the other decides; both missing: no padding.
    [InlineData("ic1ih10oc1kh3ph1", 10, 10, 1, 1, 0)]
    [InlineData("ic1ih10oc1kh3", 10, 8, 0, 0, 0)]
    [InlineData("ic1ih10oc1oh10kh3", 10, 10, 1, 1, 0)]
    [InlineData("ic1ih10oc1oh9kh3", 10, 9, 0, 1, 0)]
    // dh counts the pixels left out: 1 is dilation 2.
    [InlineData("ic1ih10oc1kh3dh1", 10, 6, 0, 0, 0)]
    // Padding after equals padding before if that gives the output, else it is what does.
    [InlineData("ic1ih224oc1oh112kh7sh2ph3", 224, 112, 3, 3, 0)]
    [InlineData("ic1ih10oc1oh6kh3sh2ph0", 10, 6, 0, 3, 0)]
    [InlineData("ic1ih10oc1oh5kh3ph0", 10, 5, 0, -3, 0)]
    [InlineData("--deconv ic1ih5oc1oh10kh3sh2ph1", 5, 10, 1, 1, 1)]
    [InlineData("--deconv ic1ih5oc1oh9kh3sh2ph1", 5, 9, 1, 1, 0)]
    [InlineData("--deconv ic1ih5oc1oh8kh3sh2ph1", 5, 8, 1, 2, 0)]
    [InlineData("--deconv ic1ih5oc1kh3sh2", 5, 11, 0, 0, 0)]
    public void What_is_missing_follows(string line, long input, long output, long padBegin, long padEnd, long outputPadding)
    {
        var axis = ShapeLine.Parse(line)[0];
        Assert.Equal((input, output, padBegin, padEnd, outputPadding), (axis.Input, axis.Output, axis.PadBegin, axis.PadEnd, axis.OutputPadding));
    }

    [Fact]
    public void Defaults_are_those_of_benchdnn()
    {
        var shape = ShapeLine.Parse("ic4_ih6_oc8_kh3");
        Assert.Equal((ConvKind.Conv, 2L, 1L, false, 2, "", 1), (shape.Kind, shape.Batch, shape.Groups, shape.HasBias, shape.Rank, shape.Name, shape.Count));
        Assert.Equal(shape[0], shape[1]);
        Assert.Equal((1L, 1L), (shape[0].Stride, shape[0].Dilation));
        Assert.Equal(2.0 * 2 * 4 * 8 * 9 * 16, shape.Flops);
    }

    [Theory]
    [InlineData("mb1ic64ih56oc64kh3zz5", 19, "'zz'")]
    [InlineData("mb1ic64ih56oc64kh", 18, "kh needs a number")]
    [InlineData("mb1ic64ih56oc64kh3kh5", 19, "kh is given twice")]
    [InlineData("mb1ic64ih5600000000000oc64kh3", 10, "ih does not fit 31 bits")]
    [InlineData("mb1ic0ih5oc6kh3", 6, "ic must be at least 1")]
    [InlineData("mb1ic4ih5oc6kh3sh0", 18, "sh must be at least 1")]
    [InlineData("mb1ic4ih5oc6kh-3", 15, "kh must be at least 1")]
    [InlineData("mb1ih5oc6kh3", 13, "ic is missing")]
    [InlineData("mb1ic4ih5kh3", 13, "oc is missing")]
    [InlineData("mb1ic4ih5oc6", 13, "kh is missing")]
    [InlineData("mb1ic4oc6kh3", 13, "iw, ih or id is missing")]
    [InlineData("mb1ic4id5ih5oc6kd3kh3", 22, "iw is missing")]
    [InlineData("mb1ic4ih5oc6kh3pw1", 16, "pw needs iw")]
    [InlineData("mb1ic4ih5oc6kh7", 15, "leaves no output")]
    [InlineData("mb1ic4ih5oc6kh3 x", 16, "' '")]
    [InlineData("mb1ic4ih5oc6kh3n\"a", 19, "closing quote")]
    [InlineData("mb1ic4ih5oc6kh3n\"a\"b", 20, "nothing may follow")]
    [InlineData("--dir=BWD_D mb1ic4ih5oc6kh3", 1, "'--dir=BWD_D'")]
    [InlineData("", 1, "missing")]
    public void Errors_name_the_column(string line, int column, string reason)
    {
        var error = Assert.Throws<ShapeFormatException>(() => ShapeLine.Parse(line));
        Assert.Equal(column, error.Column);
        Assert.StartsWith($"column {column}: ", error.Message);
        Assert.Contains(reason, error.Message);
    }
}
