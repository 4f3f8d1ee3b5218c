using System.Runtime.InteropServices;
using System.Text;
using System.Xml.Linq;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Published;

/// <summary>What the library says about itself.</summary>
public unsafe class LibraryTests
{
    [Fact]
    public void Versions_are_those_of_the_build()
    {
        var properties = XDocument.Load(Repository.Path("Directory.Build.props")).Descendants().ToLookup(element => element.Name.LocalName, element => element.Value);
        Assert.Equal(properties["VersionPrefix"].Single(), Marshal.PtrToStringUTF8(NcLibrary.Version()));
        Assert.Equal(properties["NativeConvAbiVersion"].Single(), $"{NcLibrary.AbiVersion()}");
        Assert.Equal(properties["NativeConvNumericsVersion"].Single(), $"{NcLibrary.NumericsVersion()}");
    }

    [Fact]
    public void Each_status_has_a_string_of_its_own()
    {
        var strings = Enum.GetValues<NcStatus>().Select(status => Marshal.PtrToStringUTF8(NcLibrary.StatusString((int)status))).ToArray();
        Assert.All(strings, text => Assert.False(string.IsNullOrEmpty(text)));
        Assert.Distinct(strings);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-50)]
    [InlineData(int.MinValue)]
    public void Any_number_has_a_string(int status) => Assert.NotEqual(0, NcLibrary.StatusString(status));

    [Fact]
    public void The_last_error_belongs_to_its_thread_and_outlives_success()
    {
        var elsewhere = "";
        Fail();
        var here = NcLibrary.LastError;
        var other = new Thread(() => elsewhere = NcLibrary.LastError);
        other.Start();
        other.Join();
        using var plan = new NcPlan(CommonLayer.Descriptor);
        Assert.StartsWith("kind: ", here);
        Assert.Equal(here, NcLibrary.LastError);
        Assert.Equal("", elsewhere);
    }

    [Fact]
    public void The_last_error_is_cut_and_terminated()
    {
        Fail();
        var whole = NcLibrary.LastError;
        Assert.Equal((nuint)whole.Length + 1, NcLibrary.GetLastError(null, 0));
        var buffer = stackalloc byte[6] { 1, 1, 1, 1, 1, 1 };
        Assert.Equal((nuint)whole.Length + 1, NcLibrary.GetLastError(buffer, 5));
        Assert.Equal(whole[..4], Encoding.UTF8.GetString(buffer, 4));
        Assert.Equal(0, buffer[4]);
        Assert.Equal(1, buffer[5]);
    }

    private static void Fail()
    {
        var desc = NcConvDesc.Of(CommonLayer.Descriptor);
        desc.Kind = 9;
        void* plan;
        Assert.Equal(NcStatus.InvalidArgument, NcLibrary.PlanCreate(&desc, &plan));
    }
}
