using Xunit;

namespace NativeConv.Tests.Published;

/// <summary>Compiled ahead of time or by the JIT, through the ABI or through spans: the same bits.</summary>
public class SameBitsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void As_the_managed_engine(int seed) => BothEngines.Compare(seed, NcExec.Init with { NumThreads = 1 });

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 7)]
    public void With_the_librarys_own_pool(int seed, int threads) =>
        BothEngines.Compare(RandomLayers.LargeOf(seed, 10), seed, NcExec.Init with { NumThreads = threads });

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void With_addends_of_their_own(int seed) => BothEngines.Compare(seed, NcExec.Init, separateAddend: true);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void With_packed_weights_and_no_w(int seed) => BothEngines.Compare(seed, NcExec.Init, packed: true);

    [Fact]
    public unsafe void Output_shapes_are_the_managed_ones()
    {
        foreach (var layer in RandomLayers.Of(7, 100))
        {
            using var managed = ConvPlan.Create(layer);
            var desc = NcConvDesc.Of(layer);
            SpatialArray shape;
            NcLibrary.Succeed(NcLibrary.OutputShape(&desc, (long*)&shape), "nc_output_shape");
            var expected = managed.OutputShape;
            Assert.Equal([expected[0], expected[1], expected[2]], (long[])[shape[0], shape[1], shape[2]]);
        }
    }
}
