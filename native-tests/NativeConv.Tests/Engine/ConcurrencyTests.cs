using System.Numerics;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>Threads do not show in results: neither those that share a plan nor those that share an execution.</summary>
public class ConcurrencyTests
{
    private const int Threads = 8;
    private const int Rounds = 4;

    private static Layer[] Layers =>
    [
        Layer.Conv(2, 33, 40).Input(17, 19).Kernel(3, 2).PadBegin(1, 0).Activation(Activation.Sigmoid),
        Layer.Deconv(2, 40, 21).Input(14, 11).Kernel(3, 5).Stride(2, 3).PadBegin(1, 2).Activation(Activation.LeakyRelu, 0.2),
        Layer.Conv(2, 64, 64).Groups(64).Input(60, 61).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1),
    ];

    [Theory]
    [MemberData(nameof(Cases.IsasAndElements), MemberType = typeof(Cases))]
    public void OnePlanRunsInManyThreadsAtOnce(string isa, ElementType element)
    {
        foreach (var layer in Layers)
        {
            var descriptor = layer.Type(element).Descriptor;
            if (element == ElementType.Float64)
            {
                SharePlan<double>(descriptor, isa);
            }
            else
            {
                SharePlan<float>(descriptor, isa);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases.IsasAndElements), MemberType = typeof(Cases))]
    public void TheNumberOfThreadsDoesNotShow(string isa, ElementType element)
    {
        foreach (var layer in Layers)
        {
            var descriptor = layer.Type(element).Descriptor;
            if (element == ElementType.Float64)
            {
                ShareExecution<double>(descriptor, isa);
            }
            else
            {
                ShareExecution<float>(descriptor, isa);
            }
        }
    }

    private static void SharePlan<T>(ConvDescriptor descriptor, string isa)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var operands = new Operands<T>(descriptor, seed: 5, bias: true, beta: 0.3);
        using var plan = ConvPlan.Create(descriptor, new PlanOptions(Cases.Isa(isa)));
        var expected = Outcome<T>.Of(plan, operands);
        using var start = new Barrier(Threads);
        var outcomes = new Outcome<T>[Threads * Rounds];
        var failures = new Exception?[Threads];
        var threads = Enumerable.Range(0, Threads).Select(index => new Thread(() => Work(index))).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.All(failures, Assert.Null);
        Assert.All(outcomes, outcome => outcome.MustEqual(expected, Layer.Describe(descriptor)));

        void Work(int index)
        {
            start.SignalAndWait();
            try
            {
                for (var round = 0; round < Rounds; round++)
                {
                    outcomes[(index * Rounds) + round] = Outcome<T>.Of(plan, operands);
                }
            }
            catch (ArgumentException failure)
            {
                failures[index] = failure;
            }
        }
    }

    private static void ShareExecution<T>(ConvDescriptor descriptor, string isa)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var operands = new Operands<T>(descriptor, seed: 6, bias: true, alpha: 0.4);
        var options = new PlanOptions(Cases.Isa(isa));
        using var alone = ConvPlan.Create(descriptor, options);
        var expected = Outcome<T>.Of(alone, operands);
        foreach (var threads in new[] { 2, 3, 8 })
        {
            using var plan = ConvPlan.Create(descriptor, options, threads);
            Outcome<T>.Of(plan, operands).MustEqual(expected, $"{threads} threads: {Layer.Describe(descriptor)}");
        }
    }
}
