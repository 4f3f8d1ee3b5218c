"""The six operations, and the gradient of an activation, as functions: each plans, runs once and forgets."""

from __future__ import annotations

import math
from typing import Optional, Sequence

from ._arrays import Array, View, view
from ._plan import Plan, pair
from ._values import Ints, Padding, integer, pads, per_axis, spatial_rank


def conv_forward(
    x: Array, w: Array, bias: Optional[Array] = None, *,
    stride: Ints = 1, padding: Padding = 0, dilation: Ints = 1, groups: int = 1,
    activation: str = "identity", activation_alpha: float = 0.0, activation_beta: float = 0.0,
    algorithm: str = "auto", num_threads: int = 0,
    beta: float = 0.0, addend: Optional[Array] = None, out: Optional[Array] = None,
) -> Array:
    """Convolution: y = activation(conv(x, w) + bias + beta * addend).

    x: (batch, in_channels, *input), with 1 to 3 spatial axes.
    w: (out_channels, in_channels / groups, *kernel); the kernel is not flipped.
    bias: (out_channels,).
    addend: of y's shape; None: the old values of `out`.
    Returns y: (batch, out_channels, *output),
    output = (input + pads - dilation * (kernel - 1) - 1) // stride + 1. The other arguments are Plan's.
    """
    image, weights = _image("x", x), view("w", w)
    plan = Plan("conv", image.shape, weights.shape, dtype=image.dtype, w_dtype=weights.dtype,
                stride=stride, padding=padding, dilation=dilation, groups=groups,
                activation=activation, activation_alpha=activation_alpha, activation_beta=activation_beta,
                algorithm=algorithm, num_threads=num_threads, keep_workspace=False)
    return plan.forward(x, w, bias, beta=beta, addend=addend, out=out)


def conv_backward_data(
    dy: Array, w: Array, *, input_size: Optional[Ints] = None, y: Optional[Array] = None,
    stride: Ints = 1, padding: Padding = 0, dilation: Ints = 1, groups: int = 1,
    activation: str = "identity", activation_alpha: float = 0.0, activation_beta: float = 0.0,
    gradient_rule: str = "backprop", algorithm: str = "auto", num_threads: int = 0,
    alpha: float = 1.0, beta: float = 0.0, addend: Optional[Array] = None, out: Optional[Array] = None,
) -> Array:
    """The gradient of a convolution with respect to x: dx = alpha * gradient + beta * addend.

    dy: (batch, out_channels, *output), the gradient with respect to the activated y.
    w: (out_channels, in_channels / groups, *kernel).
    input_size: x's spatial sizes. Needed where a stride is above 1 and `out` is not given: several sizes give one dy.
    y: what conv_forward returned; needed with an activation, except for the rule "deconvnet".
    addend: of dx's shape; None: the old values of `out`.
    Returns dx: (batch, in_channels, *input). The other arguments are Plan's.
    """
    gradient, weights = _image("dy", dy), _weights(w, dy)
    rank = len(gradient.shape) - 2
    strides = per_axis("stride", stride, rank, least=1)
    if input_size is not None:
        sizes: Sequence[int] = per_axis("input_size", input_size, rank)
    elif out is not None:
        sizes = _image("out", out).shape[2:]
    elif max(strides) == 1:
        sizes = _stretched(gradient.shape[2:], weights.shape[2:], strides, dilation, padding)
    else:
        raise TypeError(f"input_size is needed: with stride {stride} several input sizes give this dy")
    in_channels = weights.shape[1] * integer("groups", groups, least=1)
    plan = Plan("conv", (gradient.shape[0], in_channels, *sizes), weights.shape,
                dtype=gradient.dtype, w_dtype=weights.dtype,
                stride=stride, padding=padding, dilation=dilation, groups=groups,
                activation=activation, activation_alpha=activation_alpha, activation_beta=activation_beta,
                gradient_rule=gradient_rule, algorithm=algorithm, num_threads=num_threads, keep_workspace=False)
    return plan.backward_data(dy, w, y=y, alpha=alpha, beta=beta, addend=addend, out=out)


