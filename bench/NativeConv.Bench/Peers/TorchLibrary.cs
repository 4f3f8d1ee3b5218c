using System.Runtime.InteropServices;

namespace NativeConv.Bench.Peers;

/// <summary>The C interface of libtorch_cpu that compiled models use (torch/csrc/inductor/aoti_torch/c/shim.h and its generated part, c_shim_cpu.h).</summary>
/// <remarks>OMP_NUM_THREADS and ATEN_CPU_CAPABILITY are read when it is loaded: a process measures one number of threads and one instruction set.</remarks>
internal sealed unsafe class TorchLibrary
{
    /// <summary>(data, ndim, sizes, strides, storage offset, dtype, device type, device index, result)</summary>
    public readonly delegate* unmanaged[Cdecl]<void*, long, long*, long*, long, int, int, int, void**, int> CreateTensorFromBlob;

    /// <summary>(input, weight, bias, stride, padding, dilation: pointer and length each, transposed, output padding, groups, result)</summary>
    public readonly delegate* unmanaged[Cdecl]<void*, void*, void**, long*, long, long*, long, long*, long, int, long*, long, long, void**, int> Convolution;

    /// <summary>(grad output, input, weight, bias sizes, stride, padding, dilation, transposed, output padding, groups, mask, three results)</summary>
    public readonly delegate* unmanaged[Cdecl]<void*, void*, void*, long**, long, long*, long, long*, long, long*, long, int, long*, long, long, int*, long, void**, void**, void**, int> ConvolutionBackward;

    public readonly delegate* unmanaged[Cdecl]<void*, void**, int> GetDataPointer;
    public readonly delegate* unmanaged[Cdecl]<void*, int> DeleteTensor;

    private static readonly Lazy<TorchLibrary> Loaded = new(() => new());

    private TorchLibrary()
    {
        var handle = NativeLibrary.Load(PeerLibraries.TorchPath);
        CreateTensorFromBlob = (delegate* unmanaged[Cdecl]<void*, long, long*, long*, long, int, int, int, void**, int>)Function("aoti_torch_create_tensor_from_blob");
        Convolution = (delegate* unmanaged[Cdecl]<void*, void*, void**, long*, long, long*, long, long*, long, int, long*, long, long, void**, int>)
            Function("aoti_torch_cpu_convolution");
        ConvolutionBackward = (delegate* unmanaged[Cdecl]<void*, void*, void*, long**, long, long*, long, long*, long, long*, long, int, long*, long, long, int*, long, void**, void**, void**, int>)
            Function("aoti_torch_cpu_convolution_backward");
        GetDataPointer = (delegate* unmanaged[Cdecl]<void*, void**, int>)Function("aoti_torch_get_data_ptr");
        DeleteTensor = (delegate* unmanaged[Cdecl]<void*, int>)Function("aoti_torch_delete_tensor_object");
        ((delegate* unmanaged[Cdecl]<byte, void>)Function("aoti_torch_grad_mode_set_enabled"))(0);

        nint Function(string name) => NativeLibrary.GetExport(handle, name);
    }

    public static TorchLibrary Instance => Loaded.Value;

    /// <summary>Throws unless a call succeeded.</summary>
    public static void Check(int error)
    {
        if (error != 0) throw new InvalidOperationException("PyTorch refused a call; what it wrote to standard error says why");
    }
}
