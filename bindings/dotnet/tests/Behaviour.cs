// Both packages, used as a program would; prints `ok NAME` and `not ok NAME: why`. With the argument `refusals`: what a user reads where the library is missing or too old, or
// the processor too old. build.ps1 compiles it against the packed files.
using System.Runtime.InteropServices;
using NativeConv.Interop;
using Engine = NativeConv;

if (args is ["refusals"])
{
    Refusal(() => new Layer(Kind.Conv, 9));
    Refusal(() => Engine.ConvPlan.Create(default));
    return 0;
}

var failures = 0;
Test("the same bits from both packages, in floats", BothPackages<float>);
Test("the same bits from both packages, in doubles", BothPackages<double>);
Test("workspace, packed weights, addend", Options);
Test("calls with a workspace allocate nothing", Allocations);
Test("one plan, many threads", ManyThreads);
Test("parallel_for on .NET's own threads", JobSystem);
Test("pointers", Pointers);
Test("information", Information);
Test("bad input of NativeConv.Interop", BadInput);
Test("bad input of NativeConv", BadInputOfTheEngine);
Test("plans that nobody disposed of", Abandoned);
return failures == 0 ? 0 : 1;

void Test(string name, Action run)
{
    try
    {
        run();
        Console.WriteLine($"ok .NET: {name}");
    }
    catch (Exception fault)
    {
        failures++;
        Console.WriteLine($"not ok .NET: {name}: {fault.ToString().ReplaceLineEndings(" | ")}");
    }
}

static void Refusal(Action action)
{
    try
    {
        action();
    }
    catch (Exception fault)
    {
        Console.WriteLine($"{fault.GetType().Name}: {fault.Message}");
    }
}

static void Expect(bool condition, string why)
{
    if (!condition)
    {
        throw new InvalidOperationException(why);
    }
}

static TException Throws<TException>(Action action, string start)
    where TException : Exception
{
    try
    {
        action();
    }
    catch (TException fault)
    {
        Expect(fault.Message.StartsWith(start, StringComparison.Ordinal), $"the message is {fault.Message}");
        return fault;
    }

    throw new InvalidOperationException($"nothing was thrown, expected {typeof(TException).Name}: {start}");
}

// Numbers of both signs, from -1 to 1.
static T[] Some<T>(long count, int seed)
    where T : unmanaged, System.Numerics.IFloatingPoint<T>
{
    var random = new Random(seed);
    return [.. Enumerable.Range(0, (int)count).Select(_ => T.CreateTruncating((random.NextDouble() * 2) - 1))];
}