def conv_backward_weights(
    x: Array, dy: Array, kernel_size: Optional[Ints] = None, *, y: Optional[Array] = None,
    stride: Ints = 1, padding: Padding = 0, dilation: Ints = 1, groups: int = 1,
    activation: str = "identity", activation_alpha: float = 0.0, activation_beta: float = 0.0,
    gradient_rule: str = "backprop", algorithm: str = "auto", num_threads: int = 0,
    need_weights: bool = True, need_bias: bool = True,
    alpha: float = 1.0, beta: float = 0.0, out: Sequence[Optional[Array]] = (None, None),
) -> tuple[Optional[Array], Optional[Array]]:
    """The gradients of a convolution with respect to w and bias: dw = alpha * gradient + beta * dw, db likewise.

    x: (batch, in_channels, *input). dy: (batch, out_channels, *output).
    kernel_size: w's spatial sizes; needed unless out[0] is given.
    y: what conv_forward returned; needed with an activation, except for the rule "deconvnet".
    out: (dw, db), each an array or None.
    Returns (dw, db): (out_channels, in_channels / groups, *kernel) and (out_channels,); None for what is not needed.
    The other arguments are Plan's.
    """
    image, gradient = _image("x", x), _image("dy", dy)
    shape = (gradient.shape[1], _share("x", image.shape[1], groups), *_kernel(kernel_size, out, image))
    plan = Plan("conv", image.shape, shape, dtype=image.dtype, w_dtype=_result_dtype(image, out),
                stride=stride, padding=padding, dilation=dilation, groups=groups,
                activation=activation, activation_alpha=activation_alpha, activation_beta=activation_beta,
                gradient_rule=gradient_rule, algorithm=algorithm, num_threads=num_threads, keep_workspace=False)
    return plan.backward_weights(x, dy, y=y, need_weights=need_weights, need_bias=need_bias,
                                 alpha=alpha, beta=beta, out=out)


def deconv_forward(
    x: Array, w: Array, bias: Optional[Array] = None, *,
    stride: Ints = 1, padding: Padding = 0, dilation: Ints = 1, groups: int = 1, output_padding: Ints = 0,
    activation: str = "identity", activation_alpha: float = 0.0, activation_beta: float = 0.0,
    algorithm: str = "auto", num_threads: int = 0,
    beta: float = 0.0, addend: Optional[Array] = None, out: Optional[Array] = None,
) -> Array:
    """Transposed convolution, the adjoint of conv_forward: y = activation(deconv(x, w) + bias + beta * addend).

    x: (batch, in_channels, *input), with 1 to 3 spatial axes.
    w: (in_channels, out_channels / groups, *kernel).
    bias: (out_channels,).
    output_padding: rows added at the end; those that no kernel reaches get the bias (and the activation).
    addend: of y's shape; None: the old values of `out`.
    Returns y: (batch, out_channels, *output),
    output = stride * (input - 1) + dilation * (kernel - 1) + 1 - pads + output_padding. The other arguments are Plan's.
    """
    image, weights = _image("x", x), view("w", w)
    plan = Plan("deconv", image.shape, weights.shape, dtype=image.dtype, w_dtype=weights.dtype,
                stride=stride, padding=padding, dilation=dilation, groups=groups, output_padding=output_padding,
                activation=activation, activation_alpha=activation_alpha, activation_beta=activation_beta,
                algorithm=algorithm, num_threads=num_threads, keep_workspace=False)
    return plan.forward(x, w, bias, beta=beta, addend=addend, out=out)


def deconv_backward_data(
    dy: Array, w: Array, *, y: Optional[Array] = None,
    stride: Ints = 1, padding: Padding = 0, dilation: Ints = 1, groups: int = 1, output_padding: Ints = 0,
    activation: str = "identity", activation_alpha: float = 0.0, activation_beta: float = 0.0,
    gradient_rule: str = "backprop", algorithm: str = "auto", num_threads: int = 0,
    alpha: float = 1.0, beta: float = 0.0, addend: Optional[Array] = None, out: Optional[Array] = None,
) -> Array:
    """The gradient of a transposed convolution with respect to x: dx = alpha * gradient + beta * addend.

    dy: (batch, out_channels, *output), the gradient with respect to the activated y.
    w: (in_channels, out_channels / groups, *kernel).
    y: what deconv_forward returned; needed with an activation, except for the rule "deconvnet".
    addend: of dx's shape; None: the old values of `out`.
    Returns dx: (batch, in_channels, *input). The other arguments are Plan's.
    """
    gradient, weights = _image("dy", dy), _weights(w, dy)
    sizes = _shrunk(gradient.shape[2:], weights.shape[2:], stride, dilation, padding, output_padding)
    plan = Plan("deconv", (gradient.shape[0], weights.shape[0], *sizes), weights.shape,
                dtype=gradient.dtype, w_dtype=weights.dtype,
                stride=stride, padding=padding, dilation=dilation, groups=groups, output_padding=output_padding,
                activation=activation, activation_alpha=activation_alpha, activation_beta=activation_beta,
                gradient_rule=gradient_rule, algorithm=algorithm, num_threads=num_threads, keep_workspace=False)
    return plan.backward_data(dy, w, y=y, alpha=alpha, beta=beta, addend=addend, out=out)


