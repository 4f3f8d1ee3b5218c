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
    /// <remarks>
    /// Field by field, and passed on by reference: a copy of the whole would read with wide vectors what was just written in parts, and wait for all stores before it, which
    /// are those of a plane's row.
    /// </remarks>
    public readonly ChannelReader<T> Skip(long elements) => new()
    {
        Data = Data + elements,
        Y = Y == null ? null : Y + elements,
        Delta = Delta,
        ActivationAlpha = ActivationAlpha,
        ActivationBeta = ActivationBeta,
    };

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
