namespace NativeConv.Lint;

/// <summary>The lint's own tests: faultless tiles of 2 rows and 2 vectors (snippets/), each time with one instruction replaced.</summary>
internal static class Snippets
{
    private static readonly Case[] Tiles =
    [
        new("x64", "a vector is loaded from the stack before the loop", "vxorps %ymm3,%ymm3,%ymm3", "vmovups -0x40(%rbp),%zmm3"),
        new("x64", "a vector is stored on the stack after the loop", "vmovaps %zmm0,%zmm4", "vmovups %zmm0,-0x40(%rbp)"),
        new("x64", "a function is called after the loop", "vzeroupper", "call   c1230"),
        new("x64", "an outer loop has a vector on the stack", "vmovaps %zmm0,%zmm4", "vmovups -0x40(%rbp),%zmm4\n   c2caa:\tjmp    c2c44"),
        new("x64", "a pointer is on the stack in the loop", "mov    (%rdx),%rax", "mov    -0x8(%rbp),%rax"),
        new("x64", "rbp is an index", "vbroadcastss 0x4(%rdi),%zmm6", "vbroadcastss (%rdi,%rbp,4),%zmm6"),
        new("x64", "a loop of 1x2 is unrolled twice", "Size2__NativeConv_NativeConv_Kernels_Tiles_Size2>__Run>:", "Size1__NativeConv_NativeConv_Kernels_Tiles_Size2>__Run>:"),

        new("x64", "a vector is loaded from the stack", "vmovups 0x40(%rax),%zmm5", "vmovups -0x40(%rbp),%zmm5", "a vector on the stack: c2c66: vmovups -0x40(%rbp),%zmm5"),
        new("x64", "a vector is stored on the stack", "vmovups 0x40(%rax),%zmm5", "vmovups %zmm5,0x40(%rsp)", "a vector on the stack: c2c66: vmovups %zmm5,0x40(%rsp)"),
        new("x64", "two vectors are on the stack", "vmovups (%rax),%zmm4", "vmovups -0x40(%rbp),%zmm4\n   c2c65:\tvmovups %zmm4,-0x40(%rbp)",
            "a vector on the stack: c2c60: vmovups -0x40(%rbp),%zmm4, and 1 more"),
        new("x64", "a number on the stack is broadcast", "vfmadd231ps %zmm6,%zmm5,%zmm3", "vfmadd231ps 0x8(%rsp){1to16},%zmm5,%zmm3",
            "a vector on the stack: c2c8c: vfmadd231ps 0x8(%rsp){1to16},%zmm5,%zmm3"),
        new("x64", "a function is called", "vbroadcastss 0x4(%rdi),%zmm6", "call   c1230 <memcpy>", "a call: c2c7f: call c1230"),
        new("x64", "a function is called through a pointer", "vbroadcastss 0x4(%rdi),%zmm6", "call   *%rax", "a call: c2c7f: call *%rax"),
        new("x64", "a function is called behind a continue", "add    $0x8,%rdi", "je     c2c59\n   c2c94:\tcall   c1230", "a call: c2c94: call c1230"),
        new("x64", "a vector is half as wide", "vfmadd231ps %zmm6,%zmm5,%zmm3", "vfmadd231ps %ymm6,%ymm5,%ymm3", "not of ps zmm: c2c8c: vfmadd231ps %ymm6,%ymm5,%ymm3"),
        new("x64", "a product is of doubles", "vfmadd231ps %zmm6,%zmm5,%zmm3", "vfmadd231pd %zmm6,%zmm5,%zmm3", "not of ps zmm: c2c8c: vfmadd231pd %zmm6,%zmm5,%zmm3"),
        new("x64", "a product is scalar", "vfmadd231ps %zmm6,%zmm5,%zmm3", "vfmadd231ss %xmm6,%xmm5,%xmm3", "not of ps zmm: c2c8c: vfmadd231ss %xmm6,%xmm5,%xmm3"),
        new("x64", "a product is not added", "vfmadd231ps %zmm6,%zmm5,%zmm3", "vmulps %zmm6,%zmm5,%zmm3", "3 fused multiply-adds, expected 4"),
        new("x64", "there is no loop", "jne    c2c59", "jne    c2c9f", "no loop with a fused multiply-add"),
        new("x64", "the name does not tell the columns", "_Size2>__Run>:", "_Wide>__Run>:", "its name does not tell element, width, rows and columns"),

        new("arm64", "a vector is loaded from the stack before the loop", "movi	v19.4s, #0x0", "ldr	q19, [sp, #16]"),
        new("arm64", "vectors are stored on the stack after the loop", "stp	q20, q21, [x4]", "stp	q20, q21, [sp]"),
        new("arm64", "a pointer is on the stack in the loop", "ldr	x7, [x2], #8", "ldr	x7, [x29, #24]"),
        new("arm64", "a vector is loaded from the stack", "ldp	q20, q21, [x7]", "ldp	q20, q21, [x29, #16]", "a vector on the stack: b1068: ldp q20, q21, [x29, #16]"),
        new("arm64", "a vector is stored on the stack", "ldr	d22, [x0, #8]", "str	q22, [sp, #16]!", "a vector on the stack: b107c: str q22, [sp, #16]!"),
        new("arm64", "a number is loaded from the stack", "ldr	d22, [x0, #8]", "ldr	d22, [sp, #8]", "a vector on the stack: b107c: ldr d22, [sp, #8]"),
        new("arm64", "a function is called", "add	x0, x0, #0x10", "bl	a0000 <memcpy>", "a call: b108c: bl a0000"),
        new("arm64", "a function is called through a pointer", "add	x0, x0, #0x10", "blr	x8", "a call: b108c: blr x8"),
        new("arm64", "a product is of floats", "fmla	v19.2d, v21.2d, v22.2d", "fmla	v19.4s, v21.4s, v22.4s", "not of 2d: b1088: fmla v19.4s, v21.4s, v22.4s"),
        new("arm64", "a product is scalar", "fmla	v19.2d, v21.2d, v22.2d", "fmadd	d19, d21, d22, d19", "not of 2d: b1088: fmadd d19, d21, d22, d19"),
        new("arm64", "a product takes a lane", "fmla	v19.2d, v21.2d, v22.2d", "fmla	v19.2d, v21.2d, v22.d[1]"),
        new("arm64", "a product is not added", "fmla	v19.2d, v21.2d, v22.2d", "fmul	v19.2d, v21.2d, v22.2d", "3 fused multiply-adds, expected 4"),
        new("arm64", "there is no loop", "cbnz	x3, b1060", "cbnz	x3, b1098", "no loop with a fused multiply-add"),
    ];

