using System.Text;
using NativeConv.Engine;
using NativeConv.Planning;
using NativeConv.Problem;

namespace NativeConv.Native;

/// <summary>The calls that ask a plan, and the checks of packing.</summary>
internal static unsafe class PlanQueries
{
    // sizeof(nc_pass_info) in version 1 of the ABI, and of its name.
    private const uint PassInfoVersionOneSize = 80;
    private const int NameBytes = 32;

    /// <summary>nc_plan_pass_info.</summary>
    public static int PassInfo(Plan* plan, ConvPass pass, NcPassInfo* info, ref Message message)
    {
        var passPlan = Plan.Pass(plan, pass);
        var value = new NcPassInfo
        {
            Stages = (int)Math.Min(passPlan->Stages, int.MaxValue),
            Flops = 2 * plan->Geometry.MultiplyAdds,
            WorkspaceBytes = (ulong)PassWorkspace.Bytes(passPlan, threads: 1, packed: false).Value,
            WorkspacePerThread = (ulong)passPlan->WorkerBytes,
            PackedBytes = PackedBuffer.Bytes(passPlan),
            PackedId = passPlan->PackedId,
        };

        // The struct is zero: shorter names are terminated.
        Encoding.UTF8.GetBytes(AlgorithmList.Name(passPlan->Algorithm), new Span<byte>(value.Algorithm, NameBytes - 1));
        return StructReader.TryWrite(info, PassInfoVersionOneSize, "info"u8, value, ref message);
    }

    /// <summary>nc_workspace_size. Of exec it reads num_threads, packed_weights and parallel_for.</summary>
    public static int WorkspaceSize(Plan* plan, ConvPass pass, NcExec* exec, nuint* bytes, ref Message message)
    {
        var status = Validate.Exec(exec, out var copy, ref message);
        if (status != NcStatus.Ok)
        {
            return status;
        }

        var size = PassWorkspace.Bytes(Plan.Pass(plan, pass), Validate.Threads(copy), copy.PackedWeights != null);
        if (size.Overflowed)
        {
            message.Add("num_threads: their workspace does not fit 63 bits"u8);
            return NcStatus.Overflow;
        }

        *bytes = (nuint)size.Value;
        return NcStatus.Ok;
    }

    /// <summary>The arguments of nc_pack_weights.</summary>
    public static int CheckPacking(Plan* plan, ConvPass pass, void* w, void* packed, nuint packedBytes, ref Message message)
    {
        var expected = PackedBuffer.Bytes(Plan.Pass(plan, pass));
        if (packed != null && packedBytes < expected)
        {
            message.Add("packed_bytes: "u8);
            message.Add((long)packedBytes);
            message.Add("; expected nc_packed_weights_size, "u8);
            message.Add((long)expected);
            return NcStatus.InvalidArgument;
        }

        var list = new BufferList(plan->Geometry.ElementSize);
        list.Input(w, plan->Geometry.WeightElements, "w"u8, ref message);
        list.Output(packed, (long)expected / plan->Geometry.ElementSize, "packed"u8, ref message);
        return list.Status;
    }
}