static void BothPackages<T>()
    where T : unmanaged, System.Numerics.IFloatingPoint<T>
{
    foreach (var kind in Enum.GetValues<Kind>())
    {
        for (var rank = 1; rank <= 3; rank++)
        {
            long[] input = [.. new long[] { 11, 8, 5 }.Take(rank)];
            var layer = new Layer(kind, input)
            {
                Batch = 2, InChannels = 6, OutChannels = 8, Groups = 2, Kernel = 3, Stride = 2, Dilation = 2, PadBegin = 2, PadEnd = 1, Activation = Activation.LeakyRelu, ActivationAlpha = 0.1,
            };
            var descriptor = new Engine.ConvDescriptor
            {
                Kind = (Engine.ConvKind)kind, Rank = rank, Element = typeof(T) == typeof(float) ? Engine.ElementType.Float32 : Engine.ElementType.Float64,
                Batch = 2, InChannels = 6, OutChannels = 8, Groups = 2, Activation = Engine.Activation.LeakyRelu, ActivationAlpha = 0.1,
            };
            for (var axis = 0; axis < rank; axis++)
            {
                (descriptor.Input[axis], descriptor.Kernel[axis], descriptor.Stride[axis], descriptor.Dilation[axis]) = (input[axis], 3, 2, 2);
                (descriptor.PadBegin[axis], descriptor.PadEnd[axis]) = (2, 1);
            }

            using var native = new Plan<T>(layer);
            using var managed = Engine.ConvPlan.Create(descriptor, threads: 2);
            Expect(native.XLength == managed.InputLength && native.WLength == managed.WeightLength && native.YLength == managed.OutputLength, "lengths");
            T[] x = Some<T>(native.XLength, 1), w = Some<T>(native.WLength, 2), bias = Some<T>(8, 3), dy = Some<T>(native.YLength, 4);
            T[] y = new T[dy.Length], dx = new T[x.Length], dw = new T[w.Length], db = new T[8], delta = new T[dy.Length];
            native.Forward(x, w, bias, y);
            native.BackwardData(dy, w, y, dx);
            native.BackwardWeights(x, dy, y, dw, db);
            native.ActivationBackward(dy, y, delta);
            T[] y2 = new T[dy.Length], dx2 = new T[x.Length], dw2 = new T[w.Length], db2 = new T[8], delta2 = new T[dy.Length];
            managed.Forward<T>(x, w, bias, y2);
            managed.BackwardData<T>(dy, w, y2, dx2);
            managed.BackwardWeights<T>(x, dy, y2, dw2, db2);
            managed.ActivationBackward<T>(dy, y2, delta2);
            Expect(y.Any(value => value != T.Zero) && dw.Any(value => value != T.Zero), "nothing was computed");
            Expect(y.SequenceEqual(y2) && dx.SequenceEqual(dx2) && dw.SequenceEqual(dw2) && db.SequenceEqual(db2) && delta.SequenceEqual(delta2), $"other bits: {kind}, rank {rank}");
        }
    }
}

static (Plan<float> Plan, float[] X, float[] W, float[] Bias, float[] Y) Common()
{
    var plan = new Plan<float>(new Layer(Kind.Conv, (40, 40)) { InChannels = 16, OutChannels = 24, Kernel = 3, Padding = 1, Activation = Activation.Relu });
    float[] x = Some<float>(plan.XLength, 5), w = Some<float>(plan.WLength, 6), bias = Some<float>(plan.BiasLength, 7), y = new float[plan.YLength];
    plan.Forward(x, w, bias, y, new ExecOptions { NumThreads = 1 });
    return (plan, x, w, bias, y);
}

static void Options()
{
    var (plan, x, w, bias, y) = Common();
    var got = new float[y.Length];
    var options = new ExecOptions { NumThreads = 2, PackedWeights = plan.PackWeights(Pass.Forward, w) };
    options.Workspace = plan.CreateWorkspace(Pass.Forward, options);
    plan.Forward(x, default, bias, got, options);
    Expect(got.SequenceEqual(y), "packed weights and a workspace: other bits");

    float[] dx = new float[x.Length], twice = new float[x.Length];
    plan.BackwardData(y, w, y, dx);
    plan.BackwardData(y, w, y, twice, new ExecOptions { Beta = 1 }, addend: dx);
    Expect(twice.Zip(dx).All(pair => pair.First == 2 * pair.Second), "result + addend is not twice the result");
    float[] dw = new float[w.Length], half = new float[w.Length];
    plan.BackwardWeights(x, y, y, dw, default);
    plan.BackwardWeights(x, y, y, half, default, new ExecOptions { Alpha = 0.5 });
    Expect(half.Zip(dw).All(pair => pair.First == pair.Second / 2), "alpha");

    using var small = new Plan<float>(new Layer(Kind.Conv, 4) { InChannels = 1, OutChannels = 1, Kernel = 1 });
    var tiny = new float[4];
    small.Forward([1.17549435e-38f, 1, 1, 1], [0.5f], default, tiny, new ExecOptions { FlushDenormals = true });
    Expect(tiny[0] == 0 && tiny[1] == 0.5f, "denormals are flushed");
}

