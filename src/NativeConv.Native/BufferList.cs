using System.Runtime.CompilerServices;
using NativeConv.Problem;

namespace NativeConv.Native;

/// <summary>
/// The caller's buffers of one call, each checked as it is added: there if it is needed, aligned, and, if anything is written to it, apart from all others.
/// </summary>
internal unsafe struct BufferList
{
    // x or dy, w, bias or y, result or dw, db, addend, packed weights, workspace.
    private const int Capacity = 8;

    private readonly int elementSize;
    private Storage buffers;
    private int count;

    /// <param name="elementSize">bytes of the layer's numbers</param>
    public BufferList(int elementSize)
    {
        this.elementSize = elementSize;
    }

    /// <summary>The first thing found wrong; 0: nothing.</summary>
    public int Status { get; private set; }

    /// <summary>Adds a tensor that is read; empty ones are not looked at.</summary>
    public void Input(void* pointer, long elements, scoped ReadOnlySpan<byte> name, ref Message message) =>
        Add(pointer, (nuint)elements * (nuint)elementSize, elementSize, written: false, name, ref message);

    /// <summary>Adds a tensor that is written; empty ones are not looked at.</summary>
    public void Output(void* pointer, long elements, scoped ReadOnlySpan<byte> name, ref Message message) =>
        Add(pointer, (nuint)elements * (nuint)elementSize, elementSize, written: true, name, ref message);

    /// <summary>Adds memory of the library's own use.</summary>
    public void Bytes(void* pointer, nuint bytes, bool written, scoped ReadOnlySpan<byte> name, ref Message message) =>
        Add(pointer, bytes, alignment: 1, written, name, ref message);

    private void Add(void* pointer, nuint bytes, int alignment, bool written, scoped ReadOnlySpan<byte> name, ref Message message)
    {
        if (Status != NcStatus.Ok || bytes == 0)
        {
            return;
        }

        if (pointer == null)
        {
            Status = Validate.Null(ref message, name);
            return;
        }

        if ((nuint)pointer % (nuint)alignment != 0)
        {
            Status = Validate.Misaligned(ref message, name, alignment);
            return;
        }

        var buffer = new Buffer((nuint)pointer, bytes, written);
        for (var i = 0; i < count; i++)
        {
            if (buffer.Overlaps(buffers[i]))
            {
                message.Add(name);
                message.Add(written && !buffers[i].Written ? ": written, and overlaps an input"u8
                    : written ? ": overlaps an output or the workspace"u8
                    : ": overlaps an output"u8);
                message.Add(" ("u8);
                message.Add((long)bytes);
                message.Add(" bytes here, "u8);
                message.Add((long)buffers[i].Bytes);
                message.Add(" there)"u8);
                Status = NcStatus.Overlap;
                return;
            }
        }

        buffers[count++] = buffer;
    }

    [InlineArray(Capacity)]
    private struct Storage
    {
        private Buffer first;
    }

    private readonly record struct Buffer(nuint Start, nuint Bytes, bool Written)
    {
        /// <summary>The two share bytes and one of them is written.</summary>
        public bool Overlaps(Buffer other) =>
            (Written || other.Written) && (Start < other.Start ? other.Start - Start < Bytes : Start - other.Start < other.Bytes);
    }
}
