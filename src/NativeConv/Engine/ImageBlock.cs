using NativeConv.Packing;

namespace NativeConv.Engine;

/// <summary>Images that are multiplied in one stage, and what tiles read of them.</summary>
internal unsafe struct ImageBlock<T>(Call<T>* call, long first, long count, T* planes)
    where T : unmanaged
{
    public Call<T>* Call = call;

    /// <summary>Number of the first image.</summary>
    public long First = first;

    /// <summary>Images.</summary>
    public long Count = count;

    /// <summary>Workers that share the images of a Gather or Phase problem.</summary>
    public int Workers = 1;

    /// <summary>Where planes are, or tiles.</summary>
    public T* Planes = planes;

    /// <summary>Elements from one image to the next of what tiles read: planes, or the caller's buffer.</summary>
    public readonly long SourceStride => Call->Pass->Planes.Images > 1 ? Call->Pass->Planes.Channels : Call->Pass->Problem.Groups * GroupStride;

    /// <summary>The same from one group to the next.</summary>
    public readonly long GroupStride =>
        Call->Pass->Planes.Form == SourceForm.Tiles ? TilesOf(Call->Pass) * Call->Pass->Planes.TileStride : Call->Pass->Problem.SourceChannels * Call->Pass->Planes.ChannelStride;

    /// <summary>What tiles read of the first image's first group: planes, or the caller's buffer.</summary>
    public readonly T* SourceStart => Call->Pass->Planes.Form is SourceForm.Planes or SourceForm.Tiles ? Planes : Source(First).Data;

    /// <summary>Pieces of work of all tap sets.</summary>
    /// <param name="images">the images</param>
    /// <param name="pieces">the pieces of the sets that are joined with this one</param>
    public static long PiecesOfSets(ImageBlock<T>* images, delegate*<ImageBlock<T>*, TapSet*, long> pieces)
    {
        var pass = images->Call->Pass;
        long all = 0;
        for (var i = 0; i < pass->SetCount; i += pass->JoinedSets)
        {
            all += pieces(images, pass->Sets + i);
        }

        return all;
    }

    /// <summary>The first of the joined tap sets of a piece of work, and which of their pieces it is.</summary>
    /// <param name="images">the images</param>
    /// <param name="piece">counted over all sets; then of these</param>
    /// <param name="pieces">the pieces of the sets that are joined with this one</param>
    public static TapSet* SetOf(ImageBlock<T>* images, ref long piece, delegate*<ImageBlock<T>*, TapSet*, long> pieces)
    {
        var pass = images->Call->Pass;
        if (pass->SetsAreAlike)
        {
            // Sets of the same pixels follow each other: what they write lies between each other.
            piece = Math.DivRem(piece, pass->SetCount / pass->JoinedSets, out var index);
            return pass->Sets + (index * pass->JoinedSets);
        }

        var set = pass->Sets;
        for (long ofSet; piece >= (ofSet = pieces(images, set)); piece -= ofSet)
        {
            set += pass->JoinedSets;
        }

        return set;
    }

    /// <summary>Tiles that the pixels of a block's images fill.</summary>
    public static long TilesOf(PassPlan* pass) => ((pass->ImagesPerBlock * pass->Sets->Number.Product) + pass->TileRows - 1) / pass->TileRows;

    /// <summary>What is finished of a set and those that are joined with it.</summary>
    public static TapSet* ResultsOf(PassPlan* pass, TapSet* set) => pass->Results + ((set - pass->Sets) / pass->JoinedSets);

    /// <summary>The caller's image <paramref name="image"/>.</summary>
    public readonly ChannelReader<T> Source(long image)
    {
        var problem = &Call->Pass->Problem;
        var source = problem->SourceIsGradient ? Call->Dy : Call->X;
        return source.Skip(image * problem->Groups * problem->SourceChannels * problem->Source.Product);
    }
}
