using NativeConv.Kernels;

namespace NativeConv.Planning;

/// <summary>What a plan is made for besides its descriptor.</summary>
/// <param name="Isa">The kernels to call; must run on this processor.</param>
/// <param name="ForcedAlgorithm">A name from <see cref="AlgorithmList"/>: plans of passes that list it use it or fail; null: the first that accepts.</param>
internal readonly record struct PlanOptions(Isa Isa, string? ForcedAlgorithm = null);
