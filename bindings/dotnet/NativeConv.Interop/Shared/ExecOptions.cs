#nullable enable
using System;
using System.Runtime.InteropServices;

namespace NativeConv.Interop
{
    /// <summary>How to run calls. Keep one for each thread that runs layers: calls with it allocate nothing.</summary>
    public sealed unsafe class ExecOptions
    {
        /// <summary>0: <see cref="Library.NumThreads"/>; 1: the calling thread alone.</summary>
        public int NumThreads { get; set; }

        /// <summary>Denormal numbers count as zero.</summary>
        public bool FlushDenormals { get; set; }

        /// <summary>Scales the results of backward; 0 means 1.</summary>
        public double Alpha { get; set; }

        /// <summary>Scales the addend, or what the output holds; 0 never reads it.</summary>
        public double Beta { get; set; }

        /// <summary>From <see cref="Plan{T}.CreateWorkspace"/>: calls allocate nothing. null: the library allocates for the length of a call.</summary>
        public NativeBuffer? Workspace { get; set; }

        /// <summary>From <see cref="Plan{T}.PackWeights"/>: then w is not read and may be empty.</summary>
        public NativeBuffer? PackedWeights { get; set; }

        /// <summary>
        /// The caller's job system: calls the action for every index below the count, on any threads, and returns when all are done. An exception comes out of the
        /// call that it happened in. null: the library's own pool.
        /// </summary>
        public Action<int, Action<int>>? ParallelFor { get; set; }

        internal void Fill(NcExec* exec)
        {
            exec->NumThreads = NumThreads;
            exec->Flags = FlushDenormals ? 1u : 0u;
            exec->Alpha = Alpha;
            exec->Beta = Beta;
            if (Workspace != null)
            {
                exec->Workspace = Workspace.Start;
                exec->WorkspaceBytes = (nuint)Workspace.Bytes;
            }

            if (PackedWeights != null)
            {
                exec->PackedWeights = PackedWeights.Start;
                exec->PackedBytes = (nuint)PackedWeights.Bytes;
            }
        }
    }

    /// <summary>A job system behind nc_exec.parallel_for, for the length of one call.</summary>
    internal sealed unsafe class ParallelCall : IDisposable
    {
        private static readonly NcParallelForFn Run = RunManaged;
        private static readonly IntPtr RunPointer = Marshal.GetFunctionPointerForDelegate(Run);
        private readonly Action<int, Action<int>> parallelFor;
        private GCHandle self;
        private Exception? fault;

        public ParallelCall(Action<int, Action<int>> parallelFor, NcExec* exec)
        {
            this.parallelFor = parallelFor;
            self = GCHandle.Alloc(this);
            exec->ParallelFor = RunPointer;
            exec->ParallelUser = (void*)GCHandle.ToIntPtr(self);
        }

        /// <summary>What the job system threw, else the library's answer.</summary>
        public void Check(int status)
        {
            if (fault != null)
            {
                throw new InvalidOperationException("ParallelFor failed: " + fault.Message, fault);
            }

            NativeConvException.Check(status);
        }

        public void Dispose() => self.Free();

        // No exception may leave through the library.
        [MonoPInvokeCallback(typeof(NcParallelForFn))]
        private static void RunManaged(void* user, IntPtr fn, void* task, int count)
        {
            var call = (ParallelCall)GCHandle.FromIntPtr((IntPtr)user).Target!;
            try
            {
                var run = Marshal.GetDelegateForFunctionPointer<NcTaskFn>(fn);
                call.parallelFor(count, index => run(task, index));
            }
            catch (Exception fault)
            {
                call.fault ??= fault;
            }
        }
    }

    /// <summary>Unity's ahead-of-time compiler looks for this name on methods that native code calls.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class MonoPInvokeCallbackAttribute : Attribute
    {
        public MonoPInvokeCallbackAttribute(Type type) => Type = type;

        public Type Type { get; }
    }
}
