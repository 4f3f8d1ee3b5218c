using NativeConv.Kernels.Moves;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Kernels;

/// <summary>Interleaving and Grouping: every number where its formula says, nothing else touched, between pages that fault.</summary>
public unsafe class MovesTests
{
    [Fact]
    public void InterleavingTakesOneOfEachRowInTurn()
    {
        CheckInterleaving<float>(i => i);
        CheckInterleaving<double>(i => i);
    }

    [Fact]
    public void GroupingCutsRows()
    {
        CheckGrouping<float>(i => i);
        CheckGrouping<double>(i => i);
    }

    private static void CheckInterleaving<T>(Func<int, T> number)
        where T : unmanaged
    {
        using var sources = new GuardedMemory<T>(5 * 40);
        using var targets = new GuardedMemory<T>(12 * 40);
        for (var rows = 1; rows <= 5; rows++)
        {
            for (var count = 1; count <= 37; count++)
            {
                CheckInterleaving(sources, targets, rows, rows, count, number);
                CheckInterleaving(sources, targets, rows, rows + 7, count, number);
            }
        }
    }

    private static void CheckInterleaving<T>(GuardedMemory<T> sources, GuardedMemory<T> targets, int rows, int targetPitch, int count, Func<int, T> number)
        where T : unmanaged
    {
        var pitch = count + 3;
        T[] numbers = [.. Enumerable.Range(1, (rows * pitch) - 3).Select(number)];
        var length = ((count - 1) * targetPitch) + rows;
        foreach (var atEnd in (bool[])[false, true])
        {
            var target = targets.Place(new T[length], atEnd);
            Interleaving<T>.Run(sources.Place(numbers, atEnd), pitch, rows, target, targetPitch, count);
            for (var i = 0; i < length; i++)
            {
                var row = i % targetPitch;
                Assert.Equal(row < rows ? numbers[(row * pitch) + (i / targetPitch)] : default, target[i]);
            }
        }
    }

    private static void CheckGrouping<T>(Func<int, T> number)
        where T : unmanaged
    {
        const int Rows = 3;
        using var sources = new GuardedMemory<T>(Rows * 22);
        using var targets = new GuardedMemory<T>(Rows * 40);
        foreach (var size in (int[])[1, 3, 4, 8])
        {
            for (var first = 0; first <= size; first++)
            {
                for (var count = 1; count <= 21; count++)
                {
                    var pitch = count + 1;
                    var length = (((first + count - 1) / size) + 1) * Rows * size;
                    T[] numbers = [.. Enumerable.Range(1, (Rows * pitch) - 1).Select(number)];
                    foreach (var atEnd in (bool[])[false, true])
                    {
                        var target = targets.Place(new T[length], atEnd);
                        new Grouping<T> { Size = size, Pitch = Rows * size }.Run(sources.Place(numbers, atEnd), pitch, Rows, count, first, target);
                        for (var i = 0; i < length; i++)
                        {
                            var (group, row, column) = (i / (Rows * size), i / size % Rows, i % size);
                            var at = (group * size) + column - first;
                            Assert.Equal(at >= 0 && at < count ? numbers[(row * pitch) + at] : default, target[i]);
                        }
                    }
                }
            }
        }
    }
}