def deconv_backward_weights(
    x: Array, dy: Array, kernel_size: Optional[Ints] = None, *, y: Optional[Array] = None,
    stride: Ints = 1, padding: Padding = 0, dilation: Ints = 1, groups: int = 1, output_padding: Ints = 0,
    activation: str = "identity", activation_alpha: float = 0.0, activation_beta: float = 0.0,
    gradient_rule: str = "backprop", algorithm: str = "auto", num_threads: int = 0,
    need_weights: bool = True, need_bias: bool = True,
    alpha: float = 1.0, beta: float = 0.0, out: Sequence[Optional[Array]] = (None, None),
) -> tuple[Optional[Array], Optional[Array]]:
    """The gradients of a transposed convolution with respect to w and bias: dw = alpha * gradient + beta * dw, db likewise.

    x: (batch, in_channels, *input). dy: (batch, out_channels, *output).
    kernel_size: w's spatial sizes; needed unless out[0] is given.
    y: what deconv_forward returned; needed with an activation, except for the rule "deconvnet".
    out: (dw, db), each an array or None.
    Returns (dw, db): (in_channels, out_channels / groups, *kernel) and (out_channels,); None for what is not needed.
    The other arguments are Plan's.
    """
    image, gradient = _image("x", x), _image("dy", dy)
    shape = (image.shape[1], _share("dy", gradient.shape[1], groups), *_kernel(kernel_size, out, image))
    plan = Plan("deconv", image.shape, shape, dtype=image.dtype, w_dtype=_result_dtype(image, out),
                stride=stride, padding=padding, dilation=dilation, groups=groups, output_padding=output_padding,
                activation=activation, activation_alpha=activation_alpha, activation_beta=activation_beta,
                gradient_rule=gradient_rule, algorithm=algorithm, num_threads=num_threads, keep_workspace=False)
    return plan.backward_weights(x, dy, y=y, need_weights=need_weights, need_bias=need_bias,
                                 alpha=alpha, beta=beta, out=out)


def activation_backward(
    dy: Array, y: Optional[Array] = None, *,
    activation: str, activation_alpha: float = 0.0, activation_beta: float = 0.0,
    gradient_rule: str = "backprop", num_threads: int = 0, out: Optional[Array] = None,
) -> Array:
    """delta = dy * (derivative of the activation, from y = activation(a)), element by element.

    dy, y, out: of one shape, whatever it is. y is not needed for "identity" and for the rule "deconvnet".
    """
    gradient = view("dy", dy)
    size = math.prod(gradient.shape)
    plan = Plan("conv", (min(size, 1), 1, max(size, 1)), (1, 1, 1), dtype=gradient.dtype,
                activation=activation, activation_alpha=activation_alpha, activation_beta=activation_beta,
                gradient_rule=gradient_rule, num_threads=num_threads, keep_workspace=False)
    plan.y_shape = gradient.shape  # the same number of elements, and the library asks for no more
    return plan.activation_backward(dy, y, out=out)


def _image(name: str, array: Array) -> View:
    memory = view(name, array)
    spatial_rank(name, memory.shape)
    return memory


def _weights(w: Array, dy: Array) -> View:
    """w, of as many axes as dy: the sizes of x are worked out from both."""
    weights, gradient = view("w", w), view("dy", dy)
    if len(weights.shape) != len(gradient.shape):
        raise ValueError(f"w has {len(weights.shape)} axes and dy has {len(gradient.shape)}: they must have the same number")
    return weights


def _share(name: str, channels: int, groups: int) -> int:
    """One group's part of the channels."""
    if channels % integer("groups", groups, least=1):
        raise ValueError(f"groups={groups} does not divide the {channels} channels of {name}")
    return channels // groups


def _kernel(kernel_size: Optional[Ints], out: Sequence[Optional[Array]], image: View) -> Sequence[int]:
    dw, _ = pair(out)
    if kernel_size is not None:
        return per_axis("kernel_size", kernel_size, len(image.shape) - 2)
    if dw is None:
        raise TypeError("kernel_size is needed: several kernels give this dy from this x")
    return _image("out[0]", dw).shape[2:]


def _result_dtype(image: View, out: Sequence[Optional[Array]]) -> str:
    """That of the gradients given, else x's."""
    for name, array in zip(("out[0]", "out[1]"), out):
        if array is not None:
            return view(name, array).dtype
    return image.dtype


def _stretched(sizes: Sequence[int], kernel: Sequence[int], stride: Ints, dilation: Ints, padding: Padding,
               output_padding: Ints = 0) -> list[int]:
    """What a deconv makes of `sizes`; for stride 1, the input from which a conv makes them."""
    rank = len(sizes)
    begins, ends = pads(padding, rank)
    return [s * (n - 1) + d * (k - 1) + 1 - b - e + extra for n, k, s, d, b, e, extra in zip(
        sizes, kernel, per_axis("stride", stride, rank, 1), per_axis("dilation", dilation, rank, 1), begins, ends,
        per_axis("output_padding", output_padding, rank))]


def _shrunk(sizes: Sequence[int], kernel: Sequence[int], stride: Ints, dilation: Ints, padding: Padding,
            output_padding: Ints) -> list[int]:
    """The input from which a deconv makes `sizes`."""
    smallest = _stretched([1] * len(sizes), kernel, stride, dilation, padding, output_padding)
    inputs = []
    for axis, (size, least, step) in enumerate(zip(sizes, smallest, per_axis("stride", stride, len(sizes), 1))):
        if size < least or (size - least) % step:
            raise ValueError(f"dy has size {size} on spatial axis {axis}: this deconv makes {least}, {least + step}, ...")
        inputs.append((size - least) // step + 1)
    return inputs
