using System.Runtime.InteropServices;
using System.Text;
using NativeConv.Native;

namespace NativeConv.Bench.Library;

/// <summary>The shared library as a program sees it: the functions of nativeconv.h that the benchmarks call.</summary>
/// <remarks>The library reads NATIVECONV_MAX_ISA once, at its first call: a process measures one instruction set.</remarks>
internal sealed unsafe class PublishedLibrary
{
    public readonly delegate* unmanaged[Cdecl]<NcConvDesc*, nuint, int, int, int> ConvDescInit;
    public readonly delegate* unmanaged[Cdecl]<NcConvDesc*, void**, int> PlanCreate;
    public readonly delegate* unmanaged[Cdecl]<void*, void> PlanDestroy;
    public readonly delegate* unmanaged[Cdecl]<void*, int, NcPassInfo*, int> PlanPassInfo;
    public readonly delegate* unmanaged[Cdecl]<void*, int, void*, void*, nuint, int> PackWeights;
    public readonly delegate* unmanaged[Cdecl]<uint> AbiVersion;

    private readonly delegate* unmanaged[Cdecl]<uint> numericsVersion;
    private readonly delegate* unmanaged[Cdecl]<byte*> version;
    private readonly delegate* unmanaged[Cdecl]<byte*> isa;
    private readonly delegate* unmanaged[Cdecl]<int, byte*> statusString;
    private readonly delegate* unmanaged[Cdecl]<byte*, nuint, nuint> lastError;
    private readonly nint handle;
    private static readonly Lazy<PublishedLibrary> Loaded = new(() => new(Environment.GetEnvironmentVariable("NATIVECONV_LIBRARY") ?? Repository.Library));

    private PublishedLibrary(string path)
    {
        handle = NativeLibrary.Load(path);
        ConvDescInit = (delegate* unmanaged[Cdecl]<NcConvDesc*, nuint, int, int, int>)Function("nc_conv_desc_init");
        PlanCreate = (delegate* unmanaged[Cdecl]<NcConvDesc*, void**, int>)Function("nc_plan_create");
        PlanDestroy = (delegate* unmanaged[Cdecl]<void*, void>)Function("nc_plan_destroy");
        PlanPassInfo = (delegate* unmanaged[Cdecl]<void*, int, NcPassInfo*, int>)Function("nc_plan_pass_info");
        PackWeights = (delegate* unmanaged[Cdecl]<void*, int, void*, void*, nuint, int>)Function("nc_pack_weights");
        AbiVersion = (delegate* unmanaged[Cdecl]<uint>)Function("nc_abi_version");
        numericsVersion = (delegate* unmanaged[Cdecl]<uint>)Function("nc_numerics_version");
        version = (delegate* unmanaged[Cdecl]<byte*>)Function("nc_version");
        isa = (delegate* unmanaged[Cdecl]<byte*>)Function("nc_isa");
        statusString = (delegate* unmanaged[Cdecl]<int, byte*>)Function("nc_status_string");
        lastError = (delegate* unmanaged[Cdecl]<byte*, nuint, nuint>)Function("nc_last_error");
    }

    /// <summary>The library of this process: NATIVECONV_LIBRARY, or what build.ps1 left in artifacts.</summary>
    /// <exception cref="DllNotFoundException">there is none</exception>
    public static PublishedLibrary Instance => Loaded.Value;

    /// <summary>"0.1.0"</summary>
    public string Version => Text(version());

    /// <summary>"avx512", "avx2", "neon", "portable"</summary>
    public string Isa => Text(isa());

    public uint NumericsVersion => numericsVersion();

    /// <summary>A function, by its name in nativeconv.h.</summary>
    public nint Function(string name) => NativeLibrary.GetExport(handle, name);

    /// <summary>Throws unless a call succeeded.</summary>
    public void Check(int status)
    {
        if (status == NcStatus.Ok) return;
        var message = new byte[1024];
        fixed (byte* buffer = message)
        {
            lastError(buffer, (nuint)message.Length);
            throw new InvalidOperationException($"{Text(statusString(status))}: {Text(buffer)}");
        }
    }

    /// <summary>A terminated string.</summary>
    public static string Text(byte* text) => Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
}
