using NativeConv.Problem;

namespace NativeConv.Packing;

/// <summary>Which fine pixels any tap reaches: with a stride larger than the kernel, or one that shares a divisor with the dilation, not all.</summary>
internal struct PhaseCover
{
    public Axes Pad;
    public Axes Stride;
    public AxisPhases D;
    public AxisPhases H;
    public AxisPhases W;

    /// <summary>Every pixel has taps.</summary>
    public readonly bool IsComplete => D.Count == Stride.D && H.Count == Stride.H && W.Count == Stride.W;

    /// <summary>Whether taps reach this position of an axis (0: D, 1: H, 2: W).</summary>
    public readonly bool Reaches(int axis, long position)
    {
        var phases = axis == 0 ? D : axis == 1 ? H : W;
        return phases.Count == Stride[axis] || phases.WithResidue(AxisPhases.FloorModulo(position + Pad[axis], Stride[axis])) >= 0;
    }
}
