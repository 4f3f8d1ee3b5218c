using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using NativeConv.Kernels.Elementwise;
using NativeConv.Kernels.Lanes;
using NativeConv.Kernels.Tiles;

namespace NativeConv.Kernels;

/// <summary>The kernels of one element type at one vector width, as function pointers: what a plan calls.</summary>
internal unsafe struct KernelSet<T>
    where T : unmanaged
{
    /// <summary>Rows of the largest tile; tiles of every smaller number exist.</summary>
    public int TileRows;

    /// <summary>Numbers in a vector.</summary>
    public int VectorLength;

    /// <summary>Finishes with the activation.</summary>
    public delegate*<T*, nint, T*, nint, nint, nint, FinishArgs<T>*, void> Finish;

    /// <summary>Finishes without: gradients.</summary>
    public delegate*<T*, nint, T*, nint, nint, nint, FinishArgs<T>*, void> FinishLinear;

    /// <summary>Null where delta is dy itself.</summary>
    public delegate*<T*, T*, T*, nint, T, T, void> Delta;

    public delegate*<T*, T*, nint, void> Accumulate;
    public delegate*<T*, nint, bool> AreFinite;
    public delegate*<T*, nint, nint, nint, T*, void> AddRows;
    public delegate*<T*, nint, T*, nint, nint, nint, T*, void> MultiplyRows;
    public delegate*<T*, T> Fold;

    /// <summary>Vectors across the widest tile.</summary>
    public const int TileColumns = 3;

    /// <summary>Rows of a tile of lines. With eight, most are left out at each line of taps, and each that is costs a branch.</summary>
    public const int LineRows = 4;

    /// <summary>Vectors of a tile that keep the units busy: one that is added to needs four cycles or more, so that with fewer two units wait for each other.</summary>
    public const int FullTile = 8;

    /// <summary>What each tile and chain takes before the first multiply-add and after the last, in multiply-adds of a vector: some thirty cycles of two units.</summary>
    public const int TileStart = 58;

    private const int MostRows = 8;
    private fixed long planeTiles[MostRows * TileColumns];
    private fixed long pointTiles[MostRows * TileColumns];
    private fixed long chainsTiles[MostRows / 2 * TileColumns];
    private fixed long lineTiles[TileColumns];

    /// <summary><see cref="PlaneTile{T, TVec, TLanes, TRows, TColumns}"/> of 1..<see cref="TileRows"/> rows and 1..3 vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly delegate*<T*, T*, nint*, nint, T*, nint, bool, T*, void> PlaneTile(int rows, int columns) =>
        (delegate*<T*, T*, nint*, nint, T*, nint, bool, T*, void>)planeTiles[((rows - 1) * TileColumns) + columns - 1];

    /// <summary><see cref="PointTile{T, TVec, TLanes, TRows, TColumns}"/> of 1..<see cref="TileRows"/> rows and 1..3 vectors, and of up to <see cref="PointRows"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly delegate*<T*, nint*, T*, nint*, StepRuns*, T*, nint*, bool, T*, void> PointTile(int rows, int columns) =>
        (delegate*<T*, nint*, T*, nint*, StepRuns*, T*, nint*, bool, T*, void>)pointTiles[((rows - 1) * TileColumns) + columns - 1];

    /// <summary><see cref="ChainsTile{T, TVec, TLanes, TRows, TColumns}"/> of 1..<see cref="RowsOfChains"/> rows and 1..3 vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly delegate*<T*, nint*, T*, nint*, StepRuns*, T*, nint*, bool, void> ChainsTile(int rows, int columns) =>
        (delegate*<T*, nint*, T*, nint*, StepRuns*, T*, nint*, bool, void>)chainsTiles[((rows - 1) * TileColumns) + columns - 1];

    /// <summary><see cref="LineTile{T, TVec, TLanes, TRows, TColumns}"/> of <see cref="LineRows"/> rows and 1..3 vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly delegate*<T*, T*, nint*, TapLines*, nint, T*, nint, bool, void> LineTile(int columns) =>
        (delegate*<T*, T*, nint*, TapLines*, nint, T*, nint, bool, void>)lineTiles[columns - 1];

    /// <summary>Rows of the largest tile of points of so many vectors: with 16 registers 4 x 3, 6 x 2, 8 x 1, since 4 x 2 and fewer would not keep two units busy.</summary>
    /// <param name="tileRows"><see cref="TileRows"/></param>
    /// <param name="vectors">of the widest tile</param>
    public static int PointRows(int tileRows, int vectors) => Math.Max(tileRows, vectors switch { 1 => MostRows, 2 => 6, _ => tileRows });

    /// <summary>Rows of the largest tile of several chains.</summary>
    /// <param name="tileRows"><see cref="TileRows"/></param>
    public static int RowsOfChains(int tileRows) => tileRows / 2;

    /// <summary>The set for one width, activation and rule. The width must be one that the processor has.</summary>
    public static KernelSet<T> Create(Isa isa, Activation activation, GradientRule rule)
    {
        // A library that is compiled for one level keeps only what that level has, and the companion nothing narrower.
        if (Avx512F.IsSupported && (IsaSupport.OnlyWidest || isa == Isa.Avx512))
        {
            return Create<Vector512<T>, Lanes512<T>>(activation, rule);
        }

        if (Avx2.IsSupported && isa == Isa.Avx2)
        {
            return Create<Vector256<T>, Lanes256<T>>(activation, rule);
        }

        return Create<Vector128<T>, Lanes128<T>>(activation, rule);
    }

    private static KernelSet<T> Create<TVec, TLanes>(Activation activation, GradientRule rule)
        where TVec : unmanaged
        where TLanes : struct, ILanes<T, TVec>
    {
        var set = new KernelSet<T>
        {
            FinishLinear = &Finish<T, TVec, TLanes, Identity<T, TVec, TLanes>>.Run,
            TileRows = Has32Registers<TVec>() ? 8 : 4,
            VectorLength = TLanes.Count,
            Accumulate = &Sums<T, TVec, TLanes>.Accumulate,
            AreFinite = &Sums<T, TVec, TLanes>.AreFinite,
            AddRows = &Sums<T, TVec, TLanes>.AddRows,
            MultiplyRows = &Sums<T, TVec, TLanes>.MultiplyRows,
            Fold = &Sums<T, TVec, TLanes>.Fold,
        };

        set.Tiles<TVec, TLanes, Size1>();
        set.Tiles<TVec, TLanes, Size2>();
        set.Tiles<TVec, TLanes, Size3>();
        set.Tiles<TVec, TLanes, Size4>();
        set.LineTiles<TVec, TLanes, Size4>();
        set.ChainsTiles<TVec, TLanes, Size1>();
        set.ChainsTiles<TVec, TLanes, Size2>();
        if (Has32Registers<TVec>())
        {
            set.ChainsTiles<TVec, TLanes, Size3>();
            set.ChainsTiles<TVec, TLanes, Size4>();
            set.Tiles<TVec, TLanes, Size5>();
            set.Tiles<TVec, TLanes, Size6>();
            set.Tiles<TVec, TLanes, Size7>();
            set.Tiles<TVec, TLanes, Size8>();
        }
        else
        {
            set.PointTileOf<TVec, TLanes, Size5, Size1>();
            set.PointTileOf<TVec, TLanes, Size6, Size1>();
            set.PointTileOf<TVec, TLanes, Size7, Size1>();
            set.PointTileOf<TVec, TLanes, Size8, Size1>();
            set.PointTileOf<TVec, TLanes, Size5, Size2>();
            set.PointTileOf<TVec, TLanes, Size6, Size2>();
        }

        switch (activation)
        {
            case Activation.Relu: set.Activate<TVec, TLanes, Relu<T, TVec, TLanes>>(); break;
            case Activation.LeakyRelu: set.Activate<TVec, TLanes, LeakyRelu<T, TVec, TLanes>>(); break;
            case Activation.Clip: set.Activate<TVec, TLanes, Clip<T, TVec, TLanes>>(); break;
            case Activation.Sigmoid: set.Activate<TVec, TLanes, Sigmoid<T, TVec, TLanes>>(); break;
            case Activation.Tanh: set.Activate<TVec, TLanes, Tanh<T, TVec, TLanes>>(); break;
            case Activation.Elu: set.Activate<TVec, TLanes, Elu<T, TVec, TLanes>>(); break;
            default: set.Finish = set.FinishLinear; break;
        }

        switch (rule)
        {
            case GradientRule.Deconvnet: set.Delta = &Delta<T, TVec, TLanes, Deconvnet<T, TVec, TLanes>>.Run; break;
            case GradientRule.Guided: set.Delta = &Delta<T, TVec, TLanes, Guided<T, TVec, TLanes>>.Run; break;
        }

        return set;
    }

    private void Activate<TVec, TLanes, TActivation>()
        where TVec : unmanaged
        where TLanes : struct, ILanes<T, TVec>
        where TActivation : struct, IActivation<TVec>
    {
        Finish = &Finish<T, TVec, TLanes, TActivation>.Run;
        Delta = &Delta<T, TVec, TLanes, TActivation>.Run;
    }

    private void Tiles<TVec, TLanes, TRows>()
        where TVec : unmanaged
        where TLanes : struct, ILanes<T, TVec>
        where TRows : struct, ISize
    {
        var first = (TRows.Value - 1) * TileColumns;
        planeTiles[first] = (long)(delegate*<T*, T*, nint*, nint, T*, nint, bool, T*, void>)&PlaneTile<T, TVec, TLanes, TRows, Size1>.Run;
        planeTiles[first + 1] = (long)(delegate*<T*, T*, nint*, nint, T*, nint, bool, T*, void>)&PlaneTile<T, TVec, TLanes, TRows, Size2>.Run;
        planeTiles[first + 2] = (long)(delegate*<T*, T*, nint*, nint, T*, nint, bool, T*, void>)&PlaneTile<T, TVec, TLanes, TRows, Size3>.Run;
        PointTileOf<TVec, TLanes, TRows, Size1>();
        PointTileOf<TVec, TLanes, TRows, Size2>();
        PointTileOf<TVec, TLanes, TRows, Size3>();
    }

    private void PointTileOf<TVec, TLanes, TRows, TColumns>()
        where TVec : unmanaged
        where TLanes : struct, ILanes<T, TVec>
        where TRows : struct, ISize
        where TColumns : struct, ISize =>
        pointTiles[((TRows.Value - 1) * TileColumns) + TColumns.Value - 1] =
            (long)(delegate*<T*, nint*, T*, nint*, StepRuns*, T*, nint*, bool, T*, void>)&PointTile<T, TVec, TLanes, TRows, TColumns>.Run;

    private void ChainsTiles<TVec, TLanes, TRows>()
        where TVec : unmanaged
        where TLanes : struct, ILanes<T, TVec>
        where TRows : struct, ISize
    {
        var first = (TRows.Value - 1) * TileColumns;
        chainsTiles[first] = (long)(delegate*<T*, nint*, T*, nint*, StepRuns*, T*, nint*, bool, void>)&ChainsTile<T, TVec, TLanes, TRows, Size1>.Run;
        chainsTiles[first + 1] = (long)(delegate*<T*, nint*, T*, nint*, StepRuns*, T*, nint*, bool, void>)&ChainsTile<T, TVec, TLanes, TRows, Size2>.Run;
        chainsTiles[first + 2] = (long)(delegate*<T*, nint*, T*, nint*, StepRuns*, T*, nint*, bool, void>)&ChainsTile<T, TVec, TLanes, TRows, Size3>.Run;
    }

    private void LineTiles<TVec, TLanes, TRows>()
        where TVec : unmanaged
        where TLanes : struct, ILanes<T, TVec>
        where TRows : struct, ISize
    {
        lineTiles[0] = (long)(delegate*<T*, T*, nint*, TapLines*, nint, T*, nint, bool, void>)&LineTile<T, TVec, TLanes, TRows, Size1>.Run;
        lineTiles[1] = (long)(delegate*<T*, T*, nint*, TapLines*, nint, T*, nint, bool, void>)&LineTile<T, TVec, TLanes, TRows, Size2>.Run;
        lineTiles[2] = (long)(delegate*<T*, T*, nint*, TapLines*, nint, T*, nint, bool, void>)&LineTile<T, TVec, TLanes, TRows, Size3>.Run;
    }

    // x86-64 has 16 vector registers up to AVX2 and 32 with AVX-512, arm64 has 32.
    private static bool Has32Registers<TVec>()
        where TVec : unmanaged => sizeof(TVec) == 64 || AdvSimd.IsSupported;
}
