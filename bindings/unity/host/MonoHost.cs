// The Unity package in a process of the Mono runtime, beside the library's own runtime. Prints `ok NAME` and `not ok NAME: why`.
//
//     mono MonoHost.dll photo.pgm sharpened.pgm SECONDS
//     mono MonoHost.dll refusals      what a user reads where the library is missing or too old, or the processor too old
#nullable enable
using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using NativeConv.Interop;
using Unity.Collections;
using UnityEngine;

public static unsafe class MonoHost
{
    private static int failures;

    public static int Main(string[] args)
    {
        if (args.Length == 1)
        {
            try
            {
                _ = new Layer(Kind.Conv, 9);
            }
            catch (Exception fault)
            {
                Console.WriteLine(fault.GetType().Name + ": " + fault.Message);
            }

            return 0;
        }

        Console.OutputEncoding = new UTF8Encoding(false);
        Run("this is Mono", () => Expect(Type.GetType("Mono.Runtime") != null, "it is not"));
        Run("null reference before the library", CatchNullReference);
        Run("version", () => Expect(Library.Version.Length > 0 && Library.AbiVersion >= Library.AbiVersionNeeded && Library.NumericsVersion > 0, Library.Version));
        Run("instruction set", () => Expect(Library.Isa != "none", Library.Isa));
        Run("null reference after the library", CatchNullReference);
        Run("article", Article);
        Run("photo", () => Photo(args[0], args[1]));
        Run("first program of the documentation", FirstProgram);
        Run("packed weights, workspace, information", Packed);
        Run("tests for Unity's test runner", UnityTests);
        Run("sample learns its filter", Sample);
        Run("bad input", BadInput);
        Run("parallel_for on the host's threads", ParallelFor);
        Run("an exception out of parallel_for", ParallelForThrows);
        Run("domain reload", DomainReload);
        Run("collections and exceptions while others convolve", () => Stress(double.Parse(args[2])));
        Run("plans that nobody disposed of", Abandoned);
        return failures == 0 ? 0 : 1;
    }

    private static void Run(string name, Action test)
    {
        try
        {
            test();
            Console.WriteLine("ok mono: " + name);
        }
        catch (Exception fault)
        {
            failures++;
            Console.WriteLine("not ok mono: " + name + ": " + fault.ToString().Replace("\n", " | "));
        }
    }

    private static void Expect(bool condition, string why)
    {
        if (!condition)
        {
            throw new InvalidOperationException(why);
        }
    }

    private static T Throws<T>(Action action, string start)
        where T : Exception
    {
        try
        {
            action();
        }
        catch (T fault)
        {
            Expect(fault.Message.StartsWith(start, StringComparison.Ordinal), "the message is " + fault.Message);
            return fault;
        }

        throw new InvalidOperationException("nothing was thrown, expected " + typeof(T).Name + ": " + start);
    }

    // Mono turns the fault of the processor into the exception: its signal handler must still be in place.
    private static void CatchNullReference()
    {
        object? nothing = Environment.TickCount == int.MinValue ? new object() : null;
        var caught = false;
        try
        {
            nothing!.GetHashCode();
        }
        catch (NullReferenceException)
        {
            caught = true;
        }

        Expect(caught, "it was not caught");
    }

    private static Layer Square(Kind kind, long size, long stride = 1, long padding = 0) =>
        new Layer(kind, (size, size)) { InChannels = 1, OutChannels = 1, Kernel = 3, Stride = stride, Padding = padding };

    private static void Article()
    {
        var ones = Enumerable.Repeat(1f, 81).ToArray();
        var w = Enumerable.Range(1, 9).Select(value => (float)value).ToArray();
        float[] y = new float[9], dx = new float[81], enlarged = new float[81];
        using var conv = new Plan<float>(Square(Kind.Conv, 9, 3));
        conv.Forward(ones, w, default, y);
        conv.BackwardData(ones.AsSpan(0, 9), w, default, dx);
        using var deconv = new Plan<float>(Square(Kind.Deconv, 3, 3));
        deconv.Forward(ones.AsSpan(0, 9), w, default, enlarged);
        var expected = Enumerable.Range(0, 81).Select(i => w[(i / 9 % 3 * 3) + (i % 3)]).ToArray();
        Expect(y.All(value => value == 45), "conv");
        Expect(dx.SequenceEqual(expected), "gradient");
        Expect(enlarged.SequenceEqual(expected), "deconv");
        Expect(Square(Kind.Conv, 9, 3).OutputShape().SequenceEqual(new long[] { 3, 3, 1 }), "output shape");
    }

