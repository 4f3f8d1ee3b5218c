using System.Text.RegularExpressions;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Abi;

/// <summary>The header's numbers against AbiTypes.cs, the managed vocabulary and the gate.</summary>
public partial class ConstantTests
{
    // The class that mirrors an enumeration, the managed enumeration, and the prefix of the C names.
    private static readonly (string First, string Class, Type? Managed, string Prefix)[] Mirrors =
    [
        ("NC_CONV", "NcKind", typeof(ConvKind), "NC_"),
        ("NC_F32", "NcType", typeof(ElementType), "NC_"),
        ("NC_CHANNELS_FIRST", "NcLayout", typeof(TensorLayout), "NC_"),
        ("NC_ACT_IDENTITY", "NcActivation", typeof(Activation), "NC_ACT_"),
        ("NC_RULE_BACKPROP", "NcRule", typeof(GradientRule), "NC_RULE_"),
        ("NC_FORWARD", "NcPass", typeof(ConvPass), "NC_"),
        ("NC_ALGO_AUTO", "NcAlgorithm", typeof(AlgorithmChoice), "NC_ALGO_"),
        ("NC_X", "NcTensorId", null, "NC_"),
    ];

    [Fact]
    public void Enumerations()
    {
        var constants = NativeSource.Constants();
        var enums = Header.Read().Enums;
        Assert.Equal(Mirrors.Select(mirror => mirror.First), enums.OrderBy(values => Array.FindIndex(Mirrors, mirror => mirror.First == values[0].Name)).Select(values => values[0].Name));
        foreach (var (first, className, managed, prefix) in Mirrors)
        {
            var values = enums.Single(values => values[0].Name == first).Select(value => (NativeSource.Plain(value.Name[prefix.Length..]), value.Value)).ToArray();
            Assert.Equal(values, constants[className].Select(value => (NativeSource.Plain(value.Name), value.Value)));
            if (managed != null)
            {
                Assert.Equal(values.Select(value => value.Value), Enum.GetValues(managed).Cast<object>().Select(value => Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture)));
                Assert.Equal(values.Select(value => Words(value.Item1)), Enum.GetNames(managed).Select(name => Words(NativeSource.Plain(name))));
            }
        }
    }

    [Fact]
    public void Statuses()
    {
        var statuses = Header.Read().Statuses.ToArray();
        var expected = statuses.Select(status => (NativeSource.Plain(status.Name.Replace("NC_ERROR_", "", StringComparison.Ordinal).Replace("NC_", "", StringComparison.Ordinal)), status.Value));
        Assert.Equal(expected, NativeSource.Constants()["NcStatus"].Select(status => (NativeSource.Plain(status.Name), status.Value)));
        Assert.Equal(statuses.Length, statuses.Select(status => status.Value).Distinct().Count());
        Assert.All(statuses, status => Assert.Equal(status.Name == "NC_OK", status.Value >= 0));
    }

    [Fact]
    public void EveryStatusHasAString()
    {
        var gate = NativeSource.Read("gate", "gate.c");
        var body = gate[gate.IndexOf("const char* nc_status_string", StringComparison.Ordinal)..];
        body = body[..body.IndexOf("\n}", StringComparison.Ordinal)];
        Assert.Contains("#define NAME(value) case value: return #value", body, StringComparison.Ordinal);
        Assert.Equal(Header.Read().Statuses.Select(status => status.Name), Names().Matches(body).Select(match => match.Groups[1].Value));
    }

    [Fact]
    public void MacrosOfExec()
    {
        var macros = Header.Read().Macros;
        Assert.Equal("1u", macros["NC_EXEC_FLUSH_DENORMALS"]);
        Assert.Equal([("FlushDenormals", 1)], NativeSource.Constants()["NcExecFlags"]);

        // One initializer for each field.
        var values = macros["NC_EXEC_INIT"].Trim('{', '}', ' ').Split(',', StringSplitOptions.TrimEntries);
        Assert.Equal(Header.Read().StructFields["nc_exec"].Length, values.Length);
        Assert.Equal("sizeof(nc_exec)", values[0]);
        Assert.All(values[1..], value => Assert.Contains(value, (string[])["0", "0.0", "NULL"]));
    }

    [Fact]
    public void VersionsAreThoseOfTheBuild()
    {
        var macros = Header.Read().Macros;
        var properties = Repository.ReadText("Directory.Build.props");
        Assert.Contains($"<VersionPrefix>{macros["NC_VERSION_MAJOR"]}.{macros["NC_VERSION_MINOR"]}.{macros["NC_VERSION_PATCH"]}<", properties, StringComparison.Ordinal);
        Assert.Contains($"<NativeConvAbiVersion>{macros["NC_ABI_VERSION"]}<", properties, StringComparison.Ordinal);
    }

    /// <summary>F32 and Float32 are one name.</summary>
    private static string Words(string plain) => plain switch
    {
        "F16" or "F32" or "F64" => "FLOAT" + plain[1..],
        "BF16" => "BFLOAT16",
        _ => plain,
    };

    [GeneratedRegex(@"^\s*NAME\((\w+)\);", RegexOptions.Multiline)]
    private static partial Regex Names();
}
