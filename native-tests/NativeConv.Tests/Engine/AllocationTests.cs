using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>Executions allocate no managed memory.</summary>
[Collection(nameof(Alone))]
public class AllocationTests
{
    private const int WarmUps = 3;

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
