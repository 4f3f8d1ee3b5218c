using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using NativeConv.Kernels;
using NativeConv.Packing;

namespace NativeConv.Bench.Micro;

/// <summary>Filling the planes of one image, against copying its bytes.</summary>
public unsafe class PlaneBenchmarks
{
    private MicroLayer layer = null!;
    private float* planes;
    private float* row;

    /// <summary>Padding; none; a stride.</summary>
    [Params("mb1ic64ih56oc64oh56kh3ph1", "mb1ic64ih56oc64oh56kh1ph0", "mb1ic64ih56oc64oh28kh3sh2ph1")]
    public string Shape { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        layer = new MicroLayer(Shape, IsaSupport.Best!.Value);
        var pass = layer.Forward;
        planes = (float*)NativeMemory.AlignedAlloc((nuint)(pass->Problem.SourceChannels * pass->Planes.ChannelStride * sizeof(float)), 64);
        row = (float*)NativeMemory.AlignedAlloc((nuint)(PlaneFiller<float>.Buffer(pass->Planes).Value * sizeof(float)), 64);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        layer.Dispose();
        NativeMemory.AlignedFree(planes);
        NativeMemory.AlignedFree(row);
    }

    [Benchmark(Baseline = true)]
    public void Copy()
    {
        var bytes = layer.Buffers.Shape.InputElements * sizeof(float);
        Buffer.MemoryCopy(layer.Buffers.X, planes, bytes, bytes);
    }

    [Benchmark]
    public void Fill()
    {
        var pass = layer.Forward;
        var x = new ChannelReader<float> { Data = (float*)layer.Buffers.X };
        for (long channel = 0; channel < pass->Problem.SourceChannels; channel += pass->Planes.Channels)
        {
            PlaneFiller<float>.Fill(&pass->Planes, x.Skip(channel * pass->Problem.Source.Product), planes + (channel * pass->Planes.ChannelStride), row);
        }
    }
}
