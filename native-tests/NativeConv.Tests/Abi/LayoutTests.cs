using System.Diagnostics;
using System.Globalization;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Abi;

/// <summary>Structs: the header's text, AbiTypes.cs and what the system's C compiler lays out are one.</summary>
public class LayoutTests
{
    private static readonly Dictionary<string, string> Mirrors = new()
    {
        ["nc_conv_desc"] = "NcConvDesc",
        ["nc_tensor"] = "NcTensor",
        ["nc_pass_info"] = "NcPassInfo",
        ["nc_exec"] = "NcExec",
    };

    [Fact]
    public void FieldsAreThoseOfCSharp()
    {
        var header = Header.Read();
        var structs = NativeSource.Structs();
        Assert.Equal(Mirrors.Keys.Order(), header.StructFields.Keys.Order());
        Assert.Equal(Mirrors.Values.Order(), structs.Keys.Order());
        foreach (var (name, fields) in header.StructFields)
        {
            var mirror = structs[Mirrors[name]];
            Assert.Equal(fields.Select(field => (NativeSource.Plain(field.Name), field.Count)), mirror.Select(field => (NativeSource.Plain(field.Name), field.Count)));
            foreach (var (field, managed) in fields.Zip(mirror))
            {
                Assert.True(managed.Type == CSharp(header, field.Type), $"{name}.{field.Name}: {field.Type} is {managed.Type}");
            }
        }
    }

    [Fact]
    public void OffsetsAreThoseOfC()
    {
        var expected = new List<string>();
        foreach (var (name, fields) in NativeSource.Structs())
        {
            var owner = Mirrors.Single(pair => pair.Value == name).Key;
            var lines = new List<string>();
            long offset = 0;
            foreach (var field in fields)
            {
                // Sequential layout: a field is aligned to its own element, and no gap is allowed.
                var size = Size(field.Type);
                Assert.True(offset % size == 0, $"padding before {name}.{field.Name}");
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"{owner} {NativeSource.Plain(field.Name)} {offset} {size * field.Count}"));
                offset += size * field.Count;
            }

            Assert.Equal(0, offset % 8);
            expected.Add(string.Create(CultureInfo.InvariantCulture, $"{owner} SIZEOF 0 {offset}"));
            expected.AddRange(lines);
        }

        Assert.Equal(expected.Order(), Print().Order());
    }

    private static string CSharp(Header header, string type) => header.CallbackTypes.Contains(type)
        ? "delegate* unmanaged[Cdecl]<void*, delegate* unmanaged[Cdecl]<void*, int, void>, void*, int, void>"
        : FunctionTests.CSharp(type);

    // Of the 64-bit targets.
    private static int Size(string type) => type switch
    {
        "byte" => 1,
        "int" or "uint" => 4,
        "long" or "ulong" or "double" or "nuint" or "void*" => 8,
        _ when type.StartsWith("delegate*", StringComparison.Ordinal) => 8,
        _ => throw new FormatException(type),
    };

    /// <summary>What native-tests/abi/layout.c prints, names in the plain form.</summary>
    private static IEnumerable<string> Print()
    {
        var folder = Directory.CreateTempSubdirectory("nativeconv-layout-");
        try
        {
            var program = Path.Combine(folder.FullName, "layout");
            Run("cc", "-std=c99", "-I", Repository.Path("bindings", "c", "include"), Repository.Path("native-tests", "abi", "layout.c"), "-o", program);
            return [.. Run(program, "print").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).Select(words => $"{words[0]} {NativeSource.Plain(words[1])} {words[2]} {words[3]}")];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {errors.Result}");
        return output;
    }
}
