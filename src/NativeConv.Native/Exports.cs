using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeConv.Native;

/// <summary>
/// The entry points that the gate calls: one method for each function of nativeconv.h that managed code answers, in its order. nc_conv_forward of the
/// header is managed_conv_forward here. Each body is a literal try and catch, because an exception that leaves it ends the process; the work is in
/// <see cref="Api"/>, because an exported method must not have a stack cookie (README.md).
/// </summary>
internal static unsafe class Exports
{
    /// <summary>Does nothing: running it starts the runtime.</summary>
    [UnmanagedCallersOnly(EntryPoint = "managed_start", CallConvs = [typeof(CallConvCdecl)])]
    public static void Start()
    {
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_set_num_threads", CallConvs = [typeof(CallConvCdecl)])]
    public static int SetNumThreads(int numThreads)
    {
        try
        {
            return Api.SetNumThreads(numThreads);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_get_num_threads", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetNumThreads()
    {
        try
        {
            return Api.GetNumThreads();
        }
        catch (Exception exception)
        {
            Guard.Fail(exception);
            return 1;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_conv_desc_init", CallConvs = [typeof(CallConvCdecl)])]
    public static int ConvDescInit(NcConvDesc* desc, nuint descSize, int kind, int rank)
    {
        try
        {
            return Api.ConvDescInit(desc, descSize, kind, rank);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_output_shape", CallConvs = [typeof(CallConvCdecl)])]
    public static int OutputShape(NcConvDesc* desc, long* shape)
    {
        try
        {
            return Api.OutputShape(desc, shape);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_describe_tensor", CallConvs = [typeof(CallConvCdecl)])]
    public static int DescribeTensor(NcConvDesc* desc, int tensor, NcTensor* info)
    {
        try
        {
            return Api.DescribeTensor(desc, tensor, info);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_plan_create", CallConvs = [typeof(CallConvCdecl)])]
    public static int PlanCreate(NcConvDesc* desc, void** plan)
    {
        try
        {
            return Api.PlanCreate(desc, plan);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_plan_destroy", CallConvs = [typeof(CallConvCdecl)])]
    public static void PlanDestroy(void* plan)
    {
        try
        {
            Api.PlanDestroy(plan);
        }
        catch (Exception exception)
        {
            Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_plan_pass_info", CallConvs = [typeof(CallConvCdecl)])]
    public static int PlanPassInfo(void* plan, int pass, NcPassInfo* info)
    {
        try
        {
            return Api.PlanPassInfo(plan, pass, info);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_workspace_size", CallConvs = [typeof(CallConvCdecl)])]
    public static int WorkspaceSize(void* plan, int pass, NcExec* exec, nuint* bytes)
    {
        try
        {
            return Api.WorkspaceSize(plan, pass, exec, bytes);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_packed_weights_size", CallConvs = [typeof(CallConvCdecl)])]
    public static int PackedWeightsSize(void* plan, int pass, nuint* bytes)
    {
        try
        {
            return Api.PackedWeightsSize(plan, pass, bytes);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_pack_weights", CallConvs = [typeof(CallConvCdecl)])]
    public static int PackWeights(void* plan, int pass, void* w, void* packed, nuint packedBytes)
    {
        try
        {
            return Api.PackWeights(plan, pass, w, packed, packedBytes);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_explain", CallConvs = [typeof(CallConvCdecl)])]
    public static int Explain(void* plan, byte* buffer, nuint capacity, nuint* needed)
    {
        try
        {
            return Api.Explain(plan, buffer, capacity, needed);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_conv_forward", CallConvs = [typeof(CallConvCdecl)])]
    public static int ConvForward(void* plan, void* x, void* w, void* bias, void* y, NcExec* exec)
    {
        try
        {
            return Api.ConvForward(plan, x, w, bias, y, exec);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_conv_backward_data", CallConvs = [typeof(CallConvCdecl)])]
    public static int ConvBackwardData(void* plan, void* dy, void* w, void* y, void* dx, NcExec* exec)
    {
        try
        {
            return Api.ConvBackwardData(plan, dy, w, y, dx, exec);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_conv_backward_weights", CallConvs = [typeof(CallConvCdecl)])]
    public static int ConvBackwardWeights(void* plan, void* x, void* dy, void* y, void* dw, void* db, NcExec* exec)
    {
        try
        {
            return Api.ConvBackwardWeights(plan, x, dy, y, dw, db, exec);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_deconv_forward", CallConvs = [typeof(CallConvCdecl)])]
    public static int DeconvForward(void* plan, void* x, void* w, void* bias, void* y, NcExec* exec)
    {
        try
        {
            return Api.DeconvForward(plan, x, w, bias, y, exec);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_deconv_backward_data", CallConvs = [typeof(CallConvCdecl)])]
    public static int DeconvBackwardData(void* plan, void* dy, void* w, void* y, void* dx, NcExec* exec)
    {
        try
        {
            return Api.DeconvBackwardData(plan, dy, w, y, dx, exec);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_deconv_backward_weights", CallConvs = [typeof(CallConvCdecl)])]
    public static int DeconvBackwardWeights(void* plan, void* x, void* dy, void* y, void* dw, void* db, NcExec* exec)
    {
        try
        {
            return Api.DeconvBackwardWeights(plan, x, dy, y, dw, db, exec);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "managed_activation_backward", CallConvs = [typeof(CallConvCdecl)])]
    public static int ActivationBackward(void* plan, void* dy, void* y, void* delta, NcExec* exec)
    {
        try
        {
            return Api.ActivationBackward(plan, dy, y, delta, exec);
        }
        catch (Exception exception)
        {
            return Guard.Fail(exception);
        }
    }
}
