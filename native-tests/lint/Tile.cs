namespace NativeConv.Lint;

/// <summary>A compiled tile.</summary>
internal sealed class Tile
{
    private readonly string function;

    public Tile(Architecture architecture, Function function)
    {
        this.function = function.Name;
        Name = TileName.Parse(function.Name);
        Loops = Loop.Innermost(architecture, function);
    }

    public TileName? Name { get; }

    public IReadOnlyList<Loop> Loops { get; }

    public IEnumerable<string> Faults => this switch
    {
        { Name: null } => ["its name does not tell element, width, rows and columns"],
        { Loops: [] } => ["no loop with a fused multiply-add"],
        _ => Loops.SelectMany(loop => loop.FaultsOf(Name)),
    };

    public override string ToString() => Name?.ToString() ?? function;
}
