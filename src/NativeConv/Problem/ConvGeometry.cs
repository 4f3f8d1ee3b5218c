namespace NativeConv.Problem;

/// <summary>A descriptor that was found legal: defaults filled in, three axes, output sizes known.</summary>
internal struct ConvGeometry
{
    public ConvKind Kind;
    public int Rank;
    public ElementType Element;
    public Activation Activation;
    public GradientRule GradientRule;
    public double ActivationAlpha;
    public double ActivationBeta;
    public long WorkspaceLimit;
    public long Batch;
    public long InChannels;
    public long OutChannels;
    public long Groups;
    public Axes Input;
    public Axes Output;
    public Axes Kernel;
    public Axes Stride;
    public Axes Dilation;
    public Axes PadBegin;

    public readonly int ElementSize => Element == ElementType.Float64 ? 8 : 4;

    /// <summary>Numbers in x and dx.</summary>
    public readonly long InputElements => Batch * InChannels * Input.Product;

    /// <summary>Numbers in y and dy.</summary>
    public readonly long OutputElements => Batch * OutChannels * Output.Product;

    /// <summary>Numbers in w and dw.</summary>
    public readonly long WeightElements => InChannels / Groups * OutChannels * Kernel.Product;

    /// <summary>Multiply-adds of the plain algorithm, padding included: the same for all three passes.</summary>
    public readonly double MultiplyAdds =>
        (double)WeightElements * Batch * (Kind == ConvKind.Conv ? Output : Input).Product;

    /// <summary>What the backward passes read is dy itself, not a delta made from it.</summary>
    public readonly bool DeltaIsDy => Activation == Activation.Identity;

    /// <summary>The backward passes read y.</summary>
    public readonly bool DeltaReadsY => !DeltaIsDy && GradientRule != GradientRule.Deconvnet;
}
