using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>Executions allocate no managed memory.</summary>
[Collection(nameof(Alone))]
public class AllocationTests
{
    private const int WarmUps = 3;
    private const int LoadThreads = 4;
    private const int LoadRounds = 40;
    private const int Windows = 4;

    [Theory]
    [MemberData(nameof(Cases.IsasAndElements), MemberType = typeof(Cases))]
    public void ExecutionsAllocateNothing(string isa, ElementType element)
    {
        foreach (var forced in new[] { null, "plain" })
        {
            Check(Layer.Conv(2, 5, 7).Input(9, 8).Kernel(3, 2).Stride(2, 1).PadBegin(1, 0).Activation(Activation.Tanh), isa, element, forced);
            Check(Layer.Deconv(2, 5, 7).Input(9, 8).Kernel(3, 2).Stride(2, 3).PadBegin(1, 0).Activation(Activation.Relu, rule: GradientRule.Guided), isa, element, forced);
            Check(Layer.Conv(2, 7, 7).Groups(7).Input(6, 7, 8).Kernel(3, 2, 1).Activation(Activation.Elu, 0.7), isa, element, forced);
            Check(Layer.Conv(0, 3, 5).Input(20).Kernel(3), isa, element, forced);
        }

        // Enough work to be shared with the pool.
        Check(Layer.Conv(1, 32, 48).Input(16, 18).Kernel(3, 3), isa, element, forced: null, threads: 2);
    }

    /// <summary>Many executions, in several threads at once, some of which use the pool: no thread allocates, no garbage is collected.</summary>
    [Theory]
    [MemberData(nameof(Cases.Elements), MemberType = typeof(Cases))]
    public void LoadAllocatesNothingAndCollectsNothing(ElementType element)
    {
        if (element == ElementType.Float64) Load<double>(element);
        else Load<float>(element);
    }

    private static void Load<T>(ElementType element)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        // The last has enough work to be shared with the pool.
        Layer[] layers =
        [
            Layer.Conv(2, 5, 7).Input(9, 8).Kernel(3, 2).Stride(2, 1).PadBegin(1, 0).Activation(Activation.Tanh),
            Layer.Deconv(2, 5, 7).Input(9, 8).Kernel(3, 2).Stride(2, 3).PadBegin(1, 0).Activation(Activation.Relu),
            Layer.Conv(2, 7, 7).Groups(7).Input(6, 7, 8).Kernel(3, 2, 1).Activation(Activation.Elu, 0.7),
            Layer.Conv(1, 32, 48).Input(16, 18).Kernel(3, 3),
        ];
        var plans = layers.Select((layer, i) => ConvPlan.Create(layer.Type(element).Descriptor, threads: i + 1 < layers.Length ? 1 : 2)).ToArray();
        var operands = layers.Select(layer => new Operands<T>(layer.Descriptor, seed: 2, bias: true, beta: 0.5)).ToArray();
        var allocated = new long[LoadThreads];
        var (ready, done, go) = (0, 0, 0);
        var leastBytes = long.MaxValue;
        var threads = Enumerable.Range(0, LoadThreads).Select(index => new Thread(() => Work(index))).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Wait(ref ready, LoadThreads);
        GC.Collect();
        var collections = GC.CollectionCount(0);
        for (var window = 1; window <= Windows; window++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            Volatile.Write(ref go, window);
            Wait(ref done, window * LoadThreads);
            leastBytes = Math.Min(leastBytes, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.Equal(collections, GC.CollectionCount(0));
        Array.ForEach(threads, thread => thread.Join());
        Array.ForEach(plans, plan => plan.Dispose());
        Assert.All(allocated, own => Assert.Equal(0, own));

        // The pool's threads count in the whole process alone, where whoever runs the tests allocates now and then: in some window less than the smallest
        // object for each execution that is shared with the pool.
        Assert.InRange(leastBytes, 0, (24L * LoadThreads * LoadRounds) - 1);

        void Work(int index)
        {
            var outcomes = plans.Select((plan, i) => Outcome<T>.Of(plan, operands[i])).ToArray();
            for (var i = 0; i < WarmUps; i++) Rounds(outcomes, 1);
            Interlocked.Increment(ref ready);
            var own = GC.GetAllocatedBytesForCurrentThread();
            for (var window = 1; window <= Windows; window++)
            {
                Wait(ref go, window);
                Rounds(outcomes, LoadRounds);
                Interlocked.Increment(ref done);
            }

            allocated[index] = GC.GetAllocatedBytesForCurrentThread() - own;
        }

        void Rounds(Outcome<T>[] outcomes, int rounds)
        {
            for (var round = 0; round < rounds; round++)
            {
                for (var i = 0; i < plans.Length; i++)
                {
                    var (plan, of, to) = (plans[i], operands[i], outcomes[i]);
                    plan.Forward<T>(of.X, of.W, of.Bias, to.Y, 0.5);
                    plan.BackwardData<T>(of.Dy, of.W, to.Y, to.Dx, 0.5, 0.5);
                    plan.BackwardWeights<T>(of.X, of.Dy, to.Y, to.Dw, to.Db, 0.5, 0.5);
                    plan.ActivationBackward<T>(of.Dy, to.Y, to.Delta);
                }
            }
        }

        static void Wait(ref int counter, int wanted)
        {
            while (Volatile.Read(ref counter) < wanted) Thread.Sleep(1);
        }
    }

    private static void Check(Layer layer, string isa, ElementType element, string? forced, int threads = 1)
    {
        var descriptor = layer.Type(element).Descriptor;
        using var plan = ConvPlan.Create(descriptor, new PlanOptions(Cases.Isa(isa), forced), threads);
        var what = $"{isa} {forced ?? "automatic"} {layer}";
        if (element == ElementType.Float64)
        {
            Check<double>(plan, descriptor, what);
        }
        else
        {
            Check<float>(plan, descriptor, what);
        }
    }

    private static void Check<T>(ConvPlan plan, ConvDescriptor descriptor, string what)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var operands = new Operands<T>(descriptor, seed: 1, bias: true, beta: 0.5);
        var outcome = Outcome<T>.Of(plan, operands);
        var (x, w, bias, dy) = (operands.X, operands.W, operands.Bias, operands.Dy);
        var (y, dx, dw, db, delta) = (outcome.Y, outcome.Dx, outcome.Dw, outcome.Db, outcome.Delta);
        var workspace = new byte[Enum.GetValues<ConvPass>().Max(plan.WorkspaceBytes)];
        Measure(() => plan.Forward<T>(x, w, bias, y, 0.5), "forward");
        Measure(() => plan.Forward<T>(x, w, bias, y, 0, workspace), "forward with workspace");
        Measure(() => plan.BackwardData<T>(dy, w, y, dx, 0.5, 0.5), "backward-data");
        Measure(() => plan.BackwardData<T>(dy, w, y, dx, 1, 0, workspace), "backward-data with workspace");
        Measure(() => plan.BackwardWeights<T>(x, dy, y, dw, db, 0.5, 0.5), "backward-weights");
        Measure(() => plan.BackwardWeights<T>(x, dy, y, dw, [], 1, 0, workspace), "dw alone with workspace");
        Measure(() => plan.BackwardWeights<T>([], dy, y, [], db), "db alone");
        Measure(() => plan.ActivationBackward<T>(dy, y, delta), "delta");

        void Measure(Action execute, string pass)
        {
            for (var i = 0; i < WarmUps; i++)
            {
                execute();
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            execute();
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(bytes == 0, $"{pass} allocated {bytes} bytes: {what}");
        }
    }
}
