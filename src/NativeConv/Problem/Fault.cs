namespace NativeConv.Problem;

/// <summary>Why a descriptor is refused. The words are in a <see cref="Message"/>; the shared library turns these into its status codes.</summary>
internal enum Fault
{
    /// <summary>Accepted.</summary>
    None,

    /// <summary>A value outside its enumeration, or set where nothing uses it.</summary>
    Argument,

    /// <summary>Sizes that make no convolution.</summary>
    Shape,

    /// <summary>Sizes or bytes that do not fit 64 bits.</summary>
    Overflow,

    /// <summary>Legal, but not in this build.</summary>
    Unsupported,

    /// <summary>No memory for the plan.</summary>
    OutOfMemory,
}
