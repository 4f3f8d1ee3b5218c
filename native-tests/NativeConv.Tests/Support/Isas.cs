using NativeConv.Kernels;

namespace NativeConv.Tests.Support;

/// <summary>The vector widths that this machine can run.</summary>
internal static class Isas
{
    public static IReadOnlyList<Isa> Available { get; } = [.. Enum.GetValues<Isa>().Where(IsaSupport.CanRun)];
}
