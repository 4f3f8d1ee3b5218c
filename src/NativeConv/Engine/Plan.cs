using NativeConv.Kernels;
using NativeConv.Packing;
using NativeConv.Problem;

namespace NativeConv.Engine;

/// <summary>How a pass is computed; names in Planning/AlgorithmList.</summary>
internal enum Algorithm
{
    /// <summary>Gather and Phase problems on planes, output channels, or lines of the only one, in the rows of a tile.</summary>
    DirectPlanes,

    /// <summary>The same where results are sums over one tap: a plain product, of pixels that are copied tile by tile.</summary>
    DirectColumns,

    /// <summary>Channels across a tile. In its rows: pixels; in weight gradients (channel, tap) pairs.</summary>
    DirectPoints,

    /// <summary>The same where results are sums over one tap: a plain product, of pixels that are copied once in the order in which tiles read them.</summary>
    DirectTiles,

    /// <summary>Weight gradients of groups that have one channel on each side: rows of pixels into interleaved sums.</summary>
    DirectLanes,

    /// <summary>One result at a time, straight from the caller's buffers: accepts everything, and is what the others must equal.</summary>
    Plain,
}

/// <summary>One pass of a plan: everything decided before data arrives. Immutable, unmanaged.</summary>
internal unsafe struct PassPlan
{
    public ConvProblem Problem;
    public Algorithm Algorithm;

    /// <summary>What the algorithm is expected to take, in multiply-adds of a vector; among algorithms of one pass the least is chosen.</summary>
    public double Cost;

    /// <summary>Parallel-for calls of one whole execution.</summary>
    public long Stages;

    /// <summary>Too little work to share with the pool's threads.</summary>
    public bool IsSmall;

    /// <summary>Workspace that workers share, the packed weights last.</summary>
    public long SharedBytes;

    /// <summary>Of these, bytes for weights that the caller did not pack.</summary>
    public long SharedPackingBytes;

    /// <summary>Workspace of each worker.</summary>
    public long WorkerBytes;

    /// <summary>Bytes of packed weights, without their header; the same for the caller's buffer and for ours.</summary>
    public long PackedBytes;

    /// <summary>Identity of the packed form: equal ids, same form.</summary>
    public ulong PackedId;

    /// <summary>Numbers in a vector of the kernels.</summary>
    public int VectorLength;

    /// <summary>Rows of the largest tile.</summary>
    public int TileRows;

    /// <summary>Bytes of a number.</summary>
    public int ElementSize;

    // Gather and Phase.
    public PlaneLayout Planes;
    public TapSet* Sets;
    public int SetCount;
    public WeightLayout Weights;

    /// <summary>All sets have as many pixels, along each axis.</summary>
    public bool SetsAreAlike;

    /// <summary>Sets that a piece of work computes together, neighbours along the rows of the result: their pixels are written side by side. 1: each alone.</summary>
    public int JoinedSets;

    /// <summary>What is finished: the sets, or, for each <see cref="JoinedSets"/> of them, all their pixels as one set without taps.</summary>
    public TapSet* Results;

    /// <summary>Some result pixels have no taps in any set.</summary>
    public bool HasBackground;

    /// <summary>Which pixels those are not.</summary>
    public PhaseCover Cover;

    /// <summary>Result rows, of each set, that planes are filled for at once; of a weight gradient rows of the coarse image.</summary>
    public long RowsPerBand;

    /// <summary>Images whose planes are filled together.</summary>
    public long ImagesPerBlock;

    /// <summary>One worker fills and multiplies a band of a block of images, in planes of its own: none reads another's, or waits for it.</summary>
    public bool BlocksAreLocal;

    /// <summary>Result channels in rows: tiles, side by side, of one piece of work.</summary>
    public long TilesPerPiece;

    /// <summary>Tiles that one block of channels multiplies before the next does: where their pixels are read from a first-level cache, the longer the better for writing results.</summary>
    public long TilesPerStrip;

    /// <summary>Columns of the widest strip, which is how far apart rows of its sums are.</summary>
    public readonly long StripPitch => TilesPerStrip * KernelSet<float>.TileColumns * VectorLength;

    /// <summary>Each row of pixels is cut into tiles of its own.</summary>
    public bool TilesAreInRows;

    /// <summary>Sums of all blocks of a piece are kept from chain to chain.</summary>
    public bool KeepsSums;

    /// <summary>Blocks of result channels of one piece of work, at most.</summary>
    public long BlocksPerPiece;

    /// <summary>One result channel, of which rows of tiles are lines: tiles, as wide as the image, of one piece of work. 0: rows of tiles are channels.</summary>
    public long LineTilesPerPiece;

    /// <summary>Pixels in rows: pixels of one piece of work, whole tiles.</summary>
    public long PixelsPerPiece;

    /// <summary>The same, rounded up to whole vectors; of lines, pixels of a line.</summary>
    public long TilePitch;

    /// <summary>Pieces of the same pixels follow each other: the pixels are more than the weights. Else pieces of the same channels.</summary>
    public bool ChannelsInnermost;

    /// <summary>Pixels in rows: a group's weights are more than stays in a second-level cache, and worth asking for before they are used.</summary>
    public bool WeightsAreFar;

    /// <summary>Pixels copied into tiles come from memory, and are worth asking for before they are copied.</summary>
    public bool PixelsAreFar;

    /// <summary>Of a weight gradient: rows of tiles are channels where the caller has them, of more bytes than caches hold.</summary>
    public bool RowsAreFar;

    /// <summary>The result is more than stays in a second-level cache, and worth asking for before it is written.</summary>
    public bool ResultsAreFar;

