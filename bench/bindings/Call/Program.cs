// ns for a call of NativeConv.Interop.
using System.Diagnostics;
using NativeConv.Interop;

using var plan = new Plan<float>(new Layer(Kind.Conv, 1) { InChannels = 1, OutChannels = 1, Kernel = 1 });
float[] x = new float[1], w = new float[1], y = new float[1];
var options = new ExecOptions { NumThreads = 1 };
options.Workspace = plan.CreateWorkspace(Pass.Forward, options);
var best = double.MaxValue;
for (var round = 0; round < 2000; round++)
{
    var start = Stopwatch.GetTimestamp();
    for (var i = 0; i < 200; i++)
    {
        plan.Forward(x, w, default, y, options);
    }

    best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / 200);
}

Console.WriteLine($".NET {best:F0}");
