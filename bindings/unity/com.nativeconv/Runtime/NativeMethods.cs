#nullable enable
using System.Runtime.InteropServices;

namespace NativeConv.Interop
{
    /// <summary>The functions of nativeconv.h.</summary>
    internal static unsafe class NativeMethods
    {
#if UNITY_IOS && !UNITY_EDITOR
        private const string Name = "__Internal";
#else
        private const string Name = "nativeconv";
#endif

        /// <summary>For the message of a missing library.</summary>
        public const string WhereToPutIt = "the library was not found; it belongs into the package's Plugins/<os>/<arch>";

        /// <summary>The engine finds the library by itself.</summary>
        public static void Prepare()
        {
        }

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern byte* nc_status_string(int status);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern nuint nc_last_error(byte* buffer, nuint capacity);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_conv_desc_init(NcConvDesc* desc, nuint desc_size, int kind, int rank);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_output_shape(NcConvDesc* desc, long* shape);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_describe_tensor(NcConvDesc* desc, int tensor, NcTensor* info);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_plan_create(NcConvDesc* desc, void** plan);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern void nc_plan_destroy(void* plan);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_plan_pass_info(void* plan, int pass, NcPassInfo* info);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_explain(void* plan, byte* buffer, nuint capacity, nuint* needed);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_conv_forward(void* plan, void* x, void* w, void* bias, void* y, NcExec* exec);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_conv_backward_data(void* plan, void* dy, void* w, void* y, void* dx, NcExec* exec);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_conv_backward_weights(void* plan, void* x, void* dy, void* y, void* dw, void* db, NcExec* exec);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_deconv_forward(void* plan, void* x, void* w, void* bias, void* y, NcExec* exec);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_deconv_backward_data(void* plan, void* dy, void* w, void* y, void* dx, NcExec* exec);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_deconv_backward_weights(void* plan, void* x, void* dy, void* y, void* dw, void* db, NcExec* exec);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_activation_backward(void* plan, void* dy, void* y, void* delta, NcExec* exec);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_set_num_threads(int num_threads);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_get_num_threads();
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_workspace_size(void* plan, int pass, NcExec* exec, nuint* bytes);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_packed_weights_size(void* plan, int pass, nuint* bytes);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern int nc_pack_weights(void* plan, int pass, void* w, void* packed, nuint packed_bytes);
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern uint nc_abi_version();
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern uint nc_numerics_version();
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern byte* nc_version();
        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)] internal static extern byte* nc_isa();
    }
}
