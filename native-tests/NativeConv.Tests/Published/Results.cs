using System.Numerics;
using System.Runtime.InteropServices;
using Xunit;

namespace NativeConv.Tests.Published;

/// <summary>What all passes of a layer write: by the managed engine, or by the published library in one of the ways that a caller has.</summary>
internal sealed unsafe class Results<T>
    where T : unmanaged, IFloatingPoint<T>
{
    public const double Alpha = 0.77;
    public const double Beta = 0.37;

    private Results(Tensors<T> t)
    {
        Y = [.. t.OldY];
        Dx = [.. t.OldDx];
        Dw = [.. t.OldDw];
        Db = [.. t.OldDb];
        Delta = new T[t.Dy.Length];
    }

    public T[] Y { get; }

    public T[] Dx { get; }

    public T[] Dw { get; }

    public T[] Db { get; }

    public T[] Delta { get; }

    public static Results<T> Managed(ConvPlan plan, Tensors<T> t)
    {
        var r = new Results<T>(t);
        plan.Forward<T>(t.X, t.W, t.Bias, r.Y, Beta);
        plan.BackwardData<T>(t.Dy, t.W, r.Y, r.Dx, Alpha, Beta);
        plan.BackwardWeights<T>(t.X, t.Dy, r.Y, r.Dw, r.Db, Alpha, Beta);
        plan.ActivationBackward<T>(t.Dy, r.Y, r.Delta);
        return r;
    }

    /// <param name="plan">the plan</param>
    /// <param name="t">the tensors</param>
    /// <param name="how">threads and parallel_for</param>
    /// <param name="packed">weights are packed first, and w is NULL</param>
    /// <param name="separateAddend">old values come from a buffer of their own, and outputs begin as NaN</param>
    public static Results<T> Published(NcPlan plan, Tensors<T> t, NcExec how, bool packed = false, bool separateAddend = false)
    {
        var r = new Results<T>(t);
        if (separateAddend)
        {
            Array.Fill(r.Y, T.CreateTruncating(double.NaN));
            Array.Fill(r.Dx, T.CreateTruncating(double.NaN));
        }

        fixed (T* x = t.X, w = t.W, bias = t.Bias, dy = t.Dy, oldY = t.OldY, oldDx = t.OldDx)
        fixed (T* y = r.Y, dx = r.Dx, dw = r.Dw, db = r.Db, delta = r.Delta)
        {
            how.Beta = Beta;
            var exec = how;
            exec.Addend = separateAddend ? oldY : null;
            var weights = Pack(plan, ConvPass.Forward, t, packed, ref exec);
            NcLibrary.Succeed(NcLibrary.Forward(plan.Kind)(plan.Pointer, x, packed ? null : w, bias, y, &exec), "forward");
            GC.KeepAlive(weights);

            how.Alpha = Alpha;
            exec = how;
            exec.Addend = separateAddend ? oldDx : null;
            weights = Pack(plan, ConvPass.BackwardData, t, packed, ref exec);
            NcLibrary.Succeed(NcLibrary.BackwardData(plan.Kind)(plan.Pointer, dy, packed ? null : w, y, dx, &exec), "backward_data");
            GC.KeepAlive(weights);

            exec = how;
            NcLibrary.Succeed(NcLibrary.BackwardWeights(plan.Kind)(plan.Pointer, x, dy, y, dw, db, &exec), "backward_weights");

            exec.Alpha = exec.Beta = 0;
            NcLibrary.Succeed(NcLibrary.ActivationBackward(plan.Pointer, dy, y, delta, &exec), "nc_activation_backward");
        }

        return r;
    }

    /// <summary>Every bit of every result.</summary>
    public void MustEqual(Results<T> expected, string what)
    {
        MustEqual(expected.Y, Y, $"y of {what}");
        MustEqual(expected.Dx, Dx, $"dx of {what}");
        MustEqual(expected.Dw, Dw, $"dw of {what}");
        MustEqual(expected.Db, Db, $"db of {what}");
        MustEqual(expected.Delta, Delta, $"delta of {what}");
    }

    public static void MustEqual(T[] expected, T[] got, string what)
    {
        if (MemoryMarshal.AsBytes<T>(expected).SequenceEqual(MemoryMarshal.AsBytes<T>(got)))
        {
            return;
        }

        for (var i = 0; i < got.Length; i++)
        {
            Assert.True(expected[i] == got[i] && T.IsNegative(expected[i]) == T.IsNegative(got[i]), $"{what}: [{i}] of {got.Length} is {got[i]}, expected {expected[i]}");
        }
    }

    /// <summary>The buffer, which is pinned, stays with the caller.</summary>
    private static byte[]? Pack(NcPlan plan, ConvPass pass, Tensors<T> t, bool packed, ref NcExec exec)
    {
        if (!packed)
        {
            return null;
        }

        var weights = plan.Pack(pass, t.W);
        exec.PackedWeights = (void*)Marshal.UnsafeAddrOfPinnedArrayElement(weights, 0);
        exec.PackedBytes = (nuint)weights.Length;
        return weights;
    }
}
