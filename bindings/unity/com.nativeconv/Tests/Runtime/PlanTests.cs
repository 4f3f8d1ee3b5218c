using System;
using NativeConv.Interop;
using NUnit.Framework;
using Unity.Collections;

/// <summary>For Unity's test runner: the library loads, computes and refuses.</summary>
public sealed class PlanTests
{
    [Test]
    public void ConvolvesOnes()
    {
        var ones = new float[81];
        Array.Fill(ones, 1f);
        var y = new float[9];
        using (var plan = new Plan<float>(new Layer(Kind.Conv, (9, 9)) { InChannels = 1, OutChannels = 1, Kernel = 3, Stride = 3 }))
        {
            plan.Forward(ones, new float[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, default, y);
        }

        Assert.AreEqual(new float[] { 45, 45, 45, 45, 45, 45, 45, 45, 45 }, y);
    }

    [Test]
    public void ReadsAndWritesNativeArrays()
    {
        using (var plan = new Plan<float>(new Layer(Kind.Deconv, (2, 2)) { InChannels = 1, OutChannels = 1, Kernel = 2, Stride = 2 }))
        using (var x = new NativeArray<float>(4, Allocator.Temp))
        using (var y = new NativeArray<float>(16, Allocator.Temp))
        {
            x.ToSpan()[3] = 1;
            plan.Forward(x.ToReadOnlySpan(), new float[] { 1, 2, 3, 4 }, default, y.ToSpan());
            Assert.AreEqual(new float[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4 }, y.ToSpan().ToArray());
        }
    }

    [Test]
    public void RefusesWhatIsNoConvolution()
    {
        var fault = Assert.Throws<NativeConvException>(() => new Plan<float>(new Layer(Kind.Conv, (9, 9)) { InChannels = 1, OutChannels = 1, Kernel = 12 }));
        Assert.AreEqual(Status.InvalidShape, fault.Status);
        StringAssert.StartsWith("kernel[0]", fault.Message);
    }
}
