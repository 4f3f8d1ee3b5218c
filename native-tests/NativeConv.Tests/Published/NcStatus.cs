namespace NativeConv.Tests.Published;

/// <summary>nc_status, by the header's names.</summary>
internal enum NcStatus
{
    Ok = 0,
    NullPointer = -1,
    InvalidArgument = -2,
    InvalidShape = -3,
    Overflow = -4,
    Unsupported = -5,
    Workspace = -6,
    Overlap = -7,
    OutOfMemory = -8,
    Parallel = -9,
    Internal = -99,
}
