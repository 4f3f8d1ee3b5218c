using System.ComponentModel;

namespace NativeConv.Lint;

/// <summary>Looks into the machine code of published libraries for what their sources must not compile to.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        try
        {
            switch (arguments)
            {
                case []:
                    return Report(Snippets.Judge());
                case ["--table", _, ..]:
                    foreach (var path in arguments[1..]) PrintTable(path);
                    return 0;
                case not ["--table"]:
                    return Report(arguments.SelectMany(Judge));
                default:
                    Console.Error.WriteLine("usage: lint [[--table] LIBRARY ...]");
                    return 2;
            }
        }
        catch (Exception problem) when (problem is IOException or FormatException or NotSupportedException or InvalidOperationException or Win32Exception)
        {
            Console.Error.WriteLine($"lint: {problem.Message}");
            return 1;
        }
    }

    private static IEnumerable<(string Name, IEnumerable<string> Faults)> Judge(string path)
    {
        var library = Library.Open(path);
        return
        [
            .. library.Tiles.Select(tile => ($"{ShortName(path)} {tile}", tile.Faults)),
            ($"{ShortName(path)} has every kind of tile", library.Faults),
            ($"{ShortName(path)} allocates nothing managed", library.Allocations),
        ];
    }

    private static void PrintTable(string path)
    {
        Console.WriteLine(ShortName(path));
        foreach (var line in LoopTable.Lines(Library.Open(path))) Console.WriteLine(line);
    }

    // The exit code: 1 if there is any fault.
    private static int Report(IEnumerable<(string Name, IEnumerable<string> Faults)> verdicts)
    {
        var result = 0;
        foreach (var (name, faults) in verdicts)
        {
            if (!faults.Any())
            {
                Console.WriteLine($"ok {name}");
                continue;
            }

            Console.WriteLine($"not ok {name}: {string.Join("; ", faults)}");
            result = 1;
        }

        return result;
    }

    // With the folder: two architectures have a libnativeconv.so.
    private static string ShortName(string path) => Path.Combine(Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)))!, Path.GetFileName(path));
}
