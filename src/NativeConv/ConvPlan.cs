using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Planning;
using NativeConv.Problem;
using NativeConv.Threading;

namespace NativeConv;

/// <summary>
/// A layer, planned once and executed any number of times, from any number of threads at once. Buffers are dense, in the shapes that <see cref="ConvDescriptor"/>
/// gives, of <see cref="float"/> or <see cref="double"/> as its element type says. Executions allocate no managed memory.
/// </summary>
public sealed unsafe class ConvPlan : IDisposable
{
    private readonly int threads;
    private Plan* plan;

    private ConvPlan(Plan* plan, int threads)
    {
        this.plan = plan;
        this.threads = threads;
    }

    ~ConvPlan() => Free();

    /// <summary>Plans a layer for the widest vectors of this processor.</summary>
    /// <param name="descriptor">the layer</param>
    /// <param name="threads">threads of an execution, its caller included; the others come from a pool of the process. Bits do not depend on it.</param>
    /// <exception cref="ArgumentException">the descriptor makes no convolution; the message begins with the field</exception>
    /// <exception cref="NotSupportedException">it is legal, but not in this version; or the processor has no fused multiply-add</exception>
    /// <exception cref="OutOfMemoryException">no memory for the plan's tables</exception>
    public static ConvPlan Create(in ConvDescriptor descriptor, int threads = 1) =>
        Create(descriptor, new PlanOptions(IsaSupport.Best ?? throw new NotSupportedException("this processor has no fused multiply-add in hardware")), threads);

    /// <summary>Plans a layer for chosen kernels: what tests force.</summary>
    internal static ConvPlan Create(in ConvDescriptor descriptor, PlanOptions options, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Span<byte> words = stackalloc byte[512];
        var message = new Message(words);
        var fault = Planner.Create(descriptor, options, out var plan, ref message);
        return fault switch
        {
            Fault.None => new ConvPlan(plan, threads),
            Fault.Unsupported => throw new NotSupportedException(message.ToString()),
            Fault.OutOfMemory => throw new OutOfMemoryException(message.ToString()),
            _ => throw new ArgumentException(message.ToString(), nameof(descriptor)),
        };
    }

    /// <summary>Sizes of y along the spatial axes.</summary>
    public SpatialArray OutputShape
    {
        get
        {
            var geometry = Alive->Geometry;
            var shape = default(SpatialArray);
            for (var axis = 0; axis < Axes.Count; axis++)
            {
                shape[axis] = axis < geometry.Rank ? geometry.Output[Axes.Count - geometry.Rank + axis] : 1;
            }

            return shape;
        }
    }

    /// <summary>Numbers in x and dx.</summary>
    public long InputLength => Alive->Geometry.InputElements;

    /// <summary>Numbers in y and dy.</summary>
    public long OutputLength => Alive->Geometry.OutputElements;

    /// <summary>Numbers in w and dw.</summary>
    public long WeightLength => Alive->Geometry.WeightElements;

    /// <summary>Bytes of workspace that one execution of a pass needs.</summary>
    public long WorkspaceBytes(ConvPass pass) => PassWorkspace.Bytes(Engine.Plan.Pass(Alive, pass), threads, packed: false).Value;

    /// <summary>The name of the algorithm that computes a pass.</summary>
    public string AlgorithmName(ConvPass pass) => AlgorithmList.Name(Engine.Plan.Pass(Alive, pass)->Algorithm);