static void Allocations()
{
    var (plan, x, w, bias, y) = Common();
    var options = new ExecOptions { NumThreads = 1 };
    options.Workspace = plan.CreateWorkspace(Pass.Forward, options);
    plan.Forward(x, w, bias, y, options);
    var before = GC.GetAllocatedBytesForCurrentThread();
    for (var i = 0; i < 10; i++)
    {
        plan.Forward(x, w, bias, y, options);
    }

    Expect(GC.GetAllocatedBytesForCurrentThread() == before, $"{GC.GetAllocatedBytesForCurrentThread() - before} bytes in ten calls");
}

static void ManyThreads()
{
    var (plan, x, w, bias, y) = Common();
    Parallel.For(0, 16, _ =>
    {
        var got = new float[y.Length];
        plan.Forward(x, w, bias, got);
        Expect(got.SequenceEqual(y), "other bits");
    });
}

static void JobSystem()
{
    var (plan, x, w, bias, y) = Common();
    var got = new float[y.Length];
    var batches = 0;
    plan.Forward(x, w, bias, got, new ExecOptions
    {
        NumThreads = 3,
        ParallelFor = (count, run) =>
        {
            batches++;
            Parallel.For(0, count, run);
        },
    });
    Expect(got.SequenceEqual(y) && batches > 0, $"{batches} batches, or other bits");
    var broken = new ExecOptions { NumThreads = 3, ParallelFor = (_, _) => throw new FormatException("no workers today") };
    var fault = Throws<InvalidOperationException>(() => plan.Forward(x, w, bias, got, broken), "ParallelFor failed: no workers today");
    Expect(fault.InnerException is FormatException, "the cause is lost");
    var idle = Throws<NativeConvException>(() => plan.Forward(x, w, bias, got, new ExecOptions { NumThreads = 3, ParallelFor = (_, _) => { } }), "parallel_for");
    Expect(idle.Status == Status.Parallel, idle.Status.ToString());
}

static unsafe void Pointers()
{
    var (plan, x, w, bias, y) = Common();
    var got = (float*)NativeMemory.Alloc((nuint)y.Length, sizeof(float));
    fixed (float* px = x, pw = w, pb = bias)
    {
        plan.Forward(px, pw, pb, got);
    }

    Expect(new ReadOnlySpan<float>(got, y.Length).SequenceEqual(y), "other bits");
    NativeMemory.Free(got);
}

static unsafe void Information()
{
    var (plan, _, _, _, _) = Common();
    var info = plan.Info(Pass.BackwardWeights);
    Expect(info.Flops == 2.0 * 40 * 40 * 24 * 16 * 9 && info.Stages > 0 && plan.Explain().Contains(info.AlgorithmName), plan.Explain());
    var layer = new Layer(Kind.Deconv, (4, 5)) { InChannels = 4, OutChannels = 6, Kernel = (3, 2), Stride = (2, 1), OutputPadding = (1, 0) };
    Expect(layer.OutputShape().SequenceEqual([10L, 6, 1]), string.Join(" ", layer.OutputShape()));
    var tensor = layer.Describe(TensorName.Y);
    Expect(tensor.Ndim == 4 && tensor.Shape[1] == 6 && tensor.Bytes == 6 * 10 * 6 * sizeof(float), $"{tensor.Ndim} {tensor.Shape[1]} {tensor.Bytes}");
    Expect(Library.Version.Split('.').Length == 3 && Library.AbiVersion >= Library.AbiVersionNeeded && Library.NumericsVersion > 0 && Library.Isa != "none", Library.Version);
    var threads = Library.NumThreads;
    Library.NumThreads = 3;
    Expect(Library.NumThreads == 3, "threads");
    Library.NumThreads = threads;
    Expect(Library.StatusString(Status.Overlap) == "NC_ERROR_OVERLAP", Library.StatusString(Status.Overlap));
}

