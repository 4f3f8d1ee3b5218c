"""NativeConv: convolution and deconvolution of any rank, forward and backward, on the CPU.

    y = nativeconv.conv2d(x, w, b, padding=1, activation="relu")

x, dx: (batch, in_channels, *input); y, dy: (batch, out_channels, *output), with 1 to 3 spatial axes; bias, db:
(out_channels,). w, dw: conv (out_channels, in_channels / groups, *kernel), deconv (in_channels, out_channels / groups,
*kernel). All C-contiguous, float32 or float64. Functions plan and run once; a Plan is kept and runs often. conv1d ...
conv_transpose3d are torch.nn.functional's, and have gradients; conv_forward ... deconv_backward_weights are the library's own.
"""

from ._abi import Status
from ._arrays import Array
from ._convolution import (activation_backward, conv_backward_data, conv_backward_weights, conv_forward,
                           deconv_backward_data, deconv_backward_weights, deconv_forward)
from ._functional import (conv1d, conv1d_backward, conv2d, conv2d_backward, conv3d, conv3d_backward, conv_transpose1d,
                          conv_transpose1d_backward, conv_transpose2d, conv_transpose2d_backward, conv_transpose3d,
                          conv_transpose3d_backward)
from ._gradcheck import gradcheck
from ._library import (NativeConvError, abi_version, get_num_threads, isa, last_error, library_path, numerics_version,
                       set_num_threads, status_string, version)
from ._loader import NativeConvLoadError
from ._plan import PackedWeights, PassInfo, Plan, TensorInfo

__all__ = [
    "Array", "NativeConvError", "NativeConvLoadError", "PackedWeights", "PassInfo", "Plan", "Status", "TensorInfo",
    "abi_version", "activation_backward", "conv1d", "conv1d_backward", "conv2d", "conv2d_backward", "conv3d", "conv3d_backward",
    "conv_backward_data", "conv_backward_weights", "conv_forward", "conv_transpose1d", "conv_transpose1d_backward", "conv_transpose2d",
    "conv_transpose2d_backward", "conv_transpose3d", "conv_transpose3d_backward", "deconv_backward_data", "deconv_backward_weights",
    "deconv_forward", "get_num_threads", "gradcheck", "isa", "last_error", "library_path", "numerics_version", "set_num_threads",
    "status_string", "version",
]
