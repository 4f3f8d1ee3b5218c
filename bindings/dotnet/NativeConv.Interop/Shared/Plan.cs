#nullable enable
using System;
using System.Runtime.InteropServices;
using System.Text;

namespace NativeConv.Interop
{
    /// <summary>
    /// A layer, planned once and run often, by any number of threads at once. Tensors are spans of whole tensors, of the shapes that nativeconv.h gives; an empty span stands
    /// for none. Shapes: x, dx (batch, in_channels, input...), y, dy (batch, out_channels, output...), w, dw: conv (out_channels, in_channels / groups, kernel...),
    /// deconv (in_channels, out_channels / groups, kernel...), bias, db (out_channels).
    /// </summary>
    /// <typeparam name="T">float or double</typeparam>
    public sealed unsafe class Plan<T> : IDisposable
        where T : unmanaged
    {
        private readonly bool isDeconv;
        private void* plan;

        /// <exception cref="NativeConvException">the layer makes no convolution, or this processor cannot run it</exception>
        /// <exception cref="NotSupportedException">T is neither float nor double</exception>
        /// <exception cref="DllNotFoundException">there is no library, or an old one</exception>
        public Plan(Layer layer)
        {
            if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
            {
                throw new NotSupportedException($"a plan is for float or double, not for {typeof(T).Name}");
            }

            Library.EnsureLoaded();
            var desc = layer.Desc;
            desc.Dtype = desc.WDtype = (int)(typeof(T) == typeof(float) ? DataType.F32 : DataType.F64);
            isDeconv = desc.Kind == (int)Kind.Deconv;
            XLength = Length(&desc, TensorName.X);
            WLength = Length(&desc, TensorName.W);
            BiasLength = Length(&desc, TensorName.Bias);
            YLength = Length(&desc, TensorName.Y);
            void* made;
            NativeConvException.Check(NativeMethods.nc_plan_create(&desc, &made));
            plan = made;
        }

        ~Plan() => Free();

        /// <summary>Elements of x and dx.</summary>
        public long XLength { get; }

        /// <summary>Elements of w and dw.</summary>
        public long WLength { get; }

        /// <summary>Elements of bias and db.</summary>
        public long BiasLength { get; }

        /// <summary>Elements of y and dy.</summary>
        public long YLength { get; }

        /// <summary>y = h(conv(x, w) + bias + beta * addend)</summary>
        /// <param name="x">input</param>
        /// <param name="w">weights; empty with packed weights</param>
        /// <param name="bias">empty: none</param>
        /// <param name="y">the result</param>
        /// <param name="options">null: defaults</param>
        /// <param name="addend">of y's length; empty: y itself, if beta is not 0</param>
        public void Forward(ReadOnlySpan<T> x, ReadOnlySpan<T> w, ReadOnlySpan<T> bias, Span<T> y, ExecOptions? options = null, ReadOnlySpan<T> addend = default)
        {
            Fit(nameof(x), x.Length, XLength);
            Fit(nameof(w), w.Length, WLength, mayBeEmpty: true);
            Fit(nameof(bias), bias.Length, BiasLength, mayBeEmpty: true);
            Fit(nameof(y), y.Length, YLength);
            Fit(nameof(addend), addend.Length, YLength, mayBeEmpty: true);
            fixed (T* px = &MemoryMarshal.GetReference(x), pw = &MemoryMarshal.GetReference(w), pb = &MemoryMarshal.GetReference(bias), py = &MemoryMarshal.GetReference(y), pa = &MemoryMarshal.GetReference(addend))
            {
                Forward(Some(px, x), Some(pw, w), Some(pb, bias), Some(py, y), options, Some(pa, addend));
            }
        }

        /// <summary>The same by pointers, whose lengths nobody checks.</summary>
        public void Forward(T* x, T* w, T* bias, T* y, ExecOptions? options = null, T* addend = null)
        {
            var exec = new NcExec { StructSize = (uint)sizeof(NcExec), Addend = addend };
            options?.Fill(&exec);
            if (options?.ParallelFor != null)
            {
                using var call = new ParallelCall(options.ParallelFor, &exec);
                call.Check(RunForward(x, w, bias, y, &exec));
            }
            else
            {
                NativeConvException.Check(RunForward(x, w, bias, y, &exec));
            }

            GC.KeepAlive(options);
        }

        /// <summary>dx = alpha * result + beta * addend</summary>
        /// <param name="dy">gradient with respect to the activated y</param>
        /// <param name="w">weights; empty with packed weights</param>
        /// <param name="y">what forward wrote; empty without an activation</param>
        /// <param name="dx">the result</param>
        /// <param name="options">null: defaults</param>
        /// <param name="addend">of dx's length; empty: dx itself, if beta is not 0</param>
        public void BackwardData(ReadOnlySpan<T> dy, ReadOnlySpan<T> w, ReadOnlySpan<T> y, Span<T> dx, ExecOptions? options = null, ReadOnlySpan<T> addend = default)
        {
            Fit(nameof(dy), dy.Length, YLength);
            Fit(nameof(w), w.Length, WLength, mayBeEmpty: true);
            Fit(nameof(y), y.Length, YLength, mayBeEmpty: true);
            Fit(nameof(dx), dx.Length, XLength);
            Fit(nameof(addend), addend.Length, XLength, mayBeEmpty: true);
            fixed (T* pdy = &MemoryMarshal.GetReference(dy), pw = &MemoryMarshal.GetReference(w), py = &MemoryMarshal.GetReference(y), pdx = &MemoryMarshal.GetReference(dx), pa = &MemoryMarshal.GetReference(addend))
            {
                BackwardData(Some(pdy, dy), Some(pw, w), Some(py, y), Some(pdx, dx), options, Some(pa, addend));
            }
        }

        /// <summary>The same by pointers, whose lengths nobody checks.</summary>
        public void BackwardData(T* dy, T* w, T* y, T* dx, ExecOptions? options = null, T* addend = null)
        {
            var exec = new NcExec { StructSize = (uint)sizeof(NcExec), Addend = addend };
            options?.Fill(&exec);
            if (options?.ParallelFor != null)
            {
                using var call = new ParallelCall(options.ParallelFor, &exec);
                call.Check(RunBackwardData(dy, w, y, dx, &exec));
            }
            else
            {
                NativeConvException.Check(RunBackwardData(dy, w, y, dx, &exec));
            }

            GC.KeepAlive(options);
        }

        /// <summary>dw = alpha * result + beta * dw, db likewise</summary>
        /// <param name="x">input; empty without dw</param>
        /// <param name="dy">gradient with respect to the activated y</param>
        /// <param name="y">what forward wrote; empty without an activation</param>
        /// <param name="dw">empty: not wanted</param>
        /// <param name="db">empty: not wanted</param>
        /// <param name="options">null: defaults</param>
        public void BackwardWeights(ReadOnlySpan<T> x, ReadOnlySpan<T> dy, ReadOnlySpan<T> y, Span<T> dw, Span<T> db, ExecOptions? options = null)
        {
            Fit(nameof(x), x.Length, XLength, mayBeEmpty: dw.Length == 0);
            Fit(nameof(dy), dy.Length, YLength);
            Fit(nameof(y), y.Length, YLength, mayBeEmpty: true);
            Fit(nameof(dw), dw.Length, WLength, mayBeEmpty: true);
            Fit(nameof(db), db.Length, BiasLength, mayBeEmpty: true);
            fixed (T* px = &MemoryMarshal.GetReference(x), pdy = &MemoryMarshal.GetReference(dy), py = &MemoryMarshal.GetReference(y), pdw = &MemoryMarshal.GetReference(dw), pdb = &MemoryMarshal.GetReference(db))
            {
                BackwardWeights(Some(px, x), Some(pdy, dy), Some(py, y), Some(pdw, dw), Some(pdb, db), options);
            }
        }

        /// <summary>The same by pointers, whose lengths nobody checks.</summary>
        public void BackwardWeights(T* x, T* dy, T* y, T* dw, T* db, ExecOptions? options = null)
        {
            var exec = new NcExec { StructSize = (uint)sizeof(NcExec) };
            options?.Fill(&exec);
            if (options?.ParallelFor != null)
            {
                using var call = new ParallelCall(options.ParallelFor, &exec);
                call.Check(RunBackwardWeights(x, dy, y, dw, db, &exec));
            }
            else
            {
                NativeConvException.Check(RunBackwardWeights(x, dy, y, dw, db, &exec));
            }

            GC.KeepAlive(options);
        }

        /// <summary>delta = dy * h'(y): what both backward passes compute with.</summary>
        public void ActivationBackward(ReadOnlySpan<T> dy, ReadOnlySpan<T> y, Span<T> delta, ExecOptions? options = null)
        {
            Fit(nameof(dy), dy.Length, YLength);
            Fit(nameof(y), y.Length, YLength, mayBeEmpty: true);
            Fit(nameof(delta), delta.Length, YLength);
            var exec = new NcExec { StructSize = (uint)sizeof(NcExec) };
            options?.Fill(&exec);
            fixed (T* pdy = &MemoryMarshal.GetReference(dy), py = &MemoryMarshal.GetReference(y), pdelta = &MemoryMarshal.GetReference(delta))
            {
                if (options?.ParallelFor != null)
                {
                    using var call = new ParallelCall(options.ParallelFor, &exec);
                    call.Check(NativeMethods.nc_activation_backward(Handle, Some(pdy, dy), Some(py, y), Some(pdelta, delta), &exec));
                }
                else
                {
                    NativeConvException.Check(NativeMethods.nc_activation_backward(Handle, Some(pdy, dy), Some(py, y), Some(pdelta, delta), &exec));
                }
            }

            GC.KeepAlive(this);
            GC.KeepAlive(options);
        }

        /// <summary>w in the order in which a pass reads it, for <see cref="ExecOptions.PackedWeights"/>.</summary>
        public NativeBuffer PackWeights(Pass pass, ReadOnlySpan<T> w)
        {
            Fit(nameof(w), w.Length, WLength);
            nuint bytes;
            NativeConvException.Check(NativeMethods.nc_packed_weights_size(Handle, (int)pass, &bytes));
            var packed = new NativeBuffer(bytes);
            fixed (T* pw = &MemoryMarshal.GetReference(w))
            {
                NativeConvException.Check(NativeMethods.nc_pack_weights(Handle, (int)pass, pw, packed.Start, bytes));
            }

            GC.KeepAlive(this);
            return packed;
        }

        /// <summary>Scratch memory for a pass that is run in this way. One serves one call at a time.</summary>
        public NativeBuffer CreateWorkspace(Pass pass, ExecOptions? options = null)
        {
            var exec = new NcExec { StructSize = (uint)sizeof(NcExec) };
            options?.Fill(&exec);
            exec.Workspace = null;
            exec.WorkspaceBytes = 0;
            nuint bytes;
            NativeConvException.Check(NativeMethods.nc_workspace_size(Handle, (int)pass, &exec, &bytes));
            GC.KeepAlive(this);
            return new NativeBuffer(bytes);
        }

        /// <summary>What a pass does and costs.</summary>
        public NcPassInfo Info(Pass pass)
        {
            var info = new NcPassInfo { StructSize = (uint)sizeof(NcPassInfo) };
            NativeConvException.Check(NativeMethods.nc_plan_pass_info(Handle, (int)pass, &info));
            GC.KeepAlive(this);
            return info;
        }

        /// <summary>The plan in words.</summary>
        public string Explain()
        {
            nuint needed;
            NativeConvException.Check(NativeMethods.nc_explain(Handle, null, 0, &needed));
            var text = new byte[(int)needed];
            fixed (byte* buffer = text)
            {
                NativeConvException.Check(NativeMethods.nc_explain(Handle, buffer, needed, null));
            }

            GC.KeepAlive(this);
            return Encoding.UTF8.GetString(text, 0, text.Length - 1);
        }

        /// <summary>Frees the plan. No call may be using it.</summary>
        public void Dispose()
        {
            Free();
            GC.SuppressFinalize(this);
        }

        private void* Handle => plan != null ? plan : throw new ObjectDisposedException(nameof(Plan<T>));

        private int RunForward(T* x, T* w, T* bias, T* y, NcExec* exec)
        {
            var status = isDeconv ? NativeMethods.nc_deconv_forward(Handle, x, w, bias, y, exec) : NativeMethods.nc_conv_forward(Handle, x, w, bias, y, exec);
            GC.KeepAlive(this);
            return status;
        }

        private int RunBackwardData(T* dy, T* w, T* y, T* dx, NcExec* exec)
        {
            var status = isDeconv ? NativeMethods.nc_deconv_backward_data(Handle, dy, w, y, dx, exec) : NativeMethods.nc_conv_backward_data(Handle, dy, w, y, dx, exec);
            GC.KeepAlive(this);
            return status;
        }

        private int RunBackwardWeights(T* x, T* dy, T* y, T* dw, T* db, NcExec* exec)
        {
            var status = isDeconv ? NativeMethods.nc_deconv_backward_weights(Handle, x, dy, y, dw, db, exec) : NativeMethods.nc_conv_backward_weights(Handle, x, dy, y, dw, db, exec);
            GC.KeepAlive(this);
            return status;
        }

        private static long Length(NcConvDesc* desc, TensorName tensor)
        {
            var info = new NcTensor { StructSize = (uint)sizeof(NcTensor) };
            NativeConvException.Check(NativeMethods.nc_describe_tensor(desc, (int)tensor, &info));
            return (long)(info.Bytes / (ulong)sizeof(T));
        }

        // An empty span is none. (Spans are pinned by MemoryMarshal: the Mono runtime does not find the method that the compiler would call.)
        private static T* Some(T* first, ReadOnlySpan<T> span) => span.Length == 0 ? null : first;

        private static void Fit(string name, int came, long expected, bool mayBeEmpty = false)
        {
            if (came != expected && !(mayBeEmpty && came == 0))
            {
                ThrowMisfit(name, came, expected);
            }
        }

        // Apart, so that the check is small enough to be inlined.
        private static void ThrowMisfit(string name, int came, long expected) => throw new ArgumentException($"{came} elements came, the layer has {expected}", name);

        private void Free()
        {
            NativeMethods.nc_plan_destroy(plan);
            plan = null;
        }
    }
}
