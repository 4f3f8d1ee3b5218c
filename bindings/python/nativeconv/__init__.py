"""NativeConv: convolution and deconvolution of any rank, forward and backward, on the CPU.

    y = nativeconv.conv_forward(x, w, bias, padding=1, activation="relu")

x, dx: (batch, in_channels, *input); y, dy: (batch, out_channels, *output), with 1 to 3 spatial axes; bias, db:
(out_channels,). w, dw: conv (out_channels, in_channels / groups, *kernel), deconv (in_channels, out_channels / groups,
*kernel). All C-contiguous, float32 or float64. Functions plan and run once; a Plan is kept and runs often.
"""

from ._abi import Status
from ._arrays import Array
from ._convolution import (activation_backward, conv_backward_data, conv_backward_weights, conv_forward,
                           deconv_backward_data, deconv_backward_weights, deconv_forward)
from ._library import (NativeConvError, abi_version, get_num_threads, isa, last_error, library_path, numerics_version,
                       set_num_threads, status_string, version)
from ._loader import NativeConvLoadError
from ._plan import PackedWeights, PassInfo, Plan, TensorInfo

__all__ = [
    "Array", "NativeConvError", "NativeConvLoadError", "PackedWeights", "PassInfo", "Plan", "Status", "TensorInfo",
    "abi_version", "activation_backward", "conv_backward_data", "conv_backward_weights", "conv_forward",
    "deconv_backward_data", "deconv_backward_weights", "deconv_forward", "get_num_threads", "isa", "last_error",
    "library_path", "numerics_version", "set_num_threads", "status_string", "version",
]
