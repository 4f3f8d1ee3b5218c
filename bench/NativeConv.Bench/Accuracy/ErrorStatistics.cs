namespace NativeConv.Bench.Accuracy;

/// <summary>Errors in units of 2^-24 (f64: 2^-53) times the sum of magnitudes: the c of docs/design.md's bound.</summary>
/// <param name="Largest">the largest of them</param>
/// <param name="Rms">the square root of the mean of their squares</param>
/// <param name="Results">results that were judged</param>
/// <param name="Products">products of the longest sum among them</param>
/// <param name="Algorithms">the algorithms that were run, all with the same bits; the one that the planner chooses is first</param>
internal sealed record ErrorStatistics(double Largest, double Rms, long Results, long Products, IReadOnlyList<string> Algorithms);
