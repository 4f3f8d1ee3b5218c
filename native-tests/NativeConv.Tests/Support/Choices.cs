namespace NativeConv.Tests.Support;

/// <summary>A stream of small random choices, the same on every machine.</summary>
internal sealed class Choices(int seed)
{
    private readonly ulong start = Numbers.Mix((ulong)seed);
    private ulong next;

    /// <summary>In [low, high].</summary>
    public int Between(int low, int high) => low + (int)(Numbers.Mix(start + next++) % (ulong)(high - low + 1));

    public bool OneIn(int times) => Between(1, times) == 1;

    public T Of<T>(params T[] list) => list[Between(0, list.Length - 1)];

    /// <summary>One for each axis.</summary>
    public long[] List(int rank, int low, int high)
    {
        var list = new long[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            list[axis] = Between(low, high);
        }

        return list;
    }
}
