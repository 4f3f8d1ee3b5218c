using System;
using System.Runtime.InteropServices;

namespace NativeConv.Interop
{
    /// <summary>The functions of nativeconv.h.</summary>
    internal static unsafe partial class NativeMethods
    {
        private const string Name = "nativeconv";

        /// <summary>For the message of a missing library.</summary>
        public const string WhereToPutIt = "the library was not found; it comes with the package, in runtimes/<rid>/native, or is named by NATIVECONV_LIBRARY";

        /// <summary>NATIVECONV_LIBRARY, if it is set, is the library's path.</summary>
        public static void Prepare() => NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, (name, _, _) =>
            name == Name && Environment.GetEnvironmentVariable("NATIVECONV_LIBRARY") is { Length: > 0 } path ? NativeLibrary.Load(path) : 0);

        [LibraryImport(Name)] internal static partial byte* nc_status_string(int status);
        [LibraryImport(Name)] internal static partial nuint nc_last_error(byte* buffer, nuint capacity);
        [LibraryImport(Name)] internal static partial int nc_conv_desc_init(NcConvDesc* desc, nuint desc_size, int kind, int rank);
        [LibraryImport(Name)] internal static partial int nc_output_shape(NcConvDesc* desc, long* shape);
        [LibraryImport(Name)] internal static partial int nc_describe_tensor(NcConvDesc* desc, int tensor, NcTensor* info);
        [LibraryImport(Name)] internal static partial int nc_plan_create(NcConvDesc* desc, void** plan);
        [LibraryImport(Name)] internal static partial void nc_plan_destroy(void* plan);
        [LibraryImport(Name)] internal static partial int nc_plan_pass_info(void* plan, int pass, NcPassInfo* info);
        [LibraryImport(Name)] internal static partial int nc_explain(void* plan, byte* buffer, nuint capacity, nuint* needed);
        [LibraryImport(Name)] internal static partial int nc_conv_forward(void* plan, void* x, void* w, void* bias, void* y, NcExec* exec);
        [LibraryImport(Name)] internal static partial int nc_conv_backward_data(void* plan, void* dy, void* w, void* y, void* dx, NcExec* exec);
        [LibraryImport(Name)] internal static partial int nc_conv_backward_weights(void* plan, void* x, void* dy, void* y, void* dw, void* db, NcExec* exec);
        [LibraryImport(Name)] internal static partial int nc_deconv_forward(void* plan, void* x, void* w, void* bias, void* y, NcExec* exec);
        [LibraryImport(Name)] internal static partial int nc_deconv_backward_data(void* plan, void* dy, void* w, void* y, void* dx, NcExec* exec);
        [LibraryImport(Name)] internal static partial int nc_deconv_backward_weights(void* plan, void* x, void* dy, void* y, void* dw, void* db, NcExec* exec);
        [LibraryImport(Name)] internal static partial int nc_activation_backward(void* plan, void* dy, void* y, void* delta, NcExec* exec);
        [LibraryImport(Name)] internal static partial int nc_set_num_threads(int num_threads);
        [LibraryImport(Name)] internal static partial int nc_get_num_threads();
        [LibraryImport(Name)] internal static partial int nc_workspace_size(void* plan, int pass, NcExec* exec, nuint* bytes);
        [LibraryImport(Name)] internal static partial int nc_packed_weights_size(void* plan, int pass, nuint* bytes);
        [LibraryImport(Name)] internal static partial int nc_pack_weights(void* plan, int pass, void* w, void* packed, nuint packed_bytes);
        [LibraryImport(Name)] internal static partial uint nc_abi_version();
        [LibraryImport(Name)] internal static partial uint nc_numerics_version();
        [LibraryImport(Name)] internal static partial byte* nc_version();
        [LibraryImport(Name)] internal static partial byte* nc_isa();
    }
}
