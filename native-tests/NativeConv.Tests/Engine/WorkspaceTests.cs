using System.Numerics;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>Executions touch their tensors and exactly the workspace they asked for, whatever it holds before. A byte too far ends the process.</summary>
public class WorkspaceTests
{
    private const int Layers = 60;

    [Theory]
    [MemberData(nameof(Cases.IsasAndElements), MemberType = typeof(Cases))]
    public void NothingBeyondTheBuffersIsTouched(string isa, ElementType element)
    {
        for (var seed = 0; seed < Layers; seed++)
        {
            var descriptor = RandomLayers.Create(seed, element);
            if (element == ElementType.Float64)
            {
                Check<double>(descriptor, seed, isa);
            }
            else
            {
                Check<float>(descriptor, seed, isa);
            }
        }
    }

    [Fact]
    public void OneByteTooFewIsRefused()
    {
        var descriptor = Layer.Conv(1, 3, 5).Input(9, 8).Kernel(3, 2).Descriptor;
        using var plan = ConvPlan.Create(descriptor);
        var operands = new Operands<float>(descriptor, seed: 1, beta: 1);
        float[] y = [.. operands.OldY];
        var workspace = new byte[plan.WorkspaceBytes(ConvPass.Forward) - 1];
        var refusal = Assert.Throws<ArgumentException>(() => plan.Forward<float>(operands.X, operands.W, [], y, 0, workspace));
        Assert.StartsWith("workspace: ", refusal.Message, StringComparison.Ordinal);
        Outcome<float>.Same(operands.OldY, y, "y");
    }

    private static void Check<T>(ConvDescriptor descriptor, int seed, string isa)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var plan = ConvPlan.Create(descriptor, new PlanOptions(Cases.Isa(isa)));
        var operands = new Operands<T>(descriptor, seed, bias: true, alpha: 0.7, beta: seed % 2 == 0 ? 0.4 : 0);
        var expected = Outcome<T>.Of(plan, operands);
        foreach (var atEnd in new[] { false, true })
        {
            using var x = GuardedMemory.Copy(operands.X, atEnd);
            using var w = GuardedMemory.Copy(operands.W, atEnd);
            using var bias = GuardedMemory.Copy(operands.Bias, atEnd);
            using var dy = GuardedMemory.Copy(operands.Dy, atEnd);
            using var y = GuardedMemory.Copy(operands.OldY, atEnd);
            using var dx = GuardedMemory.Copy(operands.OldDx, atEnd);
            using var dw = GuardedMemory.Copy(operands.OldDw, atEnd);
            using var db = GuardedMemory.Copy(operands.OldDb, atEnd);
            using var delta = GuardedMemory.Copy(operands.Dy, atEnd);
            using var forward = new GuardedMemory(plan.WorkspaceBytes(ConvPass.Forward), atEnd);
            using var backwardData = new GuardedMemory(plan.WorkspaceBytes(ConvPass.BackwardData), atEnd);
            using var backwardWeights = new GuardedMemory(plan.WorkspaceBytes(ConvPass.BackwardWeights), atEnd);

            plan.Forward<T>(x.Numbers<T>(), w.Numbers<T>(), bias.Numbers<T>(), y.Numbers<T>(), operands.Beta, forward.Bytes);
            plan.BackwardData<T>(dy.Numbers<T>(), w.Numbers<T>(), y.Numbers<T>(), dx.Numbers<T>(), operands.Alpha, operands.Beta, backwardData.Bytes);
            plan.BackwardWeights<T>(
                x.Numbers<T>(), dy.Numbers<T>(), y.Numbers<T>(), dw.Numbers<T>(), db.Numbers<T>(), operands.Alpha, operands.Beta, backwardWeights.Bytes);
            plan.ActivationBackward<T>(dy.Numbers<T>(), y.Numbers<T>(), delta.Numbers<T>());

            new Outcome<T>
            {
                Y = y.Numbers<T>().ToArray(),
                Dx = dx.Numbers<T>().ToArray(),
                Dw = dw.Numbers<T>().ToArray(),
                Db = db.Numbers<T>().ToArray(),
                Delta = delta.Numbers<T>().ToArray(),
            }.MustEqual(expected, $"seed {seed}, {isa}, {(atEnd ? "before" : "after")} a guard page: {Layer.Describe(descriptor)}");
        }
    }
}
