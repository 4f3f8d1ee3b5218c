using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace NativeConv.Kernels.Moves;

/// <summary>The halves of two vectors, their numbers alternating.</summary>
internal static class Zip
{
    /// <summary>Of the lower halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Low<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            return (AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a.AsDouble(), b.AsDouble()) : Sse2.UnpackLow(a.AsDouble(), b.AsDouble())).As<double, T>();
        }

        return (AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a.AsSingle(), b.AsSingle()) : Sse.UnpackLow(a.AsSingle(), b.AsSingle())).As<float, T>();
    }

    /// <summary>Of the upper halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> High<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            return (AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a.AsDouble(), b.AsDouble()) : Sse2.UnpackHigh(a.AsDouble(), b.AsDouble())).As<double, T>();
        }

        return (AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a.AsSingle(), b.AsSingle()) : Sse.UnpackHigh(a.AsSingle(), b.AsSingle())).As<float, T>();
    }
}
