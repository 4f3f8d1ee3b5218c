using NativeConv.Kernels.Moves;

namespace NativeConv.Packing;

/// <summary>One channel of a source as the engine reads it: the numbers themselves or, of dy, delta = dy * h'.</summary>
internal unsafe struct ChannelReader<T>
    where T : unmanaged
{
    public T* Data;

    /// <summary>The forward result at the same places; read only by <see cref="Delta"/>, which may not need it.</summary>
    public T* Y;

    /// <summary>Null: the numbers themselves.</summary>
    public delegate*<T*, T*, T*, nint, T, T, void> Delta;

    public T ActivationAlpha;
    public T ActivationBeta;

    /// <summary>The same source, <paramref name="elements"/> further on.</summary>
    public readonly ChannelReader<T> Skip(long elements)
    {
        var reader = this;
        reader.Data += elements;
        reader.Y = Y == null ? null : Y + elements;
        return reader;
    }

    /// <summary>The source from row <paramref name="row"/> on.</summary>
    public readonly ChannelReader<T> Row(long row, long width) => Skip(row * width);

    /// <summary>Reads <paramref name="count"/> numbers from number <paramref name="first"/> on; touches nothing else.</summary>
    public readonly void Read(long first, long count, T* target)
    {
        if (Delta == null)
        {
            Elements<T>.Copy(Data + first, target, count);
            return;
        }

        if (count > 0)
        {
            Delta(Data + first, Y == null ? null : Y + first, target, (nint)count, ActivationAlpha, ActivationBeta);
        }
    }
}
