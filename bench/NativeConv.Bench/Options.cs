using System.Globalization;
using NativeConv.Bench.Measuring;
using NativeConv.Kernels;

namespace NativeConv.Bench;

/// <summary>What the command line says.</summary>
internal sealed record Options
{
    /// <summary>The environment variable that chooses the library's instruction set.</summary>
    public const string IsaVariable = "NATIVECONV_MAX_ISA";

    public const string Help = """
        bench [OPTION ...]                    128 -> 128 channels, 28x28, 3x3, forward: how near to the FMA limit?
        bench limit                           the FMA limit of one thread, for each vector width and type
        bench shapes WHAT ... [OPTION ...]    layers: a net of bench/shapes (resnet50), one of its layers (resnet50:conv1), all, a file, or a line
        bench peers WHAT ... [OPTION ...]     layers beside PyTorch and ONNX Runtime, with 1 and 2 threads; results go to bench/results
        bench accuracy                        errors of long sums against exact ones: writes the tables of docs/accuracy.md
        bench denormals [OPTION ...]          what denormal numbers cost, with and without NC_EXEC_FLUSH_DENORMALS
        bench readme                          writes README's table and the pages of bench/results anew, from the figures there
        bench micro [ARGUMENT ...]            parts of the engine, by BenchmarkDotNet, with its arguments (--filter *Tile*)

        --isa LIST        avx512, avx2, portable, neon; default: what this machine has, portable excepted
        --pass LIST       forward, backward-data, backward-weights
        --engine LIST     library (through the C ABI), packed (the same, w packed before), managed (the engine assembly under the JIT), pytorch, onnxruntime
        --threads LIST    threads that each may use; default: 1, and 1,2 for peers
        --batch N         only shapes of this batch
        --type f32|f64    default: f32
        --rounds N        samples of each figure; default: 7
        --json FILE       results for programs
        --markdown FILE   results for people
        """;

    public string Verb { get; init; } = "";

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyList<Isa> Isas { get; init; } = DefaultIsas();

    public IReadOnlyList<ConvPass> Passes { get; init; } = Enum.GetValues<ConvPass>();

    /// <summary>Null: what the verb measures.</summary>
    public IReadOnlyList<string>? Engines { get; init; }

    /// <summary>Null: what the verb measures.</summary>
    public IReadOnlyList<int>? Threads { get; init; }

    public long? Batch { get; init; }

    public ElementType Element { get; init; } = ElementType.Float32;

    public int Rounds { get; init; } = 7;

    public string? Json { get; init; }

    public string? Markdown { get; init; }

    /// <summary>This process measures one instruction set for another process, which prints the rest.</summary>
    public bool IsPart { get; init; }

    /// <summary>The first of the shapes that a part measures.</summary>
    public int FirstShape { get; init; }

    /// <summary>What a part leaves out, because it ended the one before.</summary>
    public IReadOnlyList<Trial> Fatal { get; init; } = [];

    /// <exception cref="FormatException">the arguments make no sense; the message says which</exception>
    public static Options Parse(IReadOnlyList<string> words)
    {
        var options = new Options();
        var arguments = new List<string>();
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];

            // A line of a shape may begin with --deconv: what is no option of ours is an argument.
            options = word switch
            {
                "--isa" => options with { Isas = List(Value(), "instruction set", Enum.GetValues<Isa>(), Vocabulary.Name, IsaSupport.CanRun) },
                "--pass" => options with { Passes = List(Value(), "pass", Enum.GetValues<ConvPass>(), Vocabulary.Name) },
                "--engine" => options with { Engines = List(Value(), "engine", Vocabulary.Engines, name => name) },
                "--threads" => options with { Threads = [.. Value().Split(',').Select(text => Number(text, word))] },
                "--type" => options with { Element = List(Value(), "type", [ElementType.Float32, ElementType.Float64], Vocabulary.Name)[0] },
                "--batch" => options with { Batch = Number(Value(), word) },
                "--rounds" => options with { Rounds = Number(Value(), word) },
                "--json" => options with { Json = Value() },
                "--markdown" => options with { Markdown = Value() },
                "--part" => options with { IsPart = true },
                "--first" => options with { FirstShape = Number(Value(), word, least: 0) },
                "--without" => options with { Fatal = [.. options.Fatal, Trial.Parse(Value())] },
                _ when options.Verb == "" && !word.StartsWith("--") => options with { Verb = word },
                _ when options.Verb == "" => throw new FormatException($"'{word}' is no option"),
                _ => Argument(word),
            };

            string Value() => ++i < words.Count ? words[i] : throw new FormatException($"{word} needs a value");
        }

        return options with { Arguments = arguments };

        Options Argument(string word)
        {
            arguments.Add(word);
            return options;
        }
    }

    /// <summary>The command line of a process that does the same for one instruction set and number of threads.</summary>
    public IEnumerable<string> ForPart(Isa isa, int threads, string json)
    {
        if (Verb != "") yield return Verb;
        foreach (var argument in Arguments) yield return argument;
        string[] values =
        [
            "--part",
            "--isa", Vocabulary.Name(isa),
            "--pass", string.Join(',', Passes.Select(Vocabulary.Name)),
            "--engine", string.Join(',', Engines!),
            "--threads", threads.ToString(CultureInfo.InvariantCulture),
            "--type", Vocabulary.Name(Element),
            "--rounds", Rounds.ToString(CultureInfo.InvariantCulture),
            "--json", json,
            "--first", FirstShape.ToString(CultureInfo.InvariantCulture),
            .. Fatal.SelectMany(trial => (string[])["--without", trial.ToString()]),
        ];
        foreach (var value in values) yield return value;
        if (Batch is { } batch)
        {
            yield return "--batch";
            yield return batch.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static Isa[] DefaultIsas()
    {
        Isa[] all = [Isa.Avx512, Isa.Avx2, Isa.Neon];
        Isa[] known = [.. Enum.GetValues<Isa>().Where(isa => Vocabulary.Name(isa) == Environment.GetEnvironmentVariable(IsaVariable))];
        return known.Length > 0 ? known : [.. all.Where(IsaSupport.CanRun)];
    }

    private static T[] List<T>(string text, string what, T[] known, Func<T, string> name, Func<T, bool>? runs = null)
    {
        return [.. text.Split(',').Select(One)];

        T One(string word)
        {
            foreach (var value in known)
            {
                if (name(value) == word) return runs is null || runs(value) ? value : throw new FormatException($"this machine has no {word}");
            }

            throw new FormatException($"'{word}' is no {what}: {string.Join(", ", known.Select(name))}");
        }
    }

    private static int Number(string text, string option, int least = 1) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least ? number : throw new FormatException($"{option} needs a number of at least {least}");
}
