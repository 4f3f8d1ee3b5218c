using System.Runtime.CompilerServices;

namespace NativeConv.Problem;

/// <summary>One number for each of three spatial axes, outermost first: depth, height, width.</summary>
internal struct Axes
{
    /// <summary>Every convolution runs on three axes; those that its rank lacks have size, kernel, stride and dilation 1.</summary>
    public const int Count = 3;

    public long D;
    public long H;
    public long W;

    public Axes(long d, long h, long w)
    {
        D = d;
        H = h;
        W = w;
    }

    public readonly long Product => D * H * W;

    public readonly bool Equals(in Axes other) => D == other.D && H == other.H && W == other.W;

    public long this[int axis]
    {
        readonly get => Unsafe.Add(ref Unsafe.AsRef(in D), axis);
        set => Unsafe.Add(ref D, axis) = value;
    }
}
