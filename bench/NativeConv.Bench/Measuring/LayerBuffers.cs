using System.Runtime.InteropServices;
using NativeConv.Bench.Shapes;

namespace NativeConv.Bench.Measuring;

/// <summary>The tensors of one layer, shared by all that compute it. Results go to a buffer of their own, so that inputs stay what they are.</summary>
internal sealed unsafe class LayerBuffers : IDisposable
{
    private readonly nuint resultBytes;
    private readonly double scale;

    /// <param name="shape">the layer</param>
    /// <param name="element">the type of all numbers</param>
    /// <param name="exponent">numbers are below two to this power; f32's are denormal at -126, f64's at -1022</param>
    public LayerBuffers(Shape shape, ElementType element, int exponent = 0)
    {
        scale = Math.ScaleB(1, exponent);
        Shape = shape;
        Element = element;
        ElementSize = element == ElementType.Float64 ? sizeof(double) : sizeof(float);
        X = Random(shape.InputElements, seed: 1);
        Dy = Random(shape.OutputElements, seed: 2);
        W = Random(shape.WeightElements, seed: 3);
        Bias = Random(shape.OutChannels, seed: 4);
        resultBytes = Bytes(Math.Max(shape.InputElements, Math.Max(shape.OutputElements, shape.WeightElements)));
        Result = (byte*)NativeMemory.AlignedAlloc(Math.Max(resultBytes, 1), 64);
        BiasGradient = (byte*)NativeMemory.AlignedAlloc(Bytes(shape.OutChannels), 64);
        Clear();
    }

    public Shape Shape { get; }

    public ElementType Element { get; }

    public int ElementSize { get; }

    public byte* X { get; }

    public byte* Dy { get; }

    public byte* W { get; }

    public byte* Bias { get; }

    /// <summary>y, dx or dw.</summary>
    public byte* Result { get; }

    /// <summary>db.</summary>
    public byte* BiasGradient { get; }

    /// <summary>Zeros all results.</summary>
    public void Clear()
    {
        NativeMemory.Clear(Result, resultBytes);
        NativeMemory.Clear(BiasGradient, Bytes(Shape.OutChannels));
    }

    /// <summary>All results, db last.</summary>
    public double[] Results()
    {
        var results = (int)(resultBytes / (nuint)ElementSize);
        var all = new double[results + Shape.OutChannels];
        for (var i = 0; i < all.Length; i++)
        {
            var (buffer, at) = i < results ? ((nint)Result, i) : ((nint)BiasGradient, i - results);
            all[i] = Element == ElementType.Float64 ? ((double*)buffer)[at] : ((float*)buffer)[at];
        }

        return all;
    }

    public void Dispose()
    {
        foreach (var buffer in (ReadOnlySpan<nint>)[(nint)X, (nint)Dy, (nint)W, (nint)Bias, (nint)Result, (nint)BiasGradient])
        {
            NativeMemory.AlignedFree((void*)buffer);
        }
    }

    private nuint Bytes(long elements) => checked((nuint)elements * (nuint)ElementSize);

    /// <summary>Numbers in [-1, 1), on a grid of 2^-15: no denormals unless they are asked for, no overflow, the same every time.</summary>
    private byte* Random(long elements, int seed)
    {
        var buffer = (byte*)NativeMemory.AlignedAlloc(Math.Max(Bytes(elements), 1), 64);
        var random = new Random(seed);
        for (long i = 0; i < elements; i++)
        {
            var value = random.Next(-(1 << 15), 1 << 15) / (double)(1 << 15) * scale;
            if (Element == ElementType.Float64) ((double*)buffer)[i] = value;
            else ((float*)buffer)[i] = (float)value;
        }

        return buffer;
    }
}
