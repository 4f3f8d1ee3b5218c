namespace NativeConv.Bench.Reporting;

/// <summary>What figures were measured on, and with which versions.</summary>
/// <param name="Cpu">name, family and model</param>
/// <param name="Cores">logical processors that the process may use</param>
/// <param name="System">the operating system</param>
/// <param name="Runtime">the .NET that ran the managed engine and the limit's loop</param>
/// <param name="Library">nc_version</param>
/// <param name="Numerics">nc_numerics_version</param>
/// <param name="PyTorch">version of libtorch; empty where it is not there</param>
/// <param name="OnnxRuntime">its version; empty where it is not there</param>
/// <param name="Date">day of the run</param>
internal sealed record Machine(string Cpu, int Cores, string System, string Runtime, string Library, uint Numerics, string PyTorch, string OnnxRuntime, string Date)
{
    public override string ToString() => $"{Cpu}, {Cores} cores, {System}, {Runtime}, NativeConv {Library} (numerics {Numerics}), " +
        $"PyTorch {(PyTorch == "" ? "-" : PyTorch)}, ONNX Runtime {(OnnxRuntime == "" ? "-" : OnnxRuntime)}, {Date}";
}
