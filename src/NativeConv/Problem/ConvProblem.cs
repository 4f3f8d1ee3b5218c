namespace NativeConv.Problem;

/// <summary>What the six operations come down to.</summary>
internal enum ProblemKind
{
    /// <summary>Coarse from fine: each result is a sum over a window. Conv forward, deconv backward-data.</summary>
    Gather,

    /// <summary>Fine from coarse: each source is spread over a window; every output phase is a convolution of its own. Conv backward-data, deconv forward.</summary>
    Phase,

    /// <summary>Weights from both images. Both backward-weights.</summary>
    WeightGrad,
}

/// <summary>
/// One struct for all six operations. Two images: the <em>fine</em> one, that windows lie on, and the <em>coarse</em> one, with one pixel for each window:
/// <c>fine index = stride * coarse index + dilation * tap - pad</c>, and fine pixels outside the image are zero. The weights of both kinds
/// of layer are <c>w[coarse channel][fine channel of the group][tap]</c>: the deconv of a weight buffer is the adjoint of the conv of the same bytes.
/// </summary>
internal struct ConvProblem
{
    public ProblemKind Kind;
    public long Batch;
    public long Groups;

    /// <summary>Channels of one group.</summary>
    public long FineChannels;

    /// <summary>Channels of one group.</summary>
    public long CoarseChannels;

    public Axes Fine;
    public Axes Coarse;
    public Axes Kernel;
    public Axes Stride;
    public Axes Dilation;
    public Axes Pad;

    /// <summary>dy, from which delta is made, is the fine image; else, in a backward pass, the coarse one.</summary>
    public bool GradientIsFine;

    /// <summary>The source is dy.</summary>
    public bool SourceIsGradient;

    /// <summary>
    /// The mapping, written once. x is fine and y coarse in a conv, the other way round in a deconv.
    /// </summary>
    public static ConvProblem From(ConvPass pass, in ConvGeometry geometry)
    {
        var conv = geometry.Kind == ConvKind.Conv;
        return new ConvProblem
        {
            Kind = (geometry.Kind, pass) switch
            {
                (ConvKind.Conv, ConvPass.Forward) => ProblemKind.Gather,
                (ConvKind.Conv, ConvPass.BackwardData) => ProblemKind.Phase,
                (ConvKind.Deconv, ConvPass.Forward) => ProblemKind.Phase,
                (ConvKind.Deconv, ConvPass.BackwardData) => ProblemKind.Gather,
                _ => ProblemKind.WeightGrad,
            },
            Batch = geometry.Batch,
            Groups = geometry.Groups,
            FineChannels = (conv ? geometry.InChannels : geometry.OutChannels) / geometry.Groups,
            CoarseChannels = (conv ? geometry.OutChannels : geometry.InChannels) / geometry.Groups,
            Fine = conv ? geometry.Input : geometry.Output,
            Coarse = conv ? geometry.Output : geometry.Input,
            Kernel = geometry.Kernel,
            Stride = geometry.Stride,
            Dilation = geometry.Dilation,
            Pad = geometry.PadBegin,
            GradientIsFine = !conv,
            SourceIsGradient = pass == ConvPass.BackwardData,
        };
    }

    /// <summary>
    /// Whether both images have the same pixels, each of which meets itself alone: a 1x1 kernel with stride 1. Then they may change places, and the weights become
    /// <c>w[fine channel of the group][coarse channel]</c>.
    /// </summary>
    public readonly bool IsPlainProduct => Kernel.Product == 1 && Stride.Product == 1 && Pad.Equals(default) && Fine.Equals(Coarse);

    /// <summary>Whether each image has one window, which is all of the fine image: then the numbers of that are as good as channels.</summary>
    public readonly bool IsOneWindow => Coarse.Product == 1 && Fine.Equals(Kernel) && Pad.Equals(default) && (Kernel.Product == 1 || Dilation.Product == 1);

    /// <summary>The same layer of one window as a plain product of images of one pixel.</summary>
    public readonly ConvProblem OfPixels()
    {
        var one = new Axes(1, 1, 1);
        return this with { FineChannels = FineChannels * Kernel.Product, Fine = one, Kernel = one, Stride = one, Dilation = one };
    }

    /// <summary>The same problem, the images having changed places.</summary>
    public readonly ConvProblem Exchanged()
    {
        var exchanged = this;
        (exchanged.Fine, exchanged.Coarse) = (Coarse, Fine);
        (exchanged.FineChannels, exchanged.CoarseChannels) = (CoarseChannels, FineChannels);
        exchanged.GradientIsFine = !GradientIsFine;
        return exchanged;
    }

    /// <summary>The same plain product of images that are one row.</summary>
    public readonly ConvProblem InOneRow() => this with { Fine = new Axes(1, 1, Fine.Product), Coarse = new Axes(1, 1, Coarse.Product) };

    /// <summary>Numbers in one image, all groups.</summary>
    public readonly long FineImage => Groups * FineChannels * Fine.Product;

    /// <summary>Numbers in one image, all groups.</summary>
    public readonly long CoarseImage => Groups * CoarseChannels * Coarse.Product;

    /// <summary>Channels of one group of the result of a Gather or Phase problem.</summary>
    public readonly long ResultChannels => Kind == ProblemKind.Gather ? CoarseChannels : FineChannels;

    /// <summary>Channels of one group that a Gather or Phase problem sums over.</summary>
    public readonly long SourceChannels => Kind == ProblemKind.Gather ? FineChannels : CoarseChannels;

    public readonly Axes Source => Kind == ProblemKind.Gather ? Fine : Coarse;

    public readonly Axes Result => Kind == ProblemKind.Gather ? Coarse : Fine;
}
