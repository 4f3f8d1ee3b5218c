using NativeConv.Packing;

namespace NativeConv.Engine;

/// <summary>Images that are multiplied in one stage.</summary>
internal unsafe struct ImageBlock<T>(Call<T>* call, long first, long count)
    where T : unmanaged
{
    public Call<T>* Call = call;

    /// <summary>Number of the first image.</summary>
    public long First = first;

    /// <summary>Images.</summary>
    public long Count = count;

    /// <summary>Elements from one image to the next of what tiles read: planes, or the caller's buffer.</summary>
    public readonly long SourceStride => Call->Pass->Problem.Groups * GroupStride;

    /// <summary>The same from one group to the next.</summary>
    public readonly long GroupStride => Call->Pass->Problem.SourceChannels * Call->Pass->Planes.ChannelStride;

    /// <summary>What tiles read of the first image's first group: planes, or the caller's buffer.</summary>
    public readonly T* SourceStart
    {
        get
        {
            var pass = Call->Pass;
            return pass->Planes.Form == SourceForm.Planes ? pass->PlanesPiece.Get<T>(Call->Workspace) : Source(First).Data;
        }
    }

    /// <summary>The caller's image <paramref name="image"/>.</summary>
    public readonly ChannelReader<T> Source(long image)
    {
        var problem = &Call->Pass->Problem;
        var source = problem->SourceIsGradient ? Call->Dy : Call->X;
        return source.Skip(image * problem->Groups * problem->SourceChannels * problem->Source.Product);
    }
}
