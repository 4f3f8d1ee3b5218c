"""Convolutions by number of axes, with the names, the order and the defaults of torch.nn.functional; and their gradients."""

from __future__ import annotations

from typing import Optional, Sequence, Union

from ._arrays import Array, view
from ._convolution import conv_forward, deconv_forward
from ._plan import Plan
from ._values import Ints, Padding, per_axis

Gradients = tuple[Optional[Array], Optional[Array], Optional[Array]]


def conv1d(x: Array, w: Array, b: Optional[Array] = None, stride: Ints = 1, padding: Union[Padding, str] = 0, dilation: Ints = 1,
           groups: int = 1, *, activation: str = "identity", activation_alpha: float = 0.0, activation_beta: float = 0.0,
           num_threads: int = 0, out: Optional[Array] = None) -> Array:
    """conv2d with one spatial axis: x (batch, in_channels, length), w (out_channels, in_channels / groups, kernel)."""
    return _conv(1, x, w, b, stride, padding, dilation, groups, activation, activation_alpha, activation_beta, num_threads, out)


def conv2d(x: Array, w: Array, b: Optional[Array] = None, stride: Ints = 1, padding: Union[Padding, str] = 0, dilation: Ints = 1,
           groups: int = 1, *, activation: str = "identity", activation_alpha: float = 0.0, activation_beta: float = 0.0,
           num_threads: int = 0, out: Optional[Array] = None) -> Array:
    """Convolution (the kernel is not flipped): y = activation(conv(x, w) + b).

    x: (batch, in_channels, height, width), float32 or float64. w: (out_channels, in_channels / groups, kernel_height,
    kernel_width), of x's dtype. b: (out_channels,) or None.
    stride, dilation: an int, or one for each axis. padding: zeros on both sides, an int, one for each axis, or pairs
    (begin, end); "valid" is none, "same" (stride 1) keeps the size, the odd zero at the end.
    activation: "identity", "relu", "leaky_relu" (alpha), "clip" (alpha, beta), "sigmoid", "tanh", "elu" (alpha).
    out: an array for the result. Returns y: (batch, out_channels, *output),
    output = (input + pads - dilation * (kernel - 1) - 1) // stride + 1.

    Raises TypeError and ValueError for arguments that do not fit each other, NativeConvError for what the library refuses.
    """
    return _conv(2, x, w, b, stride, padding, dilation, groups, activation, activation_alpha, activation_beta, num_threads, out)


def conv3d(x: Array, w: Array, b: Optional[Array] = None, stride: Ints = 1, padding: Union[Padding, str] = 0, dilation: Ints = 1,
           groups: int = 1, *, activation: str = "identity", activation_alpha: float = 0.0, activation_beta: float = 0.0,
           num_threads: int = 0, out: Optional[Array] = None) -> Array:
    """conv2d with three spatial axes: x (batch, in_channels, depth, height, width)."""
    return _conv(3, x, w, b, stride, padding, dilation, groups, activation, activation_alpha, activation_beta, num_threads, out)


def conv_transpose1d(x: Array, w: Array, b: Optional[Array] = None, stride: Ints = 1, padding: Padding = 0, output_padding: Ints = 0,
                     groups: int = 1, dilation: Ints = 1, *, activation: str = "identity", activation_alpha: float = 0.0,
                     activation_beta: float = 0.0, num_threads: int = 0, out: Optional[Array] = None) -> Array:
    """conv_transpose2d with one spatial axis: x (batch, in_channels, length), w (in_channels, out_channels / groups, kernel)."""
    return _transpose(1, x, w, b, stride, padding, output_padding, groups, dilation, activation, activation_alpha, activation_beta, num_threads, out)


def conv_transpose2d(x: Array, w: Array, b: Optional[Array] = None, stride: Ints = 1, padding: Padding = 0, output_padding: Ints = 0,
                     groups: int = 1, dilation: Ints = 1, *, activation: str = "identity", activation_alpha: float = 0.0,
                     activation_beta: float = 0.0, num_threads: int = 0, out: Optional[Array] = None) -> Array:
    """Transposed convolution, the adjoint of conv2d: y = activation(deconv(x, w) + b).

    x: (batch, in_channels, height, width). w: (in_channels, out_channels / groups, kernel_height, kernel_width).
    padding: rows of the result that are dropped on both sides. output_padding: rows added at its end.
    Returns y: (batch, out_channels, *output),
    output = stride * (input - 1) + dilation * (kernel - 1) + 1 - pads + output_padding. The rest is conv2d's.
    """
    return _transpose(2, x, w, b, stride, padding, output_padding, groups, dilation, activation, activation_alpha, activation_beta, num_threads, out)


