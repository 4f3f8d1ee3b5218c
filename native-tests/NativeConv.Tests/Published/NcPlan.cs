using System.Text;

namespace NativeConv.Tests.Published;

/// <summary>A plan of the published library.</summary>
internal sealed unsafe class NcPlan : IDisposable
{
    public NcPlan(in ConvDescriptor descriptor)
    {
        Kind = descriptor.Kind;
        var desc = NcConvDesc.Of(descriptor);
        void* plan;
        NcLibrary.Succeed(NcLibrary.PlanCreate(&desc, &plan), "nc_plan_create");
        Pointer = plan;
    }

    public ConvKind Kind { get; }

    public void* Pointer { get; }

    public NcPassInfo Info(ConvPass pass)
    {
        var info = new NcPassInfo { StructSize = (uint)sizeof(NcPassInfo) };
        NcLibrary.Succeed(NcLibrary.PlanPassInfo(Pointer, (int)pass, &info), "nc_plan_pass_info");
        return info;
    }

    public nuint WorkspaceSize(ConvPass pass, NcExec exec)
    {
        nuint bytes;
        NcLibrary.Succeed(NcLibrary.WorkspaceSize(Pointer, (int)pass, &exec, &bytes), "nc_workspace_size");
        return bytes;
    }

    /// <summary>What nc_explain says.</summary>
    public string Explanation
    {
        get
        {
            nuint needed;
            NcLibrary.Succeed(NcLibrary.Explain(Pointer, null, 0, &needed), "nc_explain");
            var text = new byte[needed];
            fixed (byte* buffer = text)
            {
                NcLibrary.Succeed(NcLibrary.Explain(Pointer, buffer, needed, null), "nc_explain");
            }

            return Encoding.UTF8.GetString(text, 0, text.Length - 1);
        }
    }

    /// <summary>Packed weights of a pass.</summary>
    public byte[] Pack<T>(ConvPass pass, T[] w)
        where T : unmanaged
    {
        nuint bytes;
        NcLibrary.Succeed(NcLibrary.PackedWeightsSize(Pointer, (int)pass, &bytes), "nc_packed_weights_size");
        var packed = GC.AllocateArray<byte>((int)bytes, pinned: true);
        fixed (T* weights = w)
        fixed (byte* target = packed)
        {
            NcLibrary.Succeed(NcLibrary.PackWeights(Pointer, (int)pass, weights, target, bytes), "nc_pack_weights");
        }

        return packed;
    }

    public void Dispose() => NcLibrary.PlanDestroy(Pointer);
}
