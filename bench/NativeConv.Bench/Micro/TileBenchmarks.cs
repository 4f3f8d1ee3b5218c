using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using NativeConv.Bench.Limit;
using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Kernels.Tiles;

namespace NativeConv.Bench.Micro;

/// <summary>One chain of the largest tiles, on warm caches, against as many multiply-adds that touch no memory: the ratio is 1 over the fraction of the limit.</summary>
public unsafe class TileBenchmarks
{
    private const int Rows = 8;
    private MicroLayer layer = null!;
    private FmaLimit limit = null!;
    private float* planes;
    private float* packed;
    private float* panel;
    private float* sums;
    private nint* rows;
    private nint* places;
    private nint* pixels;
    private nint steps;

    /// <summary>Vector widths of this machine.</summary>
    public static IEnumerable<string> Isas => new Options().Isas.Select(Vocabulary.Name);

    [ParamsSource(nameof(Isas))]
    public string Isa { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var isa = Enum.GetValues<Isa>().First(isa => Vocabulary.Name(isa) == Isa);
        layer = new MicroLayer("mb1ic128ih28oc128oh28kh3ph1", isa);
        var pass = layer.Forward;
        steps = (nint)pass->Sets->Order[0].Steps;
        limit = new FmaLimit(isa, ElementType.Float32, (int)steps);

        planes = Zeros((pass->Problem.SourceChannels * pass->Planes.ChannelStride) + Width);
        packed = Zeros(layer.Buffers.Shape.WeightElements);
        Executor.Pack(layer.Plan, ConvPass.Forward, layer.Buffers.W, packed);
        panel = Zeros(steps * Width);
        sums = Zeros(Rows * Width);

        // A weight gradient's rows are taps of neighbouring channels, its steps pixels.
        rows = (nint*)NativeMemory.AlignedAlloc((nuint)(Rows * sizeof(nint)), 64);
        places = (nint*)NativeMemory.AlignedAlloc((nuint)(Rows * sizeof(nint)), 64);
        for (var row = 0; row < Rows; row++) (rows[row], places[row]) = ((nint)(row * pass->Planes.ChannelStride), row * Width);
        pixels = (nint*)NativeMemory.AlignedAlloc((nuint)(steps * sizeof(nint)), 64);
        for (var i = 0; i < steps; i++) pixels[i] = i;
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        layer.Dispose();
        limit.Dispose();
        foreach (var buffer in (ReadOnlySpan<nint>)[(nint)planes, (nint)packed, (nint)panel, (nint)sums, (nint)rows, (nint)places, (nint)pixels])
        {
            NativeMemory.AlignedFree((void*)buffer);
        }
    }

    [Benchmark(Baseline = true)]
    public void Limit() => limit.Run();

    [Benchmark]
    public void PlaneTile() => Kernels->PlaneTile(Kernels->TileRows, 3)(packed, planes, layer.Forward->Sets->Offsets, steps, sums, Width, false, null);

    [Benchmark]
    public void PointTile()
    {
        var runs = new StepRuns(steps);
        Kernels->PointTile(Kernels->TileRows, 3)(planes, rows, panel, pixels, &runs, sums, places, false, null);
    }

    /// <summary>As many products, 252, in chains of fourteen; tiles of half as many rows twice.</summary>
    [Benchmark]
    public void ChainsTile()
    {
        const int Chain = 14;
        var half = KernelSet<float>.RowsOfChains(Kernels->TileRows);
        var runs = new StepRuns(0, Chain, 1, 0, steps / Chain, Chain);
        for (var row = 0; row < Kernels->TileRows; row += half)
        {
            Kernels->ChainsTile(half, 3)(planes, rows + row, panel, pixels, &runs, sums, places + row, false);
        }
    }

    /// <summary>As many products, of one channel's lines: three of taps, of 84 steps each.</summary>
    [Benchmark]
    public void LineTile()
    {
        const int Lines = 3;
        var taps = new TapLines(1, Lines, steps / Lines, (nint)layer.Forward->Planes.Strides.H);
        for (var row = 0; row < Kernels->TileRows; row += KernelSet<float>.LineRows)
        {
            Kernels->LineTile(3)(packed, planes + (row * taps.Pitch), layer.Forward->Sets->Offsets, &taps, KernelSet<float>.LineRows, sums + (row * Width), Width, false);
        }
    }

    private KernelSet<float>* Kernels => &layer.Plan->Single;

    private int Width => KernelSet<float>.TileColumns * layer.Forward->VectorLength;

    private static float* Zeros(long count)
    {
        var bytes = (nuint)(count * sizeof(float));
        var buffer = NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(buffer, bytes);
        return (float*)buffer;
    }
}
