using System.Runtime.InteropServices;
using System.Text;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Published;

/// <summary>The published library: NATIVECONV_LIBRARY, or where `build.ps1 build` leaves it. Loaded once and never unloaded.</summary>
internal static unsafe class NcLibrary
{
    private static readonly nint Handle = Load();

    public static readonly delegate* unmanaged[Cdecl]<uint> AbiVersion = (delegate* unmanaged[Cdecl]<uint>)Find("nc_abi_version");
    public static readonly delegate* unmanaged[Cdecl]<uint> NumericsVersion = (delegate* unmanaged[Cdecl]<uint>)Find("nc_numerics_version");
    public static readonly delegate* unmanaged[Cdecl]<nint> Version = (delegate* unmanaged[Cdecl]<nint>)Find("nc_version");
    public static readonly delegate* unmanaged[Cdecl]<nint> Isa = (delegate* unmanaged[Cdecl]<nint>)Find("nc_isa");
    public static readonly delegate* unmanaged[Cdecl]<int, nint> StatusString = (delegate* unmanaged[Cdecl]<int, nint>)Find("nc_status_string");
    public static readonly delegate* unmanaged[Cdecl]<byte*, nuint, nuint> GetLastError = (delegate* unmanaged[Cdecl]<byte*, nuint, nuint>)Find("nc_last_error");
    public static readonly delegate* unmanaged[Cdecl]<NcConvDesc*, long*, NcStatus> OutputShape = (delegate* unmanaged[Cdecl]<NcConvDesc*, long*, NcStatus>)Find("nc_output_shape");
    public static readonly delegate* unmanaged[Cdecl]<NcConvDesc*, void**, NcStatus> PlanCreate = (delegate* unmanaged[Cdecl]<NcConvDesc*, void**, NcStatus>)Find("nc_plan_create");
    public static readonly delegate* unmanaged[Cdecl]<void*, void> PlanDestroy = (delegate* unmanaged[Cdecl]<void*, void>)Find("nc_plan_destroy");
    public static readonly delegate* unmanaged[Cdecl]<void*, int, NcPassInfo*, NcStatus> PlanPassInfo = (delegate* unmanaged[Cdecl]<void*, int, NcPassInfo*, NcStatus>)Find("nc_plan_pass_info");
    public static readonly delegate* unmanaged[Cdecl]<void*, int, NcExec*, nuint*, NcStatus> WorkspaceSize = (delegate* unmanaged[Cdecl]<void*, int, NcExec*, nuint*, NcStatus>)Find("nc_workspace_size");
    public static readonly delegate* unmanaged[Cdecl]<void*, int, nuint*, NcStatus> PackedWeightsSize = (delegate* unmanaged[Cdecl]<void*, int, nuint*, NcStatus>)Find("nc_packed_weights_size");
    public static readonly delegate* unmanaged[Cdecl]<void*, int, void*, void*, nuint, NcStatus> PackWeights = (delegate* unmanaged[Cdecl]<void*, int, void*, void*, nuint, NcStatus>)Find("nc_pack_weights");
    public static readonly delegate* unmanaged[Cdecl]<void*, byte*, nuint, nuint*, NcStatus> Explain = (delegate* unmanaged[Cdecl]<void*, byte*, nuint, nuint*, NcStatus>)Find("nc_explain");
    public static readonly delegate* unmanaged[Cdecl]<void*, void*, void*, void*, NcExec*, NcStatus> ActivationBackward = (delegate* unmanaged[Cdecl]<void*, void*, void*, void*, NcExec*, NcStatus>)Find("nc_activation_backward");

    private static readonly nint[] Forwards = [Find("nc_conv_forward"), Find("nc_deconv_forward")];
    private static readonly nint[] BackwardDatas = [Find("nc_conv_backward_data"), Find("nc_deconv_backward_data")];
    private static readonly nint[] BackwardWeightses = [Find("nc_conv_backward_weights"), Find("nc_deconv_backward_weights")];

    /// <summary>nc_conv_forward or nc_deconv_forward: (plan, x, w, bias, y, exec).</summary>
    public static delegate* unmanaged[Cdecl]<void*, void*, void*, void*, void*, NcExec*, NcStatus> Forward(ConvKind kind) =>
        (delegate* unmanaged[Cdecl]<void*, void*, void*, void*, void*, NcExec*, NcStatus>)Forwards[(int)kind];

    /// <summary>nc_conv_backward_data or nc_deconv_backward_data: (plan, dy, w, y, dx, exec).</summary>
    public static delegate* unmanaged[Cdecl]<void*, void*, void*, void*, void*, NcExec*, NcStatus> BackwardData(ConvKind kind) =>
        (delegate* unmanaged[Cdecl]<void*, void*, void*, void*, void*, NcExec*, NcStatus>)BackwardDatas[(int)kind];

    /// <summary>nc_conv_backward_weights or nc_deconv_backward_weights: (plan, x, dy, y, dw, db, exec).</summary>
    public static delegate* unmanaged[Cdecl]<void*, void*, void*, void*, void*, void*, NcExec*, NcStatus> BackwardWeights(ConvKind kind) =>
        (delegate* unmanaged[Cdecl]<void*, void*, void*, void*, void*, void*, NcExec*, NcStatus>)BackwardWeightses[(int)kind];

    public static string IsaName => Marshal.PtrToStringUTF8(Isa())!;

    /// <summary>The message of this thread's last failure.</summary>
    public static string LastError
    {
        get
        {
            var buffer = stackalloc byte[1024];
            var needed = GetLastError(buffer, 1024);
            Assert.InRange(needed, (nuint)1, (nuint)1024);
            return Encoding.UTF8.GetString(buffer, (int)needed - 1);
        }
    }

    /// <summary>Fails with the library's message unless a call succeeded.</summary>
    public static void Succeed(NcStatus status, string what) => Assert.True(status == NcStatus.Ok, status == NcStatus.Ok ? "" : $"{what}: {status}, {LastError}");

    private static nint Load()
    {
        var architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";
        var path = Environment.GetEnvironmentVariable("NATIVECONV_LIBRARY") ?? Repository.Path("artifacts", "native", architecture, "libnativeconv.so");
        return File.Exists(path) ? NativeLibrary.Load(path) : throw new FileNotFoundException($"{path}: build.ps1 build makes it");
    }

    private static nint Find(string name) => NativeLibrary.GetExport(Handle, name);
}