static void BadInput()
{
    var (plan, x, w, bias, y) = Common();
    var shape = Throws<ArgumentException>(() => plan.Forward(x.AsSpan(1), w, bias, y), "25599 elements came, the layer has 25600");
    Expect(shape.ParamName == "x", $"{shape.ParamName}");
    Throws<ArgumentException>(() => plan.BackwardWeights(x, y, y, new float[3], default), "3 elements came, the layer has 3456");
    Throws<NativeConvException>(() => plan.BackwardData(y, w, default, new float[x.Length]), "y");
    Throws<NativeConvException>(() => plan.Forward(x, default, bias, y), "w");
    var overlap = Throws<NativeConvException>(() => plan.Forward(x, w, bias, y, addend: y.AsSpan(), options: new ExecOptions { Beta = double.NaN }), "beta");
    Expect(overlap.Status == Status.InvalidArgument && overlap.Message.EndsWith("(NC_ERROR_INVALID_ARGUMENT)", StringComparison.Ordinal), overlap.Message);
    Throws<NotSupportedException>(() => new Plan<int>(new Layer(Kind.Conv, 9)), "a plan is for float or double, not for Int32");
    Throws<ArgumentException>(() => new Layer(Kind.Conv, (9, 9)) { Kernel = (3, 3, 3) }, "3 numbers came, the layer has 2 spatial axes");
    Throws<ArgumentException>(() => new Layer(Kind.Conv, new long[4]), "4 numbers came");
    var kernel = Throws<NativeConvException>(() => new Plan<float>(new Layer(Kind.Conv, (9, 9)) { InChannels = 1, OutChannels = 1, Kernel = 12 }), "kernel[0]");
    Expect(kernel.Status == Status.InvalidShape, kernel.Status.ToString());
    Throws<NativeConvException>(() => Library.NumThreads = -1, "num_threads");

    using var one = new Plan<float>(new Layer(Kind.Conv, (40, 40)) { InChannels = 1, OutChannels = 1, Kernel = 3, Padding = 1 });
    var plane = new float[1600];
    Expect(Throws<NativeConvException>(() => one.Forward(plane, new float[9], default, plane), "y").Status == Status.Overlap, "overlap");

    plan.Dispose();
    plan.Dispose();
    Throws<ObjectDisposedException>(() => plan.Forward(x, w, bias, y), "");
    Throws<ObjectDisposedException>(() => plan.Explain(), "");
    var workspace = one.CreateWorkspace(Pass.Forward);
    workspace.Dispose();
    Throws<ObjectDisposedException>(() => one.Forward(plane, new float[9], default, new float[1600], new ExecOptions { Workspace = workspace }), "");
}

static void BadInputOfTheEngine()
{
    var descriptor = new Engine.ConvDescriptor { Kind = Engine.ConvKind.Conv, Rank = 1, Batch = 1, InChannels = 1, OutChannels = 1 };
    (descriptor.Input[0], descriptor.Kernel[0]) = (9, 12);
    Throws<ArgumentException>(() => Engine.ConvPlan.Create(descriptor), "kernel[0]");
    descriptor.Kernel[0] = 3;
    var plan = Engine.ConvPlan.Create(descriptor);
    float[] x = new float[9], w = new float[3], y = new float[7];
    Throws<ArgumentException>(() => plan.Forward<float>(x.AsSpan(1), w, [], y), "x: 8 numbers, expected 9");
    Throws<ArgumentException>(() => plan.Forward<double>(new double[9], new double[3], [], new double[7]), "x: numbers of Double");
    Throws<ArgumentException>(() => plan.Forward<float>(x, w, [], y, workspace: new byte[1]), "workspace: 1 bytes, expected");
    Throws<ArgumentOutOfRangeException>(() => Engine.ConvPlan.Create(descriptor, threads: 0), "");
    plan.Dispose();
    Throws<ObjectDisposedException>(() => plan.Forward<float>(x, w, [], y), "");
}

static void Abandoned()
{
    for (var i = 0; i < 2000; i++)
    {
        _ = new Plan<float>(new Layer(Kind.Conv, (9, 9)) { InChannels = 1, OutChannels = 1, Kernel = 3 });
    }

    GC.Collect();
    GC.WaitForPendingFinalizers();
}
