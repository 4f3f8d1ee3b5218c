using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Engine;

/// <summary>dw without db, db without dw, a backward pass without the y it does not read: the bits of the whole.</summary>
public class AloneTests
{
    [Theory]
    [MemberData(nameof(Cases.IsasAndElements), MemberType = typeof(Cases))]
    public void PartsHaveTheBitsOfTheWhole(string isa, ElementType element)
    {
        foreach (var section in Grid.Sections)
        {
            var index = 0;
            foreach (var layer in Grid.Section(section))
            {
                // The rest is in GridTests: every fifth layer has every activation in turn here.
                if (index % 5 == 0)
                {
                    var descriptor = Grid.Activate(layer.Type(element), index, exact: false).Descriptor;
                    if (element == ElementType.Float64)
                    {
                        Check<double>(descriptor, isa);
                    }
                    else
                    {
                        Check<float>(descriptor, isa);
                    }
                }

                index++;
            }
        }
    }

    private static void Check<T>(ConvDescriptor descriptor, string isa)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        foreach (var forced in new[] { null, "plain" })
        {
            using var plan = ConvPlan.Create(descriptor, new PlanOptions(Cases.Isa(isa), forced));
            var operands = new Operands<T>(descriptor, seed: 4, alpha: 0.7, beta: 0.4);
            var whole = Outcome<T>.Of(plan, operands);
            var readsY = descriptor.Activation != Activation.Identity && descriptor.GradientRule != GradientRule.Deconvnet;
            T[] y = readsY ? whole.Y : [];
            T[] dx = [.. operands.OldDx];
            T[] dw = [.. operands.OldDw];
            T[] db = [.. operands.OldDb];
            plan.BackwardData<T>(operands.Dy, operands.W, y, dx, operands.Alpha, operands.Beta);
            plan.BackwardWeights<T>(operands.X, operands.Dy, y, dw, [], operands.Alpha, operands.Beta);
            plan.BackwardWeights<T>([], operands.Dy, y, [], db, operands.Alpha, operands.Beta);
            var what = $"{isa} {forced} {Layer.Describe(descriptor)}";
            Outcome<T>.Same(whole.Dx, dx, what + ": dx");
            Outcome<T>.Same(whole.Dw, dw, what + ": dw");
            Outcome<T>.Same(whole.Db, db, what + ": db");
        }
    }
}
