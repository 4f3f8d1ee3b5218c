using System.Runtime.InteropServices;

namespace NativeConv.Bench.Measuring;

/// <summary>One pass of one layer, computed by somebody.</summary>
internal abstract unsafe class Layer : Subject
{
    protected Layer(LayerBuffers buffers, ConvPass pass)
    {
        Buffers = buffers;
        Pass = pass;
    }

    /// <summary>Who computes: the first word of a result.</summary>
    public abstract string Engine { get; }

    public ConvPass Pass { get; }

    public override double Flops => Buffers.Shape.Flops;

    /// <summary>Bytes of workspace for one thread.</summary>
    public abstract long WorkspaceBytes { get; }

    /// <summary>The name that the engine gives its algorithm.</summary>
    public abstract string Algorithm { get; }

    /// <summary>Its results are not those of the first engine: nothing is compared with it.</summary>
    public bool IsWrong { get; set; }

    /// <summary>Copies the last run's results to the buffers, if they are not there.</summary>
    public virtual void Publish()
    {
    }

    protected LayerBuffers Buffers { get; }

    protected byte* Workspace { get; private set; }

    public override void Dispose() => NativeMemory.AlignedFree(Workspace);

    /// <summary>Gets the workspace: done once, so that no run allocates.</summary>
    protected void AllocateWorkspace() => Workspace = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(WorkspaceBytes, 1), 64);
}
