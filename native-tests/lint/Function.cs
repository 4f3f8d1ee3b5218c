namespace NativeConv.Lint;

/// <summary>A compiled method.</summary>
internal sealed record Function(string Name, IReadOnlyList<Instruction> Instructions);
