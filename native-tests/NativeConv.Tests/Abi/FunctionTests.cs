using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Abi;

/// <summary>The header's functions against the managed entry points and against the promise, nativeconv.symbols.</summary>
public class FunctionTests
{
    /// <summary>What the gate answers without managed code.</summary>
    private static readonly string[] OfTheGate = ["nc_abi_version", "nc_isa", "nc_last_error", "nc_numerics_version", "nc_status_string", "nc_version"];

    [Fact]
    public void HeaderIsThePromise()
    {
        var lines = Repository.ReadText("native-tests", "abi", "nativeconv.symbols").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("name\tsignature\tsince", lines[0]);
        var promised = lines.Skip(1).Select(line => line.Split('\t')).ToArray();
        var version = int.Parse(Header.Read().Macros["NC_ABI_VERSION"], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(promised.Select(line => line[0]), promised.Select(line => line[0]).Order(StringComparer.Ordinal));
        Assert.All(promised, line => Assert.InRange(int.Parse(line[2], System.Globalization.CultureInfo.InvariantCulture), 1, version));
        Assert.Equal(promised.Select(line => line[1]), Header.Read().Functions.OrderBy(function => function.Name, StringComparer.Ordinal).Select(function => function.Signature));
        Assert.Equal(promised.Select(line => line[0]), Header.Read().Functions.Select(function => function.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryFunctionIsAnswered()
    {
        var managed = NativeSource.Exports().Select(export => export.EntryPoint).Where(name => name != "start").Select(name => "nc_" + name);
        Assert.Equal(Header.Read().Functions.Select(function => function.Name).Order(), managed.Concat(OfTheGate).Order());

        // No entry point that the form above does not see.
        Assert.Equal(NativeSource.Read("Exports.cs").Split("EntryPoint =").Length - 1, NativeSource.Exports().Count);

        var gate = NativeSource.Read("gate", "gate.c");
        Assert.All(OfTheGate, name => Assert.Contains($" {name}(", gate, StringComparison.Ordinal));
    }

    [Fact]
    public void ManagedSignaturesAreTheHeaders()
    {
        var functions = Header.Read().Functions.ToDictionary(function => function.Name);
        foreach (var (entryPoint, name, result, parameters) in NativeSource.Exports())
        {
            if (entryPoint == "start")
            {
                Assert.Equal("", parameters);
                continue;
            }

            var function = functions["nc_" + entryPoint];
            Assert.Equal(Pascal(entryPoint), name);
            Assert.True(CSharp(function.Result) == result, $"{name}: returns {result}, {function.Signature}");
            var expected = function.Parameters.Select(parameter => parameter.Name.Contains('[', StringComparison.Ordinal)
                ? $"{CSharp(parameter.Type)}* {Camel(parameter.Name[..parameter.Name.IndexOf('[', StringComparison.Ordinal)])}"
                : $"{CSharp(parameter.Type)} {Camel(parameter.Name)}");
            Assert.Equal($"{name}({string.Join(", ", expected)})", $"{name}({parameters})");
        }
    }

    /// <summary>The C# type of a C type; managed code sees a plan as an opaque pointer.</summary>
    internal static string CSharp(string type) => type.Replace("const ", "", StringComparison.Ordinal) switch
    {
        "void" => "void",
        "int32_t" or "nc_status" => "int",
        "uint32_t" => "uint",
        "int64_t" => "long",
        "uint64_t" => "ulong",
        "size_t" => "nuint",
        "double" => "double",
        "char" => "byte",
        "char*" => "byte*",
        "size_t*" => "nuint*",
        "void*" or "nc_plan*" => "void*",
        "nc_plan**" => "void**",
        "nc_conv_desc*" => "NcConvDesc*",
        "nc_exec*" => "NcExec*",
        "nc_tensor*" => "NcTensor*",
        "nc_pass_info*" => "NcPassInfo*",
        _ => throw new FormatException(type),
    };

    private static string Pascal(string name) => string.Concat(name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static string Camel(string name)
    {
        var pascal = Pascal(name);
        return char.ToLowerInvariant(pascal[0]) + pascal[1..];
    }
}
