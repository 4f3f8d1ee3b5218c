// ns for a call of NativeConv.Interop, and for the same call through a function pointer, in turn.
using System.Diagnostics;
using System.Runtime.InteropServices;
using NativeConv.Interop;

const int Rounds = 2000;
const int Calls = 200;

unsafe
{
    var layer = new Layer(Kind.Conv, 1) { InChannels = 1, OutChannels = 1, Kernel = 1 };
    using var plan = new Plan<float>(layer);
    float[] x = new float[1], w = new float[1], y = new float[1];
    var options = new ExecOptions { NumThreads = 1 };
    options.Workspace = plan.CreateWorkspace(Pass.Forward, options);

    var library = NativeLibrary.Load(Environment.GetEnvironmentVariable("NATIVECONV_LIBRARY")!);
    var create = (delegate* unmanaged[Cdecl]<NcConvDesc*, void**, int>)NativeLibrary.GetExport(library, "nc_plan_create");
    var forward = (delegate* unmanaged[Cdecl]<void*, void*, void*, void*, void*, NcExec*, int>)NativeLibrary.GetExport(library, "nc_conv_forward");
    var desc = layer.Desc;
    void* handle;
    if (create(&desc, &handle) != 0)
    {
        return 1;
    }

    var memory = (float*)NativeMemory.AlignedAlloc(1024 + (nuint)options.Workspace.Bytes, 64);
    new Span<float>(memory, 256).Clear();
    var exec = new NcExec { StructSize = (uint)sizeof(NcExec), NumThreads = 1, Workspace = memory + 256, WorkspaceBytes = (nuint)options.Workspace.Bytes };
    double raw = double.MaxValue, binding = double.MaxValue;
    for (var round = 0; round < Rounds; round++)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Calls; i++)
        {
            if (forward(handle, memory, memory + 64, null, memory + 128, &exec) != 0)
            {
                return 1;
            }
        }

        raw = Math.Min(raw, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Calls);
        start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Calls; i++)
        {
            plan.Forward(x, w, default, y, options);
        }

        binding = Math.Min(binding, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Calls);
    }

    Console.WriteLine($".NET {binding:F0}, raw {raw:F0}");
    return 0;
}
