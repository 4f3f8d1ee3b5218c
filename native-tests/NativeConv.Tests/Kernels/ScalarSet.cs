using System.Numerics;
using NativeConv.Kernels;
using NativeConv.Kernels.Elementwise;
using NativeConv.Kernels.Lanes;
using Xunit;

namespace NativeConv.Tests.Kernels;

/// <summary>The elementwise kernels one number at a time, and all sets of kernels that must equal them.</summary>
internal static unsafe class ScalarSet
{
    public static KernelSet<T> Create<T>(Activation activation, GradientRule rule)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var set = new KernelSet<T>
        {
            VectorLength = 1,
            FinishLinear = &Finish<T, T, LanesScalar<T>, Identity<T, T, LanesScalar<T>>>.Run,
            Accumulate = &Sums<T, T, LanesScalar<T>>.Accumulate,
            AreFinite = &Sums<T, T, LanesScalar<T>>.AreFinite,
            AddRows = &Sums<T, T, LanesScalar<T>>.AddRows,
            MultiplyRows = &Sums<T, T, LanesScalar<T>>.MultiplyRows,
            Fold = &Sums<T, T, LanesScalar<T>>.Fold,
        };
        set.Finish = set.FinishLinear;
        switch (activation)
        {
            case Activation.Relu: Activate<T, Relu<T, T, LanesScalar<T>>>(ref set); break;
            case Activation.LeakyRelu: Activate<T, LeakyRelu<T, T, LanesScalar<T>>>(ref set); break;
            case Activation.Clip: Activate<T, Clip<T, T, LanesScalar<T>>>(ref set); break;
            case Activation.Sigmoid: Activate<T, Sigmoid<T, T, LanesScalar<T>>>(ref set); break;
            case Activation.Tanh: Activate<T, Tanh<T, T, LanesScalar<T>>>(ref set); break;
            case Activation.Elu: Activate<T, Elu<T, T, LanesScalar<T>>>(ref set); break;
        }

        switch (rule)
        {
            case GradientRule.Deconvnet: set.Delta = &Delta<T, T, LanesScalar<T>, Deconvnet<T, T, LanesScalar<T>>>.Run; break;
            case GradientRule.Guided: set.Delta = &Delta<T, T, LanesScalar<T>, Guided<T, T, LanesScalar<T>>>.Run; break;
        }

        return set;
    }

    /// <summary>The sets of every vector width of this machine.</summary>
    public static List<(string Name, KernelSet<T> Set)> Widths<T>(Activation activation = Activation.Identity, GradientRule rule = GradientRule.Backprop)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Assert.NotEmpty(Support.Isas.Available);
        return [.. Support.Isas.Available.Select(isa => (IsaSupport.Name(isa), KernelSet<T>.Create(isa, activation, rule)))];
    }

    /// <summary>These and the scalar set.</summary>
    public static List<(string Name, KernelSet<T> Set)> All<T>(Activation activation = Activation.Identity, GradientRule rule = GradientRule.Backprop)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => [.. Widths<T>(activation, rule), ("scalar", Create<T>(activation, rule))];

    private static void Activate<T, TActivation>(ref KernelSet<T> set)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TActivation : struct, IActivation<T>
    {
        set.Finish = &Finish<T, T, LanesScalar<T>, TActivation>.Run;
        set.Delta = &Delta<T, T, LanesScalar<T>, TActivation>.Run;
    }
}