def conv_transpose3d(x: Array, w: Array, b: Optional[Array] = None, stride: Ints = 1, padding: Padding = 0, output_padding: Ints = 0,
                     groups: int = 1, dilation: Ints = 1, *, activation: str = "identity", activation_alpha: float = 0.0,
                     activation_beta: float = 0.0, num_threads: int = 0, out: Optional[Array] = None) -> Array:
    """conv_transpose2d with three spatial axes: x (batch, in_channels, depth, height, width)."""
    return _transpose(3, x, w, b, stride, padding, output_padding, groups, dilation, activation, activation_alpha, activation_beta, num_threads, out)


def conv1d_backward(dy: Array, x: Array, w: Array, stride: Ints = 1, padding: Union[Padding, str] = 0, dilation: Ints = 1, groups: int = 1, *,
                    y: Optional[Array] = None, activation: str = "identity", activation_alpha: float = 0.0, activation_beta: float = 0.0,
                    gradient_rule: str = "backprop", num_threads: int = 0, needs: Sequence[bool] = (True, True, True)) -> Gradients:
    """conv2d_backward with one spatial axis."""
    return _conv_backward(1, dy, x, w, stride, padding, dilation, groups, y, activation, activation_alpha, activation_beta, gradient_rule,
                          num_threads, needs)


def conv2d_backward(dy: Array, x: Array, w: Array, stride: Ints = 1, padding: Union[Padding, str] = 0, dilation: Ints = 1, groups: int = 1, *,
                    y: Optional[Array] = None, activation: str = "identity", activation_alpha: float = 0.0, activation_beta: float = 0.0,
                    gradient_rule: str = "backprop", num_threads: int = 0, needs: Sequence[bool] = (True, True, True)) -> Gradients:
    """The gradients of conv2d: (dx, dw, db), of the shapes of x, w and b; None where `needs` says False.

    dy: the gradient of the loss with respect to the activated y, of y's shape. x, w and the rest: what conv2d got.
    y: what conv2d returned; needed with an activation, except for the rule "deconvnet".
    """
    return _conv_backward(2, dy, x, w, stride, padding, dilation, groups, y, activation, activation_alpha, activation_beta, gradient_rule,
                          num_threads, needs)


def conv3d_backward(dy: Array, x: Array, w: Array, stride: Ints = 1, padding: Union[Padding, str] = 0, dilation: Ints = 1, groups: int = 1, *,
                    y: Optional[Array] = None, activation: str = "identity", activation_alpha: float = 0.0, activation_beta: float = 0.0,
                    gradient_rule: str = "backprop", num_threads: int = 0, needs: Sequence[bool] = (True, True, True)) -> Gradients:
    """conv2d_backward with three spatial axes."""
    return _conv_backward(3, dy, x, w, stride, padding, dilation, groups, y, activation, activation_alpha, activation_beta, gradient_rule,
                          num_threads, needs)


def conv_transpose1d_backward(dy: Array, x: Array, w: Array, stride: Ints = 1, padding: Padding = 0, output_padding: Ints = 0, groups: int = 1,
                              dilation: Ints = 1, *, y: Optional[Array] = None, activation: str = "identity", activation_alpha: float = 0.0,
                              activation_beta: float = 0.0, gradient_rule: str = "backprop", num_threads: int = 0,
                              needs: Sequence[bool] = (True, True, True)) -> Gradients:
    """conv_transpose2d_backward with one spatial axis."""
    return _transpose_backward(1, dy, x, w, stride, padding, output_padding, groups, dilation, y, activation, activation_alpha, activation_beta,
                               gradient_rule, num_threads, needs)


def conv_transpose2d_backward(dy: Array, x: Array, w: Array, stride: Ints = 1, padding: Padding = 0, output_padding: Ints = 0, groups: int = 1,
                              dilation: Ints = 1, *, y: Optional[Array] = None, activation: str = "identity", activation_alpha: float = 0.0,
                              activation_beta: float = 0.0, gradient_rule: str = "backprop", num_threads: int = 0,
                              needs: Sequence[bool] = (True, True, True)) -> Gradients:
    """The gradients of conv_transpose2d: (dx, dw, db); arguments and results as conv2d_backward's."""
    return _transpose_backward(2, dy, x, w, stride, padding, output_padding, groups, dilation, y, activation, activation_alpha, activation_beta,
                               gradient_rule, num_threads, needs)


def conv_transpose3d_backward(dy: Array, x: Array, w: Array, stride: Ints = 1, padding: Padding = 0, output_padding: Ints = 0, groups: int = 1,
                              dilation: Ints = 1, *, y: Optional[Array] = None, activation: str = "identity", activation_alpha: float = 0.0,
                              activation_beta: float = 0.0, gradient_rule: str = "backprop", num_threads: int = 0,
                              needs: Sequence[bool] = (True, True, True)) -> Gradients:
    """conv_transpose2d_backward with three spatial axes."""
    return _transpose_backward(3, dy, x, w, stride, padding, output_padding, groups, dilation, y, activation, activation_alpha, activation_beta,
                               gradient_rule, num_threads, needs)


