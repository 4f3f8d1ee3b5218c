using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Published;

/// <summary>Packed weights: where they fit, and where they are refused. That they change no bit is in <see cref="SameBitsTests"/>.</summary>
public unsafe class PackedWeightsTests
{
    private static readonly ConvDescriptor Conv = Layer.Conv(1, 5, 7).Input(9, 8).Kernel(3, 2).Descriptor;
    private static readonly ConvDescriptor LargerImage = Layer.Conv(2, 5, 7).Input(20, 30).Kernel(3, 2).Stride(2, 1).Descriptor;
    private static readonly ConvDescriptor OtherKernel = Layer.Conv(1, 5, 7).Input(9, 8).Kernel(2, 3).Descriptor;

    private static readonly float[] Weights = Data.Random<float>(5 * 7 * 6, seed: 3);

    [Fact]
    public void Their_size_is_what_pass_info_says_and_never_zero()
    {
        using var plan = new NcPlan(Conv);
        foreach (var pass in new[] { ConvPass.Forward, ConvPass.BackwardData })
        {
            nuint bytes;
            NcLibrary.Succeed(NcLibrary.PackedWeightsSize(plan.Pointer, (int)pass, &bytes), "nc_packed_weights_size");
            Assert.NotEqual(0u, bytes);
            Assert.Equal(plan.Info(pass).PackedBytes, bytes);
        }
    }

    [Fact]
    public void Backward_weights_has_none()
    {
        using var plan = new NcPlan(Conv);
        nuint bytes = 5;
        Assert.Equal(NcStatus.InvalidArgument, NcLibrary.PackedWeightsSize(plan.Pointer, (int)ConvPass.BackwardWeights, &bytes));
        Assert.StartsWith("pass: ", NcLibrary.LastError);
        Assert.Equal(5u, bytes);
    }

    [Fact]
    public void One_buffer_serves_every_plan_of_its_identity()
    {
        using var plan = new NcPlan(Conv);
        using var other = new NcPlan(LargerImage);
        Assert.Equal(plan.Info(ConvPass.Forward).PackedId, other.Info(ConvPass.Forward).PackedId);
        Assert.Equal(NcStatus.Ok, Forward(other, LargerImage, plan.Pack(ConvPass.Forward, Weights), out var packed));
        Assert.Equal(NcStatus.Ok, Forward(other, LargerImage, null, out var unpacked));
        Results<float>.MustEqual(unpacked, packed, "y");
    }

    [Fact]
    public void Those_of_another_kernel_are_refused()
    {
        using var plan = new NcPlan(Conv);
        using var other = new NcPlan(OtherKernel);
        Assert.NotEqual(plan.Info(ConvPass.Forward).PackedId, other.Info(ConvPass.Forward).PackedId);
        MustRefuse(plan, other.Pack(ConvPass.Forward, Weights), "packed_weights: ");
    }

    [Fact]
    public void Those_of_another_pass_are_refused()
    {
        // As many bytes, whatever blocks and vectors the channels are rounded up to.
        var layer = Layer.Conv(1, 32, 32).Input(9, 8).Kernel(3, 2).Descriptor;
        using var plan = new NcPlan(layer);
        var packed = plan.Pack(ConvPass.BackwardData, Data.Random<float>(32 * 32 * 6, seed: 3));
        Assert.Equal(NcStatus.InvalidArgument, Forward(plan, layer, packed, out _));
        Assert.StartsWith("packed_weights: ", NcLibrary.LastError);
    }

    [Fact]
    public void A_damaged_header_is_refused()
    {
        using var plan = new NcPlan(Conv);
        var packed = plan.Pack(ConvPass.Forward, Weights);
        packed[0] ^= 1;
        MustRefuse(plan, packed, "packed_weights: ");
    }

    [Fact]
    public void A_buffer_one_byte_short_is_refused()
    {
        using var plan = new NcPlan(Conv);
        MustRefuse(plan, plan.Pack(ConvPass.Forward, Weights)[..^1], "packed_bytes: ");
    }

    private static void MustRefuse(NcPlan plan, byte[] packed, string message)
    {
        Assert.Equal(NcStatus.InvalidArgument, Forward(plan, Conv, packed, out var y));
        Assert.StartsWith(message, NcLibrary.LastError);
        Assert.All(y, value => Assert.Equal(-1, value));
    }

    private static NcStatus Forward(NcPlan plan, in ConvDescriptor layer, byte[]? packed, out float[] y)
    {
        using var managed = ConvPlan.Create(layer);
        var input = Data.Random<float>(managed.InputLength, seed: 4);
        y = new float[managed.OutputLength];
        Array.Fill(y, -1);
        fixed (float* x = input, w = Weights, result = y)
        fixed (byte* weights = packed)
        {
            var exec = NcExec.Init with { PackedWeights = weights, PackedBytes = (nuint)(packed?.Length ?? 0) };
            return NcLibrary.Forward(plan.Kind)(plan.Pointer, x, packed is null ? w : null, null, result, &exec);
        }
    }
}
