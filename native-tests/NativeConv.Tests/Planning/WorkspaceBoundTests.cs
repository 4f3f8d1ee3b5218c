using System.Runtime.InteropServices;
using NativeConv.Bench.Shapes;
using NativeConv.Engine;
using NativeConv.Planning;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Planning;

/// <summary>
/// No layer of bench/shapes needs more than 1.3 times x and y, 1.1 times w for its gradient, the packed weights, and a megabyte for each thread: there is no im2col.
/// </summary>
public unsafe class WorkspaceBoundTests
{
    private const int PerThread = 1 << 20;

    [Fact]
    public void EveryLayerOfTheShapeFiles()
    {
        var layers = 0;
        foreach (var path in Directory.GetFiles(Repository.Path("bench", "shapes"), "*.txt"))
        {
            foreach (var shape in ShapeFile.Read(path))
            {
                foreach (var isa in Isas.Available)
                {
                    foreach (var element in (ElementType[])[ElementType.Float32, ElementType.Float64])
                    {
                        using var plan = ConvPlan.Create(shape.ToDescriptor(element), new PlanOptions(isa));
                        Check(plan, $"{isa} {element} {shape}");
                        layers++;
                    }
                }
            }
        }

        Assert.True(layers >= 163 * 2);
    }

    /// <summary>An image of 3840 x 2160 pixels and 16 channels: planned within the bound, and computed, at some places, right.</summary>
    [Fact]
    public void ALargeImage()
    {
        const int Channels = 16, Height = 2160, Width = 3840;
        using var plan = ConvPlan.Create(Layer.Conv(1, Channels, Channels).Input(Height, Width).Kernel(3, 3).PadBegin(1, 1).PadEnd(1, 1).Descriptor);
        Check(plan, "3840x2160");

        var x = (float*)NativeMemory.Alloc((nuint)plan.InputLength, sizeof(float));
        var y = (float*)NativeMemory.Alloc((nuint)plan.OutputLength, sizeof(float));
        try
        {
            // Small whole numbers: sums are exact in any order.
            for (long i = 0; i < plan.InputLength; i++)
            {
                x[i] = (i % 7) - 3;
            }

            var w = Enumerable.Range(0, (int)plan.WeightLength).Select(i => (float)((i % 5) - 2)).ToArray();
            plan.Forward<float>(new(x, (int)plan.InputLength), w, [], new(y, (int)plan.OutputLength));
            foreach (var (channel, row, column) in ((int, int, int)[])[(0, 0, 0), (15, 2159, 3839), (7, 1000, 0), (8, 0, 3839), (3, 1234, 2345)])
            {
                double expected = 0;
                for (var i = 0; i < Channels * 9; i++)
                {
                    var (fromRow, fromColumn) = (row + (i % 9 / 3) - 1, column + (i % 3) - 1);
                    var isInside = fromRow is >= 0 and < Height && fromColumn is >= 0 and < Width;
                    expected += isInside ? w[(channel * Channels * 9) + i] * x[(((i / 9) * (long)Height) + fromRow) * Width + fromColumn] : 0;
                }

                Assert.Equal(expected, y[(((channel * (long)Height) + row) * Width) + column]);
            }
        }
        finally
        {
            NativeMemory.Free(x);
            NativeMemory.Free(y);
        }
    }

    private static void Check(ConvPlan plan, string what)
    {
        var geometry = plan.Alive->Geometry;
        for (var pass = ConvPass.Forward; pass <= ConvPass.BackwardWeights; pass++)
        {
            var passPlan = Plan.Pass(plan.Alive, pass);
            for (var threads = 1; threads <= 4; threads++)
            {
                var bytes = PassWorkspace.Bytes(passPlan, threads, packed: false).Value;
                var tensors = 1.3 * (geometry.InputElements + geometry.OutputElements) * geometry.ElementSize;
                var weights = pass == ConvPass.BackwardWeights ? 1.1 * geometry.WeightElements * geometry.ElementSize : passPlan->PackedBytes;
                var bound = tensors + weights + ((double)threads * PerThread);
                Assert.True(bytes <= bound, $"{what} {pass}, {threads} threads, {plan.AlgorithmName(pass)}: {bytes} bytes, {bytes / bound:0.00} of the bound");
            }
        }
    }
}
