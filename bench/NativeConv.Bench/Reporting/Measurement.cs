namespace NativeConv.Bench.Reporting;

/// <summary>One figure: a pass of a layer, computed by one engine with one instruction set.</summary>
/// <param name="Isa">"avx512"</param>
/// <param name="Shape">the line of bench/shapes</param>
/// <param name="Name">net:layer</param>
/// <param name="Batch">images</param>
/// <param name="Family">what summaries are grouped by</param>
/// <param name="Type">"f32"</param>
/// <param name="Pass">"forward"</param>
/// <param name="Engine">"library"</param>
/// <param name="Threads">that it might use</param>
/// <param name="Milliseconds">of one run; the median of all rounds</param>
/// <param name="Gflops">from that time and the products of the plain algorithm</param>
/// <param name="LimitGflops">what the register-only loop reached in between, times the threads; the median</param>
/// <param name="OfLimit">the median of each round's ratio to the limit of that round</param>
/// <param name="Spread">between the quartiles of these ratios: how far the figure can be trusted</param>
/// <param name="WorkspaceBytes">for one thread</param>
/// <param name="Algorithm">its name in nc_explain</param>
/// <param name="Against">for each other engine of the same pass its time in units of this one's; the median of each round's ratio; not for wrong ones</param>
/// <param name="IsWidest">the machine has no wider instruction set: no engine can have used one</param>
/// <param name="IsWrong">a peer whose results are not the library's within rounding: nothing is compared with it</param>
internal sealed record Measurement(
    string Isa,
    string Shape,
    string Name,
    long Batch,
    string Family,
    string Type,
    string Pass,
    string Engine,
    int Threads,
    double Milliseconds,
    double Gflops,
    double LimitGflops,
    double OfLimit,
    double Spread,
    long WorkspaceBytes,
    string Algorithm,
    IReadOnlyDictionary<string, double> Against,
    bool IsWidest = false,
    bool IsWrong = false);
