namespace NativeConv.Kernels.Tiles;

/// <summary>A number as a type: what depends on it folds when a tile is compiled.</summary>
internal interface ISize
{
    static abstract int Value { get; }
}

internal struct Size1 : ISize
{
    public static int Value => 1;
}

internal struct Size2 : ISize
{
    public static int Value => 2;
}

internal struct Size3 : ISize
{
    public static int Value => 3;
}

internal struct Size4 : ISize
{
    public static int Value => 4;
}

internal struct Size5 : ISize
{
    public static int Value => 5;
}

internal struct Size6 : ISize
{
    public static int Value => 6;
}

internal struct Size7 : ISize
{
    public static int Value => 7;
}

internal struct Size8 : ISize
{
    public static int Value => 8;
}
