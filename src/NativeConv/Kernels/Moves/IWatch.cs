using System.Runtime.Intrinsics;

namespace NativeConv.Kernels.Moves;

/// <summary>Sees the numbers that are moved, while they are near.</summary>
internal unsafe interface IWatch<T>
    where T : unmanaged
{
    void See(T number);

    void See(Vector128<T> numbers);

    void See(Vector256<T> numbers);

    void See(Vector512<T> numbers);

    void See(T* numbers, long count);
}

/// <summary>Does not look.</summary>
internal readonly unsafe struct NoWatch<T> : IWatch<T>
    where T : unmanaged
{
    public void See(T number)
    {
    }

    public void See(Vector128<T> numbers)
    {
    }

    public void See(Vector256<T> numbers)
    {
    }

    public void See(Vector512<T> numbers)
    {
    }

    public void See(T* numbers, long count)
    {
    }
}
