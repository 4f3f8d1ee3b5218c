using System.Globalization;
using Xunit;

namespace NativeConv.Tests.Support;

/// <summary>The guard pages are there: the system's own map of the process says so.</summary>
public unsafe class GuardedMemoryTests
{
    [Fact]
    public void PagesOnBothSidesCannotBeRead()
    {
        using var memory = new GuardedMemory<byte>(3 * Environment.SystemPageSize);
        var first = (ulong)memory.Place(1, atEnd: false);
        var end = (ulong)memory.Place(0, atEnd: true);
        Assert.Equal(3UL * (ulong)Environment.SystemPageSize, end - first);
        Assert.Equal("rw-p", Access(first));
        Assert.Equal("rw-p", Access(end - 1));
        Assert.Equal("---p", Access(first - 1));
        Assert.Equal("---p", Access(end));
    }

    private static string Access(ulong address)
    {
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            var fields = line.Split(' ', '-');
            var start = ulong.Parse(fields[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var end = ulong.Parse(fields[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (start <= address && address < end)
            {
                return line.Split(' ')[1];
            }
        }

        return "unmapped";
    }
}