    /// <summary><c>y = h(conv(x, w) + bias + beta * y)</c></summary>
    /// <param name="x">(batch, in_channels, input...)</param>
    /// <param name="w">the weights</param>
    /// <param name="bias">(out_channels), or empty for none</param>
    /// <param name="y">(batch, out_channels, output...)</param>
    /// <param name="beta">0: y's old values are not read</param>
    /// <param name="workspace"><see cref="WorkspaceBytes"/>, or empty: allocated for the call</param>
    /// <exception cref="ArgumentException">a span of the wrong length</exception>
    public void Forward<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> w, ReadOnlySpan<T> bias, Span<T> y, double beta = 0, Span<byte> workspace = default)
        where T : unmanaged
    {
        Check<T>(x.Length, InputLength, nameof(x));
        Check<T>(w.Length, WeightLength, nameof(w));
        Check<T>(bias.Length, bias.IsEmpty ? 0 : Alive->Geometry.OutChannels, nameof(bias));
        Check<T>(y.Length, OutputLength, nameof(y));
        fixed (T* px = x, pw = w, pb = bias, py = y)
        {
            Run(ConvPass.Forward, new CallArguments { X = px, W = pw, Bias = pb, Result = py, Addend = beta == 0 ? null : py, Beta = beta }, workspace);
        }
    }

    /// <summary><c>dx = alpha * (adjoint of the layer's linear part)(delta, w) + beta * dx</c>, delta = dy * h'.</summary>
    /// <param name="dy">gradient of y</param>
    /// <param name="w">the weights</param>
    /// <param name="y">what <see cref="Forward"/> wrote; may be empty without an activation</param>
    /// <param name="dx">gradient of x</param>
    /// <param name="alpha">scales the result</param>
    /// <param name="beta">0: dx's old values are not read</param>
    /// <param name="workspace"><see cref="WorkspaceBytes"/>, or empty: allocated for the call</param>
    /// <exception cref="ArgumentException">a span of the wrong length</exception>
    public void BackwardData<T>(
        ReadOnlySpan<T> dy, ReadOnlySpan<T> w, ReadOnlySpan<T> y, Span<T> dx, double alpha = 1, double beta = 0, Span<byte> workspace = default)
        where T : unmanaged
    {
        Check<T>(dy.Length, OutputLength, nameof(dy));
        Check<T>(w.Length, WeightLength, nameof(w));
        CheckY(y);
        Check<T>(dx.Length, InputLength, nameof(dx));
        fixed (T* pdy = dy, pw = w, py = y, pdx = dx)
        {
            var arguments = new CallArguments { Dy = pdy, W = pw, Y = py, Result = pdx, Addend = beta == 0 ? null : pdx, Alpha = alpha, Beta = beta };
            Run(ConvPass.BackwardData, arguments, workspace);
        }
    }

    /// <summary><c>dw = alpha * gradient + beta * dw</c>, and db likewise.</summary>
    /// <param name="x">what forward read; may be empty if dw is</param>
    /// <param name="dy">gradient of y</param>
    /// <param name="y">what <see cref="Forward"/> wrote; may be empty without an activation</param>
    /// <param name="dw">gradient of w; empty: not wanted</param>
    /// <param name="db">gradient of the bias; empty: not wanted</param>
    /// <param name="alpha">scales the results</param>
    /// <param name="beta">0: old values are not read</param>
    /// <param name="workspace"><see cref="WorkspaceBytes"/>, or empty: allocated for the call</param>
    /// <exception cref="ArgumentException">a span of the wrong length</exception>
    public void BackwardWeights<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> dy, ReadOnlySpan<T> y, Span<T> dw, Span<T> db, double alpha = 1, double beta = 0, Span<byte> workspace = default)
        where T : unmanaged
    {
        Check<T>(x.Length, dw.IsEmpty ? x.Length : InputLength, nameof(x));
        Check<T>(dy.Length, OutputLength, nameof(dy));
        CheckY(y);
        Check<T>(dw.Length, dw.IsEmpty ? 0 : WeightLength, nameof(dw));
        Check<T>(db.Length, db.IsEmpty ? 0 : Alive->Geometry.OutChannels, nameof(db));
        fixed (T* px = x, pdy = dy, py = y, pdw = dw, pdb = db)
        {
            // Any pointer that is not null: the gradients themselves are the addends.
            var addend = beta == 0 ? null : pdw != null ? pdw : pdb;
            var arguments = new CallArguments
            {
                X = px,
                Dy = pdy,
                Y = py,
                WeightGradient = pdw,
                BiasGradient = pdb,
                Addend = addend,
                Alpha = alpha,
                Beta = beta,
            };
            Run(ConvPass.BackwardWeights, arguments, workspace);
        }
    }

    /// <summary><c>delta = dy * h'</c>: what the backward passes read.</summary>
    /// <exception cref="ArgumentException">a span of the wrong length</exception>
    public void ActivationBackward<T>(ReadOnlySpan<T> dy, ReadOnlySpan<T> y, Span<T> delta)
        where T : unmanaged
    {
        Check<T>(dy.Length, OutputLength, nameof(dy));
        CheckY(y);
        Check<T>(delta.Length, OutputLength, nameof(delta));
        fixed (T* pdy = dy, py = y, pdelta = delta)
        {
            Executor.RunDelta(Alive, new CallArguments { Dy = pdy, Y = py, Result = pdelta, Runner = { Threads = 1 } });
        }
    }

    /// <summary>Frees the plan. No execution may be running.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    internal Plan* Alive => plan != null ? plan : throw new ObjectDisposedException(nameof(ConvPlan));

    private void Run(ConvPass pass, CallArguments arguments, Span<byte> workspace)
    {
        var needed = WorkspaceBytes(pass);
        if (!workspace.IsEmpty && workspace.Length < needed)
        {
            throw new ArgumentException($"workspace: {workspace.Length} bytes, expected {needed}", nameof(workspace));
        }

        var allocated = workspace.IsEmpty && needed > 0 ? NativeMemory.Alloc((nuint)needed) : null;
        fixed (byte* given = workspace)
        {
            var start = (nuint)(allocated != null ? allocated : given) + (WorkspaceBook.Alignment - 1);
            arguments.Workspace = (byte*)(start / WorkspaceBook.Alignment * WorkspaceBook.Alignment);
            arguments.Runner.Threads = Engine.Plan.Pass(Alive, pass)->IsSmall ? 1 : threads;
            arguments.Runner.ProcessId = Environment.ProcessId;
            arguments.Runner.PoolThreads = ManagedThreads.Calls;
            Executor.Run(Alive, pass, arguments);
        }

        NativeMemory.Free(allocated);
        GC.KeepAlive(this);
    }

    private void CheckY<T>(ReadOnlySpan<T> y)
        where T : unmanaged => Check<T>(y.Length, Alive->Geometry.DeltaReadsY ? OutputLength : y.Length, nameof(y));

    private void Check<T>(long length, long expected, string name)
        where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() != Alive->Geometry.ElementSize || (typeof(T) != typeof(float) && typeof(T) != typeof(double)))
        {
            throw new ArgumentException($"{name}: numbers of {typeof(T).Name}, expected {Alive->Geometry.Element}", name);
        }

        if (length != expected)
        {
            throw new ArgumentException($"{name}: {length} numbers, expected {expected}", name);
        }
    }

    private void Free()
    {
        Planner.Destroy(plan);
        plan = null;
    }
}