def _conv(rank: int, x: Array, w: Array, b: Optional[Array], stride: Ints, padding: Union[Padding, str], dilation: Ints, groups: int,
          activation: str, alpha: float, beta: float, num_threads: int, out: Optional[Array]) -> Array:
    _, kernel = _shapes(rank, x, w)
    return conv_forward(x, w, b, stride=stride, padding=_padding(padding, kernel, stride, dilation), dilation=dilation, groups=groups,
                        activation=activation, activation_alpha=alpha, activation_beta=beta, num_threads=num_threads, out=out)


def _transpose(rank: int, x: Array, w: Array, b: Optional[Array], stride: Ints, padding: Padding, output_padding: Ints, groups: int,
               dilation: Ints, activation: str, alpha: float, beta: float, num_threads: int, out: Optional[Array]) -> Array:
    _shapes(rank, x, w)
    return deconv_forward(x, w, b, stride=stride, padding=padding, output_padding=output_padding, groups=groups, dilation=dilation,
                          activation=activation, activation_alpha=alpha, activation_beta=beta, num_threads=num_threads, out=out)


def _conv_backward(rank: int, dy: Array, x: Array, w: Array, stride: Ints, padding: Union[Padding, str], dilation: Ints, groups: int,
                   y: Optional[Array], activation: str, alpha: float, beta: float, rule: str, num_threads: int, needs: Sequence[bool]) -> Gradients:
    image, kernel = _shapes(rank, x, w)
    plan = Plan("conv", image, kernel, dtype=view("x", x).dtype, stride=stride, padding=_padding(padding, kernel, stride, dilation),
                dilation=dilation, groups=groups, activation=activation, activation_alpha=alpha, activation_beta=beta, gradient_rule=rule,
                num_threads=num_threads, keep_workspace=False)
    return _gradients(plan, dy, x, w, y, needs)


def _transpose_backward(rank: int, dy: Array, x: Array, w: Array, stride: Ints, padding: Padding, output_padding: Ints, groups: int, dilation: Ints,
                        y: Optional[Array], activation: str, alpha: float, beta: float, rule: str, num_threads: int,
                        needs: Sequence[bool]) -> Gradients:
    image, kernel = _shapes(rank, x, w)
    plan = Plan("deconv", image, kernel, dtype=view("x", x).dtype, stride=stride, padding=padding, output_padding=output_padding, groups=groups,
                dilation=dilation, activation=activation, activation_alpha=alpha, activation_beta=beta, gradient_rule=rule,
                num_threads=num_threads, keep_workspace=False)
    return _gradients(plan, dy, x, w, y, needs)


def _gradients(plan: Plan, dy: Array, x: Array, w: Array, y: Optional[Array], needs: Sequence[bool]) -> Gradients:
    if len(needs) != 3:
        raise ValueError(f"needs has {len(needs)} entries, it must have three: for dx, dw and db")
    need_x, need_w, need_b = needs
    dx = plan.backward_data(dy, w, y=y) if need_x else None
    dw, db = plan.backward_weights(x, dy, y=y, need_weights=need_w, need_bias=need_b) if need_w or need_b else (None, None)
    return dx, dw, db


def _shapes(rank: int, x: Array, w: Array) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The shapes of x and w, if they have this many spatial axes."""
    shapes = []
    for name, array, axes in (("x", x, "batch, in_channels"), ("w", w, "channels, channels")):
        shape = view(name, array).shape
        if len(shape) != rank + 2:
            raise ValueError(f"{name} has shape {shape}: with {rank} spatial {'axis' if rank == 1 else 'axes'} it must have {rank + 2}: ({axes}, ...)")
        shapes.append(shape)
    return shapes[0], shapes[1]


def _padding(padding: Union[Padding, str], w_shape: Sequence[int], stride: Ints, dilation: Ints) -> Padding:
    """PyTorch's two words as numbers."""
    if padding == "valid":
        return 0
    if padding != "same":
        if isinstance(padding, str):
            raise ValueError(f"padding must be numbers, 'valid' or 'same', not {padding!r}")
        return padding
    rank = len(w_shape) - 2
    if max(per_axis("stride", stride, rank, least=1)) > 1:
        raise ValueError("padding='same' is for stride 1")
    totals = [step * (size - 1) for step, size in zip(per_axis("dilation", dilation, rank, least=1), w_shape[2:])]
    return [(total // 2, total - total // 2) for total in totals]