    private static readonly Case[] Libraries =
    [
        new("x64", "a library has tiles of floats only", "push   %rbp", "push   %rbp", "no PlaneTile double 512 bits"),
        new("x64", "a library has no names", "_Run>:", "_Walk>:", "no tiles; are its symbols (.dbg) next to it?"),
    ];

    private const string TileOfX64 = "NativeConv_NativeConv_Kernels_Tiles_PlaneTile_5<Single__S_P_CoreLib_System_Runtime_Intrinsics_Vector512_1<Single>__NativeConv_NativeConv_Kernels_Lanes_Lanes512_1<Single>__NativeConv_NativeConv_Kernels_Tiles_Size2__NativeConv_NativeConv_Kernels_Tiles_Size2>__Run";

    private static readonly Case[] Allocations =
    [
        new("x64", "a function that is no allocator is called", "vzeroupper", "call   c1230"),
        new("x64", "an object is made", "ret", "call   c2d10\n   c2d04:\tret\n\n00000000000c2d10 <RhpNewFast>:\n   c2d10:\tret", $"{TileOfX64} allocates: c2cff: call c2d10"),
    ];

    /// <summary>Each case with what the lint finds wrong about it, or should find and does not.</summary>
    public static IEnumerable<(string Name, IEnumerable<string> Faults)> Judge() =>
    [
        .. Tiles.Select(test => test.Compare(library => library.Tiles.SelectMany(tile => tile.Faults))),
        .. Libraries.Select(test => test.Compare(library => library.Faults)),
        .. Allocations.Select(test => test.Compare(library => library.Allocations)),
    ];

    /// <summary>A snippet, what is changed in it and the one fault that the lint must find then; null for none.</summary>
    private sealed record Case(string Snippet, string Name, string Instruction, string Instead, string? Fault = null)
    {
        public (string Name, IEnumerable<string> Faults) Compare(Func<Library, IEnumerable<string>> judge)
        {
            var expected = Fault is null ? "no fault" : $"'{Fault}'";
            var parts = ReadSnippet().Split(Instruction);
            if (parts.Length != 2) throw new FormatException($"'{Instruction}' is not once in the snippet {Snippet}");
            var faults = judge(new(Disassembly.Read(new StringReader(parts[0] + Instead + parts[1])), 512)).ToList();
            return ($"{Snippet}: {Name}: {expected}", faults.SequenceEqual(Fault is null ? [] : [Fault]) ? [] : faults.DefaultIfEmpty("no fault"));
        }

        private string ReadSnippet()
        {
            using var reader = new StreamReader(typeof(Snippets).Assembly.GetManifestResourceStream(Snippet)!);
            return reader.ReadToEnd();
        }
    }
}
