#nullable enable
using System;
using System.Text;

namespace NativeConv.Interop
{
    /// <summary>The shared library: what it says about itself, and its thread pool.</summary>
    public static unsafe class Library
    {
        /// <summary>The ABI that this assembly is written for; the library's must not be smaller.</summary>
        public const int AbiVersionNeeded = 1;

        private static readonly Exception? Fault = Load();

        /// <summary>Such as "0.1.0".</summary>
        public static string Version
        {
            get
            {
                EnsureLoaded();
                return Text.Of(NativeMethods.nc_version());
            }
        }

        /// <summary>The instruction set in use: "avx512", "avx2", "neon", "portable"; "none": this processor cannot run the library.</summary>
        public static string Isa
        {
            get
            {
                EnsureLoaded();
                return Text.Of(NativeMethods.nc_isa());
            }
        }

        /// <summary>Grows when functions or fields are added.</summary>
        public static int AbiVersion
        {
            get
            {
                EnsureLoaded();
                return (int)NativeMethods.nc_abi_version();
            }
        }

        /// <summary>Changes when any bit of any result may.</summary>
        public static int NumericsVersion
        {
            get
            {
                EnsureLoaded();
                return (int)NativeMethods.nc_numerics_version();
            }
        }

        /// <summary>The size of the built-in pool, and what 0 threads mean. Set 0 for the cores that this process may use; 1 ends the pool.</summary>
        public static int NumThreads
        {
            get
            {
                EnsureLoaded();
                return NativeMethods.nc_get_num_threads();
            }

            set
            {
                EnsureLoaded();
                NativeConvException.Check(NativeMethods.nc_set_num_threads(value));
            }
        }

        /// <summary>The name of a status.</summary>
        public static string StatusString(Status status)
        {
            EnsureLoaded();
            return Text.Of(NativeMethods.nc_status_string((int)status));
        }

        /// <summary>The message of this thread's last failure; "" before any.</summary>
        public static string LastError()
        {
            EnsureLoaded();
            var bytes = new byte[(int)NativeMethods.nc_last_error(null, 0)];
            fixed (byte* buffer = bytes)
            {
                NativeMethods.nc_last_error(buffer, (nuint)bytes.Length);
            }

            return Encoding.UTF8.GetString(bytes, 0, bytes.Length - 1);
        }

        /// <summary>Throws, on every use, if the library cannot be used.</summary>
        /// <exception cref="DllNotFoundException">it was not found, or is older than this assembly</exception>
        internal static void EnsureLoaded()
        {
            if (Fault != null)
            {
                throw new DllNotFoundException(Fault.Message, Fault);
            }
        }

        // The first call also starts the library's runtime, so that the first convolution does not pay for it.
        private static Exception? Load()
        {
            try
            {
                NativeMethods.Prepare();
                var version = NativeMethods.nc_abi_version();
                return version >= AbiVersionNeeded
                    ? null
                    : new DllNotFoundException($"nativeconv: the library is too old: its ABI version is {version}, {AbiVersionNeeded} is needed");
            }
            catch (EntryPointNotFoundException fault)
            {
                return new DllNotFoundException($"nativeconv: the library is too old, or another one: {fault.Message}", fault);
            }
            catch (Exception fault) when (fault is DllNotFoundException || fault is BadImageFormatException)
            {
                return new DllNotFoundException($"nativeconv: {NativeMethods.WhereToPutIt}: {fault.Message}", fault);
            }
        }
    }
}
