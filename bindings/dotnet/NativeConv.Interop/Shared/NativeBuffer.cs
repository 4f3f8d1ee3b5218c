#nullable enable
using System;
using System.Runtime.InteropServices;

namespace NativeConv.Interop
{
    /// <summary>Bytes at a cache line's start, outside of the managed heap: workspace, packed weights.</summary>
    public sealed unsafe class NativeBuffer : IDisposable
    {
        private const int Alignment = 64;
        private IntPtr memory;

        internal NativeBuffer(ulong bytes)
        {
            Bytes = bytes;
            memory = Marshal.AllocHGlobal(new IntPtr(checked((long)bytes + Alignment - 1)));
        }

        ~NativeBuffer() => Free();

        /// <summary>Size.</summary>
        public ulong Bytes { get; }

        internal void* Start
        {
            get
            {
                if (memory == IntPtr.Zero)
                {
                    throw new ObjectDisposedException(nameof(NativeBuffer));
                }

                return (void*)((memory.ToInt64() + Alignment - 1) & -Alignment);
            }
        }

        /// <summary>Frees the bytes. No call may be using them.</summary>
        public void Dispose()
        {
            Free();
            GC.SuppressFinalize(this);
        }

        private void Free()
        {
            Marshal.FreeHGlobal(memory);
            memory = IntPtr.Zero;
        }
    }
}