    private static void Photo(string from, string to)
    {
        var content = File.ReadAllBytes(from);
        var header = Encoding.ASCII.GetBytes("P5\n512 512\n255\n");
        Expect(content.Take(header.Length).SequenceEqual(header), from + " is not the photo");
        var layer = Square(Kind.Conv, 512, padding: 1);
        layer.Activation = Activation.Clip;
        layer.ActivationBeta = 255;
        using var plan = new Plan<float>(layer);
        using var x = new NativeArray<float>(512 * 512, Allocator.Persistent);
        using var y = new NativeArray<float>(512 * 512, Allocator.Persistent);
        for (var i = 0; i < x.Length; i++)
        {
            x.ToSpan()[i] = content[header.Length + i];
        }

        plan.Forward(x.ToReadOnlySpan(), new float[] { 0, -1, 0, -1, 5, -1, 0, -1, 0 }, default, y.ToSpan());
        File.WriteAllBytes(to, header.Concat(y.ToSpan().ToArray().Select(value => (byte)value)).ToArray());
    }

    private static (Plan<float> Plan, float[] X, float[] W, float[] Bias, float[] Y) Layer()
    {
        var plan = new Plan<float>(new Layer(Kind.Conv, (40, 40)) { InChannels = 16, OutChannels = 24, Kernel = 3, Padding = 1, Activation = Activation.Relu });
        var random = new System.Random(7);
        float[] Some(long length) => Enumerable.Range(0, (int)length).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
        float[] x = Some(plan.XLength), w = Some(plan.WLength), bias = Some(plan.BiasLength), y = new float[plan.YLength];
        plan.Forward(x, w, bias, y, new ExecOptions { NumThreads = 1 });
        return (plan, x, w, bias, y);
    }

    private static void Packed()
    {
        var (plan, x, w, bias, y) = Layer();
        var got = new float[y.Length];
        var options = new ExecOptions { NumThreads = 2 };
        options.PackedWeights = plan.PackWeights(Pass.Forward, w);
        options.Workspace = plan.CreateWorkspace(Pass.Forward, options);
        plan.Forward(x, default, bias, got, options);
        Expect(got.SequenceEqual(y), "other bits");
        Expect(plan.Info(Pass.Forward).Flops == 2.0 * 40 * 40 * 24 * 16 * 9 && plan.Info(Pass.Forward).AlgorithmName.Length > 0, "information");
        Expect(plan.Explain().Contains(plan.Info(Pass.Forward).AlgorithmName), "explanation");
        float[] delta = new float[y.Length], dw = new float[w.Length], other = new float[w.Length], db = new float[bias.Length];
        plan.ActivationBackward(got, y, delta);
        Expect(delta.SequenceEqual(y), "relu passes what is positive");
        plan.BackwardWeights(x, y, y, dw, db);
        plan.BackwardWeights(x, y, y, other, default, new ExecOptions { NumThreads = 1, Alpha = 1 });
        Expect(dw.SequenceEqual(other) && db.Any(value => value != 0), "gradients");
        options.Workspace.Dispose();
        options.PackedWeights.Dispose();
        plan.Dispose();
    }

    private static void Sample()
    {
        var sample = new SharpenPhoto();
        void Call(string method) => typeof(SharpenPhoto).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Instance)!.Invoke(sample, null);
        typeof(SharpenPhoto).GetField("photo", BindingFlags.NonPublic | BindingFlags.Instance)!.SetValue(sample, new Texture2D());
        Call("OnEnable");
        for (var frame = 0; frame < 4000; frame++)
        {
            Call("Update");
        }

