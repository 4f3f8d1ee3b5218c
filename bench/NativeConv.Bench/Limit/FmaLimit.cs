using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using NativeConv.Bench.Measuring;
using NativeConv.Kernels;
using NativeConv.Kernels.Lanes;

namespace NativeConv.Bench.Limit;

/// <summary>The most multiply-adds that one thread can do with one vector width and element type.</summary>
internal sealed unsafe class FmaLimit : Subject
{
    // Long enough that the loop's ends do not count: a step takes 6 cycles or more.
    private const int ManySteps = 10_000;
    private readonly int steps;
    private readonly delegate*<void*, nint, void> run;
    private readonly byte* numbers;

    /// <param name="isa">vector width</param>
    /// <param name="element">type</param>
    /// <param name="steps">of one run; each does <see cref="FmaLoop{T, TVec, TLanes}.MultiplyAddsPerStep"/></param>
    public FmaLimit(Isa isa, ElementType element, int steps = ManySteps)
    {
        this.steps = steps;
        var (loop, perStep, lanes) = (isa, element) switch
        {
            (Isa.Avx512, ElementType.Float64) => Loop<double, Vector512<double>, Lanes512<double>>(),
            (Isa.Avx512, _) => Loop<float, Vector512<float>, Lanes512<float>>(),
            (Isa.Avx2, ElementType.Float64) => Loop<double, Vector256<double>, Lanes256<double>>(),
            (Isa.Avx2, _) => Loop<float, Vector256<float>, Lanes256<float>>(),
            (_, ElementType.Float64) => Loop<double, Vector128<double>, Lanes128<double>>(),
            _ => Loop<float, Vector128<float>, Lanes128<float>>(),
        };
        run = (delegate*<void*, nint, void>)loop;
        Flops = 2.0 * steps * perStep * lanes;

        // Three vectors. 2^-20 * 2^-20 added to 2^-20 stays a normal number however often it is done.
        numbers = (byte*)NativeMemory.AlignedAlloc(3 * 64, 64);
        for (var i = 0; i < 3 * 64 / 8; i++)
        {
            if (element == ElementType.Float64) ((double*)numbers)[i] = Math.ScaleB(1, -20);
            else ((float*)numbers)[2 * i] = ((float*)numbers)[(2 * i) + 1] = MathF.ScaleB(1, -20);
        }

        Calibrate(TimeSpan.FromMilliseconds(2));
    }

    public override double Flops { get; }

    public override void Run() => run(numbers, steps);

    public override void Dispose() => NativeMemory.AlignedFree(numbers);

    private static (nint Loop, int PerStep, int Lanes) Loop<T, TVec, TLanes>()
        where T : unmanaged
        where TVec : unmanaged
        where TLanes : struct, ILanes<T, TVec>
    {
        delegate*<T*, nint, void> loop = &FmaLoop<T, TVec, TLanes>.Run;
        return ((nint)loop, FmaLoop<T, TVec, TLanes>.MultiplyAddsPerStep, TLanes.Count);
    }
}
