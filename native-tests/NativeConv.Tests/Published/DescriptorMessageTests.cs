using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Published;

/// <summary>Each invalid field of a descriptor: status, and a message that begins with the field.</summary>
public unsafe class DescriptorMessageTests
{
    private delegate void Spoil(ref NcConvDesc desc);

    private static readonly Dictionary<string, (Spoil Spoil, NcStatus Status)> Invalid = new()
    {
        ["struct_size"] = ((ref NcConvDesc d) => d.StructSize = 423, NcStatus.InvalidArgument),
        ["kind"] = ((ref NcConvDesc d) => d.Kind = 2, NcStatus.InvalidArgument),
        ["rank"] = ((ref NcConvDesc d) => d.Rank = 4, NcStatus.InvalidArgument),
        ["dtype"] = ((ref NcConvDesc d) => d.Dtype = 5, NcStatus.InvalidArgument),
        ["w_dtype"] = ((ref NcConvDesc d) => d.WDtype = -1, NcStatus.InvalidArgument),
        ["layout"] = ((ref NcConvDesc d) => d.Layout = 2, NcStatus.InvalidArgument),
        ["activation"] = ((ref NcConvDesc d) => d.Activation = 7, NcStatus.InvalidArgument),
        ["gradient_rule"] = ((ref NcConvDesc d) => d.GradientRule = 1, NcStatus.InvalidArgument),
        ["algorithm"] = ((ref NcConvDesc d) => d.Algorithm = 2, NcStatus.InvalidArgument),
        ["flags"] = ((ref NcConvDesc d) => d.Flags = 1, NcStatus.InvalidArgument),
        ["activation_alpha"] = ((ref NcConvDesc d) => d.ActivationAlpha = 0.5, NcStatus.InvalidArgument),
        ["activation_beta"] = ((ref NcConvDesc d) => d.ActivationBeta = double.NaN, NcStatus.InvalidArgument),
        ["workspace_limit"] = ((ref NcConvDesc d) => d.WorkspaceLimit = -1, NcStatus.InvalidArgument),
        ["batch"] = ((ref NcConvDesc d) => d.Batch = -1, NcStatus.InvalidShape),
        ["in_channels"] = ((ref NcConvDesc d) => d.InChannels = 0, NcStatus.InvalidShape),
        ["out_channels"] = ((ref NcConvDesc d) => d.OutChannels = 0, NcStatus.InvalidShape),
        ["groups"] = ((ref NcConvDesc d) => d.Groups = 3, NcStatus.InvalidShape),
        ["input[1]"] = ((ref NcConvDesc d) => d.Input[1] = 0, NcStatus.InvalidShape),
        ["input[2]"] = ((ref NcConvDesc d) => d.Input[2] = 1, NcStatus.InvalidArgument),
        ["input"] = ((ref NcConvDesc d) => d.Batch = 1L << 60, NcStatus.Overflow),
        ["kernel[0]"] = ((ref NcConvDesc d) => d.Kernel[0] = 10, NcStatus.InvalidShape),
        ["kernel[1]"] = ((ref NcConvDesc d) => d.Kernel[1] = -3, NcStatus.InvalidShape),
        ["stride[0]"] = ((ref NcConvDesc d) => d.Stride[0] = -1, NcStatus.InvalidShape),
        ["dilation[1]"] = ((ref NcConvDesc d) => d.Dilation[1] = -2, NcStatus.InvalidShape),
        ["pad_begin[2]"] = ((ref NcConvDesc d) => d.PadBegin[2] = 1, NcStatus.InvalidArgument),
        ["pad_end[2]"] = ((ref NcConvDesc d) => d.PadEnd[2] = 1, NcStatus.InvalidArgument),
        ["output_padding[0]"] = ((ref NcConvDesc d) => d.OutputPadding[0] = 1, NcStatus.InvalidArgument),
        ["x_strides[0]"] = ((ref NcConvDesc d) => d.XStrides[1] = 1, NcStatus.InvalidShape),
        ["dy_strides[4]"] = ((ref NcConvDesc d) => (d.DyStrides[0], d.DyStrides[1], d.DyStrides[2], d.DyStrides[3], d.DyStrides[4]) = (1, 1, 1, 1, 1), NcStatus.InvalidArgument),
    };

    private static readonly Dictionary<string, Spoil> Unsupported = new()
    {
        ["dtype"] = (ref NcConvDesc d) => d.Dtype = 3,
        ["w_dtype"] = (ref NcConvDesc d) => d.WDtype = 2,
        ["layout"] = (ref NcConvDesc d) => d.Layout = 1,
        ["y_strides"] = (ref NcConvDesc d) => (d.YStrides[0], d.YStrides[1], d.YStrides[2], d.YStrides[3]) = (1000, 100, 10, 1),
    };

    public static TheoryData<string> InvalidFields => [.. Invalid.Keys];

    public static TheoryData<string> UnsupportedFields => [.. Unsupported.Keys];

    [Theory]
    [MemberData(nameof(InvalidFields))]
    public void Names_the_field(string field) => MustRefuse(field, Invalid[field].Spoil, Invalid[field].Status);

    [Theory]
    [MemberData(nameof(UnsupportedFields))]
    public void Names_what_is_not_in_this_version(string field) => MustRefuse(field, Unsupported[field], NcStatus.Unsupported);

    [Fact]
    public void Explains_a_kernel_that_is_too_large_like_the_header()
    {
        var desc = NcConvDesc.Of(Layer.Conv(1, 1, 1).Input(20, 6).Kernel(1, 5).Dilation(1, 2).PadBegin(0, 1).PadEnd(0, 1).Descriptor);
        void* plan;
        Assert.Equal(NcStatus.InvalidShape, NcLibrary.PlanCreate(&desc, &plan));
        const string expected = "kernel[1]: the dilated kernel (dilation 2, kernel 5 -> 9) is larger than the padded input (input 6 + pads 1 + 1 -> 8)";
        Assert.Equal(expected, NcLibrary.LastError);
        Assert.Contains(expected, Repository.ReadText("bindings", "c", "include", "nativeconv.h"));
    }

    private static void MustRefuse(string field, Spoil spoil, NcStatus expected)
    {
        var desc = NcConvDesc.Of(Layer.Conv(1, 4, 4).Input(9, 8).Kernel(3, 3).Descriptor);
        spoil(ref desc);

        // The plan pointer becomes NULL, the shape stays as it was.
        var plan = (void*)1;
        Assert.Equal(expected, NcLibrary.PlanCreate(&desc, &plan));
        Assert.True(plan == null);
        Assert.StartsWith(field + ": ", NcLibrary.LastError);

        var shape = stackalloc long[3] { -7, -7, -7 };
        Assert.Equal(expected, NcLibrary.OutputShape(&desc, shape));
        Assert.Equal([-7, -7, -7], new Span<long>(shape, 3).ToArray());
    }
}