        Call("OnDisable");
        Expect(Math.Abs(sample.Learned[4] - 5) < 0.5 && Math.Abs(sample.Learned[1] + 1) < 0.5, string.Join(" ", sample.Learned));
    }

    // The component that the documentation shows.
    private static void FirstProgram()
    {
        var component = Activator.CreateInstance(Type.GetType("Blur", true)!)!;
        foreach (var method in new[] { "OnEnable", "Update", "Update" })
        {
            component.GetType().GetMethod(method, BindingFlags.NonPublic | BindingFlags.Instance)!.Invoke(component, null);
        }

        var y = (NativeArray<float>)component.GetType().GetField("y", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(component)!;
        var got = y.ToSpan().ToArray();
        Expect(got.SequenceEqual(new float[] { 0, 0, 1, 2, 1, 0, 0, 2, 4, 2, 0, 0, 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }), string.Join(" ", got));
        component.GetType().GetMethod("OnDisable", BindingFlags.NonPublic | BindingFlags.Instance)!.Invoke(component, null);
    }

    private static void UnityTests()
    {
        var tests = typeof(PlanTests).GetMethods().Where(method => method.GetCustomAttribute<NUnit.Framework.TestAttribute>() != null).ToArray();
        Expect(tests.Length >= 3, tests.Length + " tests");
        foreach (var test in tests)
        {
            test.Invoke(new PlanTests(), null);
        }
    }

    private static void BadInput()
    {
        var (plan, x, w, bias, y) = Layer();
        Throws<ArgumentException>(() => plan.Forward(x.AsSpan(1), w, bias, y), "25599 elements came, the layer has 25600");
        Throws<ArgumentException>(() => plan.Forward(x, w, bias, y.AsSpan(2)), "38398 elements came, the layer has 38400");
        Throws<ArgumentException>(() => new Layer(Kind.Conv, (9, 9)) { Kernel = (3, 3, 3) }.OutputShape(), "3 numbers came, the layer has 2 spatial axes");
        Throws<NativeConvException>(() => plan.BackwardData(y, w, default, new float[x.Length]), "y");
        Throws<NativeConvException>(() => plan.Forward(x, default, bias, y), "w");
        Throws<NotSupportedException>(() => new Plan<int>(Square(Kind.Conv, 9)), "a plan is for float or double, not for Int32");
        var huge = Square(Kind.Conv, 9);
        huge.Kernel = 12;
        var fault = Throws<NativeConvException>(() => new Plan<float>(huge), "kernel[0]");
        Expect(fault.Status == Status.InvalidShape, fault.Status.ToString());
        plan.Dispose();
        plan.Dispose();
        Throws<ObjectDisposedException>(() => plan.Forward(x, w, bias, y), "");
        var workspace = new Plan<float>(Square(Kind.Conv, 9)).CreateWorkspace(Pass.Forward);
        workspace.Dispose();
        Throws<ObjectDisposedException>(() => new Plan<float>(Square(Kind.Conv, 9)).Forward(new float[81], new float[9], default, new float[49], new ExecOptions { Workspace = workspace }), "");
    }

    private static void ParallelFor()
    {
        var (plan, x, w, bias, y) = Layer();
        var got = new float[y.Length];
        var calls = 0;
        plan.Forward(x, w, bias, got, new ExecOptions
        {
            NumThreads = 3,
            ParallelFor = (count, run) =>
            {
                Interlocked.Increment(ref calls);
                Parallel.For(0, count, run);
            },
        });
        Expect(calls > 0, "it was not called");
        Expect(got.SequenceEqual(y), "other bits");
    }

    private static void ParallelForThrows()
    {
        var (plan, x, w, bias, y) = Layer();
        var options = new ExecOptions { NumThreads = 3, ParallelFor = (count, run) => throw new FormatException("no workers today") };
        var fault = Throws<InvalidOperationException>(() => plan.Forward(x, w, bias, new float[y.Length], options), "ParallelFor failed: no workers today");
        Expect(fault.InnerException is FormatException, "the cause is lost");
        plan.Forward(x, w, bias, y);
    }

    // What Unity does when scripts change: everything managed goes, the library stays.
    private static void DomainReload()
    {
        // .NET Standard does not name it, Mono has it.
        var doCallBack = typeof(AppDomain).GetMethod("DoCallBack")!;
        var callback = Delegate.CreateDelegate(doCallBack.GetParameters()[0].ParameterType, typeof(MonoHost).GetMethod(nameof(InOtherDomain), BindingFlags.NonPublic | BindingFlags.Static)!);
        for (var i = 0; i < 3; i++)
        {
            var domain = AppDomain.CreateDomain("reload " + i);
            doCallBack.Invoke(domain, new object[] { callback });
            AppDomain.Unload(domain);
        }

        Article();
        CatchNullReference();
    }

    private static void InOtherDomain()
    {
        Article();
        var (plan, x, w, bias, y) = Layer();
        plan.Forward(x, w, bias, y, new ExecOptions { NumThreads = 2 });
        CatchNullReference();
        GC.KeepAlive(plan); // and is left to the domain
    }

    private static void Stress(double seconds)
    {
        var (plan, x, w, bias, y) = Layer();
        var clock = Stopwatch.StartNew();
        var stop = false;
        long convolutions = 0, collections = 0, exceptions = 0;
        var workers = Enumerable.Range(0, 3).Select(id => Task.Factory.StartNew(() =>
        {
            var got = new float[y.Length];
            var options = new ExecOptions { NumThreads = 1 + (id % 2) };
            while (!Volatile.Read(ref stop))
            {
                Array.Clear(got, 0, got.Length);
                plan.Forward(x, w, bias, got, options);
                Expect(got.SequenceEqual(y), "other bits under pressure");
                CatchNullReference();
                Interlocked.Increment(ref convolutions);
            }
        }, TaskCreationOptions.LongRunning)).ToArray();
        while (clock.Elapsed.TotalSeconds < seconds && !workers.Any(worker => worker.IsFaulted))
        {
            var garbage = Enumerable.Range(0, 200).Select(i => new byte[i * 100]).ToArray();
            GC.Collect(garbage.Length % 3);
            collections++;
            CatchNullReference();
            exceptions++;
            try
            {
                throw new FormatException();
            }
            catch (FormatException)
            {
                exceptions++;
            }
        }

        Volatile.Write(ref stop, true);
        Task.WaitAll(workers);
        Expect(convolutions > 10 && collections > 10 && exceptions > 20, $"{convolutions} convolutions, {collections} collections, {exceptions} exceptions");
        Console.WriteLine($"# {convolutions} convolutions, {collections} collections, {exceptions} exceptions");
    }

    private static void Abandoned()
    {
        for (var i = 0; i < 2000; i++)
        {
            _ = new Plan<float>(Square(Kind.Conv, 9));
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        Article();
    }
}
