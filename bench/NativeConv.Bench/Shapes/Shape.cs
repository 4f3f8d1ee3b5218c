namespace NativeConv.Bench.Shapes;

/// <summary>A layer of a network: what a line of a shape file says.</summary>
/// <param name="Kind">conv or deconv</param>
/// <param name="Batch">images</param>
/// <param name="InChannels">channels of x</param>
/// <param name="OutChannels">channels of y</param>
/// <param name="Groups">groups of channels</param>
/// <param name="HasBias">forward adds a bias, backward-weights makes its gradient</param>
/// <param name="Rank">spatial axes</param>
/// <param name="Axis0">the outermost of them</param>
/// <param name="Axis1">the next, or default</param>
/// <param name="Axis2">the next, or default</param>
/// <param name="Name">net:layer</param>
/// <param name="Count">how often the net has this layer</param>
public sealed record Shape(
    ConvKind Kind,
    long Batch,
    long InChannels,
    long OutChannels,
    long Groups,
    bool HasBias,
    int Rank,
    ShapeAxis Axis0,
    ShapeAxis Axis1,
    ShapeAxis Axis2,
    string Name,
    int Count)
{
    /// <summary>A spatial axis, outermost first.</summary>
    public ShapeAxis this[int axis] => axis switch
    {
        0 => Axis0,
        1 => Axis1,
        _ => Axis2,
    };

    /// <summary>Numbers in x.</summary>
    public long InputElements => checked(Batch * InChannels * Product(axis => axis.Input));

    /// <summary>Numbers in y.</summary>
    public long OutputElements => checked(Batch * OutChannels * Product(axis => axis.Output));

    /// <summary>Numbers in w.</summary>
    public long WeightElements => checked(InChannels / Groups * OutChannels * Product(axis => axis.Kernel));

    /// <summary>Floating-point operations of the plain algorithm, two for each product, the same for all passes.</summary>
    public double Flops => 2.0 * WeightElements * Batch * Product(axis => Kind == ConvKind.Conv ? axis.Output : axis.Input);

    /// <summary>The layer as the engine takes it.</summary>
    public ConvDescriptor ToDescriptor(ElementType element)
    {
        var descriptor = new ConvDescriptor
        {
            Kind = Kind,
            Rank = Rank,
            Element = element,
            Batch = Batch,
            InChannels = InChannels,
            OutChannels = OutChannels,
            Groups = Groups,
        };
        for (var i = 0; i < Rank; i++)
        {
            var axis = this[i];
            descriptor.Input[i] = axis.Input;
            descriptor.Kernel[i] = axis.Kernel;
            descriptor.Stride[i] = axis.Stride;
            descriptor.Dilation[i] = axis.Dilation;
            descriptor.PadBegin[i] = axis.PadBegin;
            descriptor.PadEnd[i] = axis.PadEnd;
            descriptor.OutputPadding[i] = axis.OutputPadding;
        }

        return descriptor;
    }

    /// <summary>The line that <see cref="ShapeLine.Parse"/> reads this from.</summary>
    public override string ToString() => ShapeLine.Format(this);

    private long Product(Func<ShapeAxis, long> size)
    {
        long product = 1;
        for (var i = 0; i < Rank; i++)
        {
            product = checked(product * size(this[i]));
        }

        return product;
    }
}
