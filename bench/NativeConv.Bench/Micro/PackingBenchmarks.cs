using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using NativeConv.Engine;
using NativeConv.Kernels;

namespace NativeConv.Bench.Micro;

/// <summary>Packing weights, against copying their bytes.</summary>
public unsafe class PackingBenchmarks
{
    private MicroLayer layer = null!;
    private byte* packed;

    [Params("mb1ic128ih28oc128oh28kh3ph1", "mb1ic256ih56oc64oh56kh1ph0", "mb1ic512ih7oc512oh7kh3ph1")]
    public string Shape { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        layer = new MicroLayer(Shape, IsaSupport.Best!.Value);
        packed = (byte*)NativeMemory.AlignedAlloc((nuint)layer.Forward->PackedBytes, 64);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        layer.Dispose();
        NativeMemory.AlignedFree(packed);
    }

    [Benchmark(Baseline = true)]
    public void Copy() => Buffer.MemoryCopy(layer.Buffers.W, packed, layer.Forward->PackedBytes, layer.Buffers.Shape.WeightElements * sizeof(float));

    [Benchmark]
    public void PackForward() => Executor.Pack(layer.Plan, ConvPass.Forward, layer.Buffers.W, packed);

    [Benchmark]
    public void PackBackwardData() => Executor.Pack(layer.Plan, ConvPass.BackwardData, layer.Buffers.W, packed);
}
