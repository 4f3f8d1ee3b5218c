#nullable enable
using System;
using Unity.Collections;
using Unity.Collections.LowLevel.Unsafe;

namespace NativeConv.Interop
{
    /// <summary>Unity's own arrays as spans, in place: <c>plan.Forward(x.ToSpan(), w.ToSpan(), default, y.ToSpan())</c>.</summary>
    public static unsafe class NativeArrayExtensions
    {
        /// <summary>The array's memory. It must not be disposed of while the span is used.</summary>
        public static Span<T> ToSpan<T>(this NativeArray<T> array)
            where T : unmanaged => new Span<T>(NativeArrayUnsafeUtility.GetUnsafePtr(array), array.Length);

        /// <summary>The memory of an array that jobs only read.</summary>
        public static ReadOnlySpan<T> ToReadOnlySpan<T>(this NativeArray<T> array)
            where T : unmanaged => new ReadOnlySpan<T>(NativeArrayUnsafeUtility.GetUnsafeReadOnlyPtr(array), array.Length);
    }
}
