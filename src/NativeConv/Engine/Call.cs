using NativeConv.Kernels;
using NativeConv.Kernels.Elementwise;
using NativeConv.Packing;
using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>One execution, as its caller says it: buffers and scalars. Checked before it gets here.</summary>
internal unsafe struct CallArguments
{
    public void* X;
    public void* Dy;

    /// <summary>What forward wrote; null where the rule does not read it.</summary>
    public void* Y;

    /// <summary>May be null with <see cref="Packed"/>.</summary>
    public void* W;

    /// <summary>Packed weights without their header; null: pack in the workspace.</summary>
    public void* Packed;

    /// <summary>Not all packed weights are finite.</summary>
    public bool HasInfinite;

    public void* Bias;

    /// <summary>y or dx.</summary>
    public void* Result;

    /// <summary>dw; null: not wanted.</summary>
    public void* WeightGradient;

    /// <summary>db; null: not wanted.</summary>
    public void* BiasGradient;

    /// <summary>What <see cref="Beta"/> scales; null: not read.</summary>
    public void* Addend;

    public double Alpha;
    public double Beta;

    /// <summary>Aligned to <see cref="WorkspaceBook.Alignment"/>.</summary>
    public byte* Workspace;

    public StageRunner Runner;
}

/// <summary>The same with types, and what every stage of it reads.</summary>
internal unsafe struct Call<T>
    where T : unmanaged
{
    public Plan* Plan;
    public PassPlan* Pass;
    public KernelSet<T>* Kernels;
    public ChannelReader<T> X;

    /// <summary>Reads delta, not dy.</summary>
    public ChannelReader<T> Dy;

    public T* W;
    public T* Packed;

    /// <summary>Not 0: not all weights are finite. Workers that pack set it, never to 0.</summary>
    public int HasInfinite;

    public T* Result;
    public T* WeightGradient;
    public T* BiasGradient;

    /// <summary>Of the result; of dw and db too, where it means the gradients themselves.</summary>
    public T* Addend;

    /// <summary>The bias of channel 0, and the scalars; rows and addend are set for each tile.</summary>
    public FinishArgs<T> Finish;

    /// <summary>Finishes rows of sums: forward with the activation, backward without.</summary>
    public delegate*<T*, nint, T*, nint, nint, nint, FinishArgs<T>*, void> FinishRows;

    /// <summary>What <see cref="FinishRows"/> does includes an activation.</summary>
    public bool Activates;

    public byte* Workspace;

    /// <summary>The first worker's slice of the workspace: behind what is shared, which packed weights make smaller.</summary>
    public byte* Workers;

    /// <summary>The slice of the workspace that belongs to a worker.</summary>
    public readonly byte* Worker(int worker) => Workers + (worker * Pass->WorkerBytes);
}
