using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using NativeConv.Planning;
using NativeConv.Tests.Properties;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>The digests of native-tests/conformance, which the published libraries have: the engine under the JIT has them too.</summary>
public class DigestTests
{
    private const ulong Start = 0xCBF29CE484222325;

    private static readonly string[] Outputs = ["y", "dx", "dw", "db", "delta"];

    private enum Tensor
    {
        X,
        W,
        Bias,
        Dy,
        ForwardAddend,
        BackwardAddend,
        OldY,
        OldDx,
        OldDw,
        OldDb,
    }

    [Theory]
    [MemberData(nameof(Cases.IsasAndElements), MemberType = typeof(Cases))]
    public void EqualThoseOfThePublishedLibrary(string isa, ElementType element)
    {
        var digests = Read("digests.tsv").ToDictionary(row => row["id"]);
        var lines = Read("descriptors.tsv").ToList();
        Assert.True(lines.Count >= 500, "too few descriptors");
        Assert.Equal(lines.Count, digests.Count);
        var options = new PlanOptions(Cases.Isa(isa));
        var wrong = new List<string>();
        foreach (var line in lines.Where(line => Type(line) == element))
        {
            var got = element == ElementType.Float64 ? Run<double>(line, options) : Run<float>(line, options);
            foreach (var (output, digest) in Outputs.Zip(got))
            {
                if (digest.ToString("x16", CultureInfo.InvariantCulture) != digests[line["id"]][output])
                {
                    wrong.Add($"{line["id"]} {output}");
                }
            }
        }

        Assert.True(wrong.Count == 0, $"other bits: {string.Join(", ", wrong)}");
    }

    /// <summary>The digests of y, dx, dw, db and delta.</summary>
    private static ulong[] Run<T>(IReadOnlyDictionary<string, string> line, PlanOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var descriptor = DescriptorLine.Read(line);
        using var plan = ConvPlan.Create(descriptor, options);
        var id = ulong.Parse(line["id"], CultureInfo.InvariantCulture);
        T[] Fill(Tensor tensor, long count) => Values<T>(id, (ulong)tensor, count);

        // The engine's own callers give addends in the place of the result.
        var addend = line["addend"] == "1";
        var y = Fill(addend ? Tensor.ForwardAddend : Tensor.OldY, plan.OutputLength);
        var dx = Fill(addend ? Tensor.BackwardAddend : Tensor.OldDx, plan.InputLength);
        var dw = Fill(Tensor.OldDw, plan.WeightLength);
        var db = Fill(Tensor.OldDb, descriptor.OutChannels);
        var delta = new T[plan.OutputLength];
        var x = Fill(Tensor.X, plan.InputLength);
        var w = Fill(Tensor.W, plan.WeightLength);
        var dy = Fill(Tensor.Dy, plan.OutputLength);
        var (alpha, beta) = (DescriptorLine.Number(line, "alpha"), DescriptorLine.Number(line, "beta"));
        plan.Forward<T>(x, w, line["bias"] == "1" ? Fill(Tensor.Bias, descriptor.OutChannels) : [], y, beta);
        plan.BackwardData<T>(dy, w, y, dx, alpha, beta);
        plan.BackwardWeights<T>(x, dy, y, dw, db, alpha, beta);
        plan.ActivationBackward<T>(dy, y, delta);
        return [Digest(y), Digest(dx), Digest(dw), Digest(db), Digest(delta)];
    }

    /// <summary>FNV-1a, 64 bits.</summary>
    private static ulong Digest<T>(T[] values)
        where T : unmanaged
    {
        var digest = Start;
        foreach (var value in MemoryMarshal.AsBytes<T>(values))
        {
            digest = (digest ^ value) * 0x100000001B3;
        }

        return digest;
    }

    private static T[] Values<T>(ulong id, ulong tensor, long count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var start = Mix((id * 16) + tensor);
        var values = new T[count];
        for (long i = 0; i < count; i++)
        {
            values[i] = T.CreateChecked(((double)(Mix(start + (ulong)i) >> 40) - 8388608) / 8388608);
        }

        return values;
    }

    private static ulong Mix(ulong n)
    {
        n += 0x9E3779B97F4A7C15;
        n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9;
        n = (n ^ (n >> 27)) * 0x94D049BB133111EB;
        return n ^ (n >> 31);
    }

    private static ElementType Type(IReadOnlyDictionary<string, string> line) => DescriptorLine.Read(line).Element;

    private static IEnumerable<IReadOnlyDictionary<string, string>> Read(string name) => DescriptorLine.ReadAll(Repository.ReadText("native-tests", "conformance", name));
}
