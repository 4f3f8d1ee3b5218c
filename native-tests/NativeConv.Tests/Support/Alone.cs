using Xunit;

namespace NativeConv.Tests.Support;

/// <summary>
/// Tests that run after all others, one at a time. A garbage collection that another test causes would give the rest of a thread's allocation buffer
/// back, which counts as allocated (GC.GetAllocatedBytesForCurrentThread).
/// </summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
