// The few types of Unity and NUnit that the package uses, for compiling and running it without the editor.
#nullable enable
using System;
using System.Collections;
using System.Runtime.InteropServices;

namespace Unity.Collections
{
    public enum Allocator
    {
        Temp = 2,
        TempJob = 3,
        Persistent = 4,
    }

    public unsafe struct NativeArray<T> : IDisposable
        where T : unmanaged
    {
        internal T* Memory;

        public NativeArray(int length, Allocator allocator)
        {
            _ = allocator;
            Memory = (T*)Marshal.AllocHGlobal(length * sizeof(T));
            Length = length;
            for (var i = 0; i < length; i++)
            {
                Memory[i] = default;
            }
        }

        public int Length { get; }

        public T this[int index]
        {
            get => Memory[index];
            set => Memory[index] = value;
        }

        public void Dispose() => Marshal.FreeHGlobal((IntPtr)Memory);
    }
}

namespace Unity.Collections.LowLevel.Unsafe
{
    public static unsafe class NativeArrayUnsafeUtility
    {
        public static void* GetUnsafePtr<T>(NativeArray<T> array)
            where T : unmanaged => array.Memory;

        public static void* GetUnsafeReadOnlyPtr<T>(NativeArray<T> array)
            where T : unmanaged => array.Memory;
    }
}

namespace UnityEngine
{
    public sealed class SerializeFieldAttribute : Attribute
    {
    }

    public class MonoBehaviour
    {
    }

    public struct Color
    {
        public float grayscale;
    }

    /// <summary>A gray ramp with a bright square.</summary>
    public sealed class Texture2D
    {
        public int width = 32;
        public int height = 24;

        public Color[] GetPixels()
        {
            var pixels = new Color[width * height];
            for (var i = 0; i < pixels.Length; i++)
            {
                var (row, column) = (i / width, i % width);
                pixels[i].grayscale = (row > 8 && row < 16 && column > 10 && column < 20 ? 0.5f : 0f) + (column / 64f) + (row * column % 7 / 20f);
            }

            return pixels;
        }
    }
}

namespace NUnit.Framework
{
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TestAttribute : Attribute
    {
    }

    public static class Assert
    {
        public static void AreEqual(object expected, object actual)
        {
            if (!StructuralComparisons.StructuralEqualityComparer.Equals(expected, actual))
            {
                throw new InvalidOperationException($"expected {expected}, got {actual}");
            }
        }

        public static TException Throws<TException>(Action action)
            where TException : Exception
        {
            try
            {
                action();
            }
            catch (TException fault)
            {
                return fault;
            }

            throw new InvalidOperationException("nothing was thrown, expected " + typeof(TException).Name);
        }
    }

    public static class StringAssert
    {
        public static void StartsWith(string expected, string actual)
        {
            if (!actual.StartsWith(expected, StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"expected {expected}, got {actual}");
            }
        }
    }
}
