// ns for a call of NativeConv.Interop.
using System.Diagnostics;
using NativeConv.Interop;

using var plan = new Plan<float>(new Layer(Kind.Conv, (8, 8)) { InChannels = 1, OutChannels = 1, Kernel = 3 });
float[] x = new float[64], w = new float[9], y = new float[36];
var options = new ExecOptions { NumThreads = 1 };
options.Workspace = plan.CreateWorkspace(Pass.Forward, options);
var best = double.MaxValue;
for (var round = 0; round < 20; round++)
{
    var start = Stopwatch.GetTimestamp();
    for (var i = 0; i < 20000; i++)
    {
        plan.Forward(x, w, default, y, options);
    }

    best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / 20000);
}

Console.WriteLine($".NET {best:F0}");
