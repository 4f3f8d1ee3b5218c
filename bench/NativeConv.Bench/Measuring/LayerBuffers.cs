using System.Runtime.InteropServices;
using System.Security.Cryptography;
using NativeConv.Bench.Shapes;

namespace NativeConv.Bench.Measuring;

/// <summary>The tensors of one layer, shared by all that compute it. Results go to a buffer of their own, so that inputs stay what they are.</summary>
internal sealed unsafe class LayerBuffers : IDisposable
{
    private readonly nuint resultBytes;

    public LayerBuffers(Shape shape, ElementType element)
    {
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

    /// <summary>A digest of all results: equal digests, equal bits.</summary>
    public byte[] Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        const int Piece = 1 << 30;
        for (nuint at = 0; at < resultBytes; at += Piece)
        {
            hash.AppendData(new ReadOnlySpan<byte>(Result + at, (int)Math.Min(Piece, resultBytes - at)));
        }

        hash.AppendData(new ReadOnlySpan<byte>(BiasGradient, (int)Bytes(Shape.OutChannels)));
        return hash.GetHashAndReset();
    }

    public void Dispose()
    {
        foreach (var buffer in (ReadOnlySpan<nint>)[(nint)X, (nint)Dy, (nint)W, (nint)Bias, (nint)Result, (nint)BiasGradient])
        {
            NativeMemory.AlignedFree((void*)buffer);
        }
    }

    private nuint Bytes(long elements) => checked((nuint)elements * (nuint)ElementSize);

    /// <summary>Numbers in [-1, 1), on a grid of 2^-15: no denormals, no overflow, the same every time.</summary>
    private byte* Random(long elements, int seed)
    {
        var buffer = (byte*)NativeMemory.AlignedAlloc(Math.Max(Bytes(elements), 1), 64);
        var random = new Random(seed);
        for (long i = 0; i < elements; i++)
        {
            var value = random.Next(-(1 << 15), 1 << 15) / (float)(1 << 15);
            if (Element == ElementType.Float64) ((double*)buffer)[i] = value;
            else ((float*)buffer)[i] = value;
        }

        return buffer;
    }
}
