using NativeConv.Kernels.Moves;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Kernels;

/// <summary>Every shape up to a few squares, between pages that fault: each number arrives, nothing else is touched.</summary>
public unsafe class TranspositionTests
{
    private enum Way
    {
        Near,
        FromFar,
        ToResult,
        ToFarResult,
    }

    [Fact]
    public void Float32() => Run<float>();

    [Fact]
    public void Float64() => Run<double>();

    /// <summary>Rows that share a set of a cache.</summary>
    [Fact]
    public void RowsWholePagesApart()
    {
        const int Rows = 37, Columns = 19, Pitch = 1024;
        var from = Enumerable.Range(1, Rows * Pitch).Select(i => (float)i).ToArray();
        var to = new float[Columns * Rows];
        fixed (float* source = from, target = to)
        {
            Transposition<float>.Run(source, Pitch, target, Rows, Rows, Columns);
        }

        Assert.Equal(Enumerable.Range(0, Columns).SelectMany(column => Enumerable.Range(0, Rows).Select(row => from[(row * Pitch) + column])), to);
    }

    [Fact]
    public void EveryNumberIsSeen()
    {
        CheckWatch<float>();
        CheckWatch<double>();
    }

    private static void CheckWatch<T>()
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>, System.Numerics.IMinMaxValue<T>
    {
        T[] notFinite = [T.PositiveInfinity, T.NegativeInfinity, T.NaN];
        foreach (var rows in (int[])[1, 2, 3, 4, 7, 8, 13, 16, 28, 35])
        {
            foreach (var columns in (int[])[1, 2, 3, 4, 7, 8, 15, 16, 17, 36])
            {
                var numbers = Enumerable.Repeat(T.MinValue, rows * columns).ToArray();
                var places = Enumerable.Range(0, columns).Select(column => (nint)(column * rows)).ToArray();
                var turned = new T[numbers.Length];
                fixed (T* source = numbers, target = turned)
                fixed (nint* table = places)
                {
                    for (var at = 0; at < numbers.Length; at++)
                    {
                        source[at] = notFinite[at % notFinite.Length];
                        var watch = default(FiniteWatch<T>);
                        Transposition<T>.Run(source, columns, target, table, rows, columns, ref watch);
                        Assert.False(watch.AreFinite, $"{typeof(T).Name} {rows} x {columns}, number {at}");
                        watch = default;
                        watch.See(source, numbers.Length);
                        Assert.False(watch.AreFinite, $"{typeof(T).Name} {numbers.Length}, number {at}");
                        source[at] = T.MaxValue;
                    }
                }
            }
        }
    }

    private static void Run<T>()
        where T : unmanaged, System.Numerics.INumber<T>
    {
        using var sources = new GuardedMemory<T>(4096);
        using var targets = new GuardedMemory<T>(4096);
        for (var rows = 0; rows <= 35; rows++)
        {
            for (var columns = 0; columns <= 35; columns++)
            {
                var (sourcePitch, targetPitch) = (columns + (rows % 3), rows + (columns % 2));
                var from = Enumerable.Range(1, Math.Max(0, ((rows - 1) * sourcePitch) + columns)).Select(T.CreateChecked).ToArray();
                var to = new T[Math.Max(0, ((columns - 1) * targetPitch) + rows)];
                var expected = (T[])to.Clone();
                var turned = (T[])to.Clone();
                for (var row = 0; row < rows; row++)
                {
                    for (var column = 0; column < columns; column++)
                    {
                        expected[(column * targetPitch) + row] = from[(row * sourcePitch) + column];

                        // By a table: columns in reverse.
                        turned[((columns - 1 - column) * targetPitch) + row] = from[(row * sourcePitch) + column];
                    }
                }

                var places = Enumerable.Range(0, columns).Select(column => (nint)((columns - 1 - column) * targetPitch)).ToArray();
                foreach (var atEnd in (ReadOnlySpan<bool>)[false, true])
                {
                    var source = sources.Place(from, atEnd);
                    foreach (var way in Enum.GetValues<Way>())
                    {
                        var result = targets.Place(to, atEnd);
                        switch (way)
                        {
                            case Way.FromFar: Transposition<T>.RunFromFar(source, sourcePitch, result, targetPitch, rows, columns); break;
                            case Way.ToResult: Transposition<T>.RunToResult(source, sourcePitch, result, targetPitch, rows, columns, isFar: false); break;
                            case Way.ToFarResult: Transposition<T>.RunToResult(source, sourcePitch, result, targetPitch, rows, columns, isFar: true); break;
                            default: Transposition<T>.Run(source, sourcePitch, result, targetPitch, rows, columns); break;
                        }

                        Assert.True(new ReadOnlySpan<T>(result, to.Length).SequenceEqual(expected), $"{typeof(T).Name} {rows} x {columns}, {way}");
                    }

                    var target = targets.Place(to, atEnd);
                    fixed (nint* table = places)
                    {
                        var watch = default(FiniteWatch<T>);
                        Transposition<T>.Run(source, sourcePitch, target, table, rows, columns, ref watch);
                        Assert.True(watch.AreFinite);
                    }

                    Assert.True(new ReadOnlySpan<T>(target, to.Length).SequenceEqual(turned), $"{typeof(T).Name} {rows} x {columns}, by a table");
                }
            }
        }
    }
}
