using BenchmarkDotNet.Attributes;
using NativeConv.Bench.Library;
using NativeConv.Bench.Measuring;
using NativeConv.Bench.Shapes;
using NativeConv.Kernels;

namespace NativeConv.Bench.Micro;

/// <summary>What a call costs besides arithmetic: an empty one, a layer of 8 channels and 8x8 pixels, a plan.</summary>
public unsafe class CallBenchmarks
{
    private static readonly Shape Shape = ShapeLine.Parse("mb1ic8ih8oc8oh8kh1ph0");
    private LayerBuffers buffers = null!;
    private LibraryLayer library = null!;
    private ManagedLayer managed = null!;

    [GlobalSetup]
    public void Setup()
    {
        buffers = new LayerBuffers(Shape, ElementType.Float32);
        library = new LibraryLayer(buffers, ConvPass.Forward, threads: 1, pack: false);
        managed = new ManagedLayer(buffers, ConvPass.Forward, IsaSupport.Best!.Value, threads: 1);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        library.Dispose();
        managed.Dispose();
        buffers.Dispose();
    }

    [Benchmark]
    public uint EmptyCall() => PublishedLibrary.Instance.AbiVersion();

    [Benchmark]
    public void SmallLayer() => library.Run();

    [Benchmark]
    public void SmallLayerManaged() => managed.Run();

    [Benchmark]
    public void CreateAndDestroyPlan() => new LibraryPlan(Shape, ElementType.Float32).Dispose();
}
