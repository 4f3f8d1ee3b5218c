using NativeConv.Bench.Shapes;
using NativeConv.Native;

namespace NativeConv.Bench.Library;

/// <summary>A plan of the published library.</summary>
internal sealed unsafe class LibraryPlan : IDisposable
{
    private readonly PublishedLibrary library = PublishedLibrary.Instance;
    private void* plan;

    public LibraryPlan(Shape shape, ElementType element)
    {
        void* created;
        var descriptor = Describe(shape, element);
        library.Check(library.PlanCreate(&descriptor, &created));
        plan = created;
    }

    public void* Pointer => plan;

    /// <summary>The layer as nativeconv.h says it.</summary>
    public static NcConvDesc Describe(Shape shape, ElementType element)
    {
        var library = PublishedLibrary.Instance;
        NcConvDesc descriptor;
        var kind = shape.Kind == ConvKind.Deconv ? NcKind.Deconv : NcKind.Conv;
        library.Check(library.ConvDescInit(&descriptor, (nuint)sizeof(NcConvDesc), kind, shape.Rank));
        descriptor.Dtype = element == ElementType.Float64 ? NcType.F64 : NcType.F32;
        descriptor.Batch = shape.Batch;
        descriptor.InChannels = shape.InChannels;
        descriptor.OutChannels = shape.OutChannels;
        descriptor.Groups = shape.Groups;
        for (var i = 0; i < shape.Rank; i++)
        {
            var axis = shape[i];
            descriptor.Input[i] = axis.Input;
            descriptor.Kernel[i] = axis.Kernel;
            descriptor.Stride[i] = axis.Stride;
            descriptor.Dilation[i] = axis.Dilation;
            descriptor.PadBegin[i] = axis.PadBegin;
            descriptor.PadEnd[i] = axis.PadEnd;
            descriptor.OutputPadding[i] = axis.OutputPadding;
        }

        return descriptor;
    }

    /// <summary>What the library says of a pass.</summary>
    public NcPassInfo Info(ConvPass pass)
    {
        var info = new NcPassInfo { StructSize = (uint)sizeof(NcPassInfo) };
        library.Check(library.PlanPassInfo(plan, (int)pass, &info));
        return info;
    }

    public void Dispose()
    {
        library.PlanDestroy(plan);
        plan = null;
    }
}
