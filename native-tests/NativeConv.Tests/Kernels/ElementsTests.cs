using NativeConv.Kernels.Moves;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Kernels;

/// <summary>Runs of every length, between pages that fault.</summary>
public unsafe class ElementsTests
{
    [Fact]
    public void Float32() => Run<float>();

    [Fact]
    public void Float64() => Run<double>();

    private static void Run<T>()
        where T : unmanaged, System.Numerics.INumber<T>
    {
        using var sources = new GuardedMemory<T>(4096);
        using var targets = new GuardedMemory<T>(4096);
        for (var count = 0; count <= 600; count++)
        {
            foreach (var atEnd in (ReadOnlySpan<bool>)[false, true])
            {
                var from = Numbers<T>(count);
                var target = targets.Place(new T[count], atEnd);
                Elements<T>.Copy(sources.Place(from, atEnd), target, count);
                Assert.True(new ReadOnlySpan<T>(target, count).SequenceEqual(from), $"copy of {count}");

                Elements<T>.Clear(target, count);
                Assert.Equal(-1, new ReadOnlySpan<T>(target, count).IndexOfAnyExcept(T.Zero));

                for (var step = 1; step <= 3 && count is > 0 and <= 100; step++)
                {
                    from = Numbers<T>(((count - 1) * step) + 1);
                    Elements<T>.CopyEvery(step, sources.Place(from, atEnd), target, count);
                    for (var i = 0; i < count; i++)
                    {
                        Assert.Equal(from[i * step], target[i]);
                    }
                }
            }
        }
    }

    private static T[] Numbers<T>(int count)
        where T : System.Numerics.INumber<T> => [.. Enumerable.Range(1, count).Select(T.CreateChecked)];
}
