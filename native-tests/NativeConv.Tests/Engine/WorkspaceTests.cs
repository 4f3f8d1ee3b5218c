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
        foreach (var name in (string?[])[null, "direct-planes", "direct-columns", "direct-points", "direct-tiles"])
        {
            if (Cases.TryPlan(descriptor, new PlanOptions(Cases.Isa(isa), name)) is { } plan)
            {
                using (plan)
                {
                    Check<T>(plan, descriptor, seed, $"{isa} {name}");
                }
            }
        }
    }

    private static void Check<T>(ConvPlan plan, ConvDescriptor descriptor, int seed, string how)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var operands = new Operands<T>(descriptor, seed, bias: true, alpha: 0.7, beta: seed % 2 == 0 ? 0.4 : 0);
        var expected = Outcome<T>.Of(plan, operands);
        foreach (var atEnd in new[] { false, true })
        {
            using var x = new GuardedTensor<T>(operands.X, atEnd);
            using var w = new GuardedTensor<T>(operands.W, atEnd);
            using var bias = new GuardedTensor<T>(operands.Bias, atEnd);
            using var dy = new GuardedTensor<T>(operands.Dy, atEnd);
            using var y = new GuardedTensor<T>(operands.OldY, atEnd);
            using var dx = new GuardedTensor<T>(operands.OldDx, atEnd);
            using var dw = new GuardedTensor<T>(operands.OldDw, atEnd);
            using var db = new GuardedTensor<T>(operands.OldDb, atEnd);
            using var delta = new GuardedTensor<T>(operands.Dy, atEnd);
            using var forward = new GuardedTensor<byte>(plan.WorkspaceBytes(ConvPass.Forward), atEnd);
            using var backwardData = new GuardedTensor<byte>(plan.WorkspaceBytes(ConvPass.BackwardData), atEnd);
            using var backwardWeights = new GuardedTensor<byte>(plan.WorkspaceBytes(ConvPass.BackwardWeights), atEnd);

            plan.Forward<T>(x.Numbers, w.Numbers, bias.Numbers, y.Numbers, operands.Beta, forward.Numbers);
            plan.BackwardData<T>(dy.Numbers, w.Numbers, y.Numbers, dx.Numbers, operands.Alpha, operands.Beta, backwardData.Numbers);
            plan.BackwardWeights<T>(
                x.Numbers, dy.Numbers, y.Numbers, dw.Numbers, db.Numbers, operands.Alpha, operands.Beta, backwardWeights.Numbers);
            plan.ActivationBackward<T>(dy.Numbers, y.Numbers, delta.Numbers);

            new Outcome<T>
            {
                Y = y.Numbers.ToArray(),
                Dx = dx.Numbers.ToArray(),
                Dw = dw.Numbers.ToArray(),
                Db = db.Numbers.ToArray(),
                Delta = delta.Numbers.ToArray(),
            }.MustEqual(expected, $"seed {seed}, {how}, {(atEnd ? "before" : "after")} a guard page: {Layer.Describe(descriptor)}");
        }
    }
}