    /// <summary>
    /// Taps that read nothing but padding for all rows of a tile are left out where all weights are finite; of a weight gradient pixels that do, where those of the coarse image are.
    /// </summary>
    public bool SkipsPadding;

    /// <summary>If <see cref="SkipsPadding"/>, what tiles are expected to take, in the time of all products.</summary>
    public double PartOfProducts;

    /// <summary>Each weight is used by one piece of work, which packs those of a part of the channels (<see cref="WeightLayout.ChannelsPerPart"/>) when it comes to them.</summary>
    public bool PacksParts;

    // WeightGrad.
    public RowChainOrder Rows;
    public PanelLayout Panel;

    /// <summary>The images of <see cref="Problem"/> have changed places: sums lie as gradients do.</summary>
    public bool IsExchanged;

    /// <summary>
    /// Vectors hold fine channels, which alternate in the planes of a block of them, and rows of tiles are coarse channels, where the caller has them. Else vectors hold coarse channels, from a
    /// panel, and rows are fine ones.
    /// </summary>
    public bool FineInVectors;

    /// <summary>Images, of one short chain each, whose chains a tile sums in turn: all, or a power of two. 1: each tile sums one chain.</summary>
    public long ImagesPerTile;

    /// <summary>Each piece of work turns the pixels of a chain when it comes to them.</summary>
    public bool PanelsAreLocal;

    /// <summary>For each tap its offset in a plane.</summary>
    public nint* TapOffsets;

    /// <summary>One worker sums whole groups of chains, with planes and panels of its own.</summary>
    public bool GroupsAreLocal;

    /// <summary>Such a worker's planes hold what <see cref="RowsPerBand"/> rows of the coarse image read; else a whole image.</summary>
    public bool HasBands;

    /// <summary>(channel, tap) rows of one piece of work, at most.</summary>
    public long MostRows;

    /// <summary>For each tap the pixels of the coarse image that it is summed over, unless it reads padding there.</summary>
    public TapReach PixelsOfTaps;

    /// <summary>A weight gradient's chains are those of db, which is summed along with it if both are asked for.</summary>
    public bool SumsBias;

    /// <summary>All images are multiplied at once: no sums are kept from one stage to the next.</summary>
    public bool SumsAreLocal;

    // Workspace that workers share.
    public WorkspacePiece PlanesPiece;
    public WorkspacePiece BandPiece;
    public WorkspacePiece PackedPiece;
    public WorkspacePiece PanelPiece;
    public WorkspacePiece TotalsPiece;
    public WorkspacePiece GroupSumsPiece;
    public WorkspacePiece BiasSumsPiece;

    // Workspace of each worker.
    public WorkspacePiece RowPiece;
    public WorkspacePiece TilePiece;
    public WorkspacePiece TileGroupPiece;
    public WorkspacePiece AddendPiece;
    public WorkspacePiece JoinedPiece;
    public WorkspacePiece OffsetsPiece;
    public WorkspacePiece TileOffsetsPiece;
    public WorkspacePiece PlacesPiece;
    public WorkspacePiece RowOffsetsPiece;
    public WorkspacePiece ColumnsPiece;
    public WorkspacePiece PartWeightsPiece;
    public WorkspacePiece TilesPiece;

    /// <summary>Result channels in the rows of tiles.</summary>
    public readonly ChannelBlocks ChannelRows => new(Problem.ResultChannels, 1, TileRows);

    /// <summary>Channels across tiles.</summary>
    public readonly ChannelBlocks ChannelVectors(long channels) => new(channels, VectorLength, KernelSet<float>.TileColumns);

    /// <summary>Vectors across the widest tile.</summary>
    public readonly int TileVectors => Algorithm switch
    {
        Algorithm.DirectPoints or Algorithm.DirectTiles => (Problem.Kind == ProblemKind.WeightGrad ? Panel.Blocks : Weights.Blocks).Widest,
        _ => KernelSet<float>.TileColumns,
    };

    /// <summary>Of a block of so many images, those that follow each other at each pixel, which has the same padding in all of them; 1: the pixels of an image follow each other.</summary>
    public readonly long Together(long images) => Planes.Images > 1 ? images : 1;

    /// <summary>Workspace that workers share, without the packing where the caller brings packed weights.</summary>
    public static long SharedBytesOf(PassPlan* pass, bool packed) => pass->SharedBytes - (packed ? pass->SharedPackingBytes : 0);
}

/// <summary>A layer's three passes and the kernels that they call. Lives in native memory, below an <see cref="Arena"/>.</summary>
internal unsafe struct Plan
{
    /// <summary>What <see cref="Magic"/> is while the plan is alive.</summary>
    public const ulong Alive = 0x4E43_504C_414E_0001;

    public ulong Magic;
    public Arena Arena;
    public ConvGeometry Geometry;
    public Isa Isa;
    public PassPlan Forward;
    public PassPlan BackwardData;
    public PassPlan BackwardWeights;
    public KernelSet<float> Single;
    public KernelSet<double> Double;

    /// <summary>dy is not used as it is.</summary>
    public readonly bool HasDelta => Single.Delta != null || Double.Delta != null;

    /// <summary>The plan of one pass.</summary>
    public static PassPlan* Pass(Plan* plan, ConvPass pass) => pass switch
    {
        ConvPass.Forward => &plan->Forward,
        ConvPass.BackwardData => &plan->BackwardData,
        _ => &plan->BackwardWeights,
    };

    /// <summary>The kernels of the plan's element type.</summary>
    public static KernelSet<T>* Kernels<T>(Plan* plan)
        where T : unmanaged => typeof(T) == typeof(float) ? (KernelSet<T>*)&plan->Single : (KernelSet<T>*)&plan->Double;
}
