"""Plan: one layer, planned once and run as often as you like."""

from __future__ import annotations

import ctypes
from typing import Any, Callable, NamedTuple, Optional, Sequence, Union

from . import _abi
from ._abi import ACTIVATIONS, ALGORITHMS, DTYPES, GRADIENT_RULES, KINDS, PASSES, TENSORS
from ._arrays import Array, Buffer, View, dtype_name, empty, view
from ._library import check, get_num_threads, lib
from ._values import Ints, Padding, choice, integer, pads, per_axis, spatial_rank

ParallelFor = Callable[[Callable[[int], None], int], Any]


class PassInfo(NamedTuple):
    """What one pass of a plan does and costs."""

    algorithm: str
    stages: int                 # parallel_for calls of one execution
    flops: float                # 2 * multiply-adds of the plain algorithm
    workspace_bytes: int        # for one thread
    workspace_per_thread: int   # for each further one
    packed_bytes: int
    packed_id: int              # equal: one PackedWeights serves both plans


class TensorInfo(NamedTuple):
    """One tensor of a plan, as the library sees it; strides in elements."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    bytes_before: int
    bytes: int


class PackedWeights:
    """Weights in the order in which one pass reads them; made by Plan.pack_weights, passed where w would be.
    It is a copy: pack again when the weights have changed."""

    def __init__(self, pass_name: str, buffer: Buffer) -> None:
        self.pass_name = pass_name
        self._buffer = buffer

    @property
    def nbytes(self) -> int:
        return self._buffer.size


class Plan:
    """A convolution ("conv") or transposed convolution ("deconv"), planned for one set of shapes.

    Args:
        kind: "conv" or "deconv".
        x_shape: (batch, in_channels, *spatial), with 1 to 3 spatial axes.
        w_shape: conv (out_channels, in_channels / groups, *kernel);
            deconv (in_channels, out_channels / groups, *kernel).
        dtype: of x, y, dx, dy. w_dtype: of w, bias, dw, db; None: the same.
        stride, dilation, output_padding: one int, or one for each spatial axis. output_padding is for deconv.
        padding: one int, or for each spatial axis an int or a pair (begin, end). May be negative.
        groups: blocks of channels that do not see each other.
        activation: "identity", "relu", "leaky_relu" (alpha: slope), "clip" (alpha, beta: limits), "sigmoid", "tanh",
            "elu" (alpha); activation_alpha and activation_beta have no defaults where they are used.
        gradient_rule: how the backward passes treat a relu: "backprop", "deconvnet", "guided".
        algorithm: "auto", or "direct": sums of products only, no Winograd.
        workspace_limit: choose among the algorithms that need no more bytes for one thread; 0: no limit.
        num_threads: 1: the calling thread alone; 0: what get_num_threads() says now.
        parallel_for: calls task(i) for every i in range(count), then returns, as in
            `lambda task, count: list(executor.map(task, range(count)))`. None: the library's own pool.
        flush_denormals: denormal numbers count as zero.
        keep_workspace: keep scratch memory between calls. False: each call allocates and frees it.

    A plan may run in several threads at once: each running call has a workspace of its own, and the interpreter
    lock is released while the library works.

    Arrays are numpy arrays, or anything with `__array_interface__` or the buffer protocol; they are used in place
    and must be C-contiguous. Results are numpy arrays (memoryviews where numpy is not installed), new ones unless
    `out` is given.
    """

    def __init__(
        self,
        kind: str,
        x_shape: Sequence[int],
        w_shape: Sequence[int],
        *,
        dtype: Any = "float32",
        w_dtype: Any = None,
        stride: Ints = 1,
        padding: Padding = 0,
        dilation: Ints = 1,
        groups: int = 1,
        output_padding: Ints = 0,
        activation: str = "identity",
        activation_alpha: float = 0.0,
        activation_beta: float = 0.0,
        gradient_rule: str = "backprop",
        algorithm: str = "auto",
        workspace_limit: int = 0,
        num_threads: int = 0,
        parallel_for: Optional[ParallelFor] = None,
        flush_denormals: bool = False,
        keep_workspace: bool = True,
    ) -> None:
        kind_number = choice("kind", kind, KINDS)
        self.kind = kind
        self.dtype = dtype_name(dtype)
        self.w_dtype = self.dtype if w_dtype is None else dtype_name(w_dtype)
        if {self.dtype, self.w_dtype} == {"float32", "float64"}:
            raise TypeError(f"images (x, y, dx, dy) are {self.dtype} and weights (w, bias, dw, db) {self.w_dtype}: "
                            "convert one of them")
        groups = integer("groups", groups, least=1)
        rank = spatial_rank("x", x_shape)
        in_channels, out_channels = _channels(kind, x_shape, w_shape, groups)

        desc = _abi.ConvDesc()
        check(lib.nc_conv_desc_init(desc, ctypes.sizeof(desc), kind_number, rank))
        desc.dtype = DTYPES[self.dtype]
        desc.w_dtype = DTYPES[self.w_dtype]
        desc.activation = choice("activation", activation, ACTIVATIONS)
        desc.activation_alpha = activation_alpha
        desc.activation_beta = activation_beta
        desc.gradient_rule = choice("gradient_rule", gradient_rule, GRADIENT_RULES)
        desc.algorithm = choice("algorithm", algorithm, ALGORITHMS)
        desc.workspace_limit = integer("workspace_limit", workspace_limit, least=0)
        desc.batch = integer("x's batch", x_shape[0])
        desc.in_channels = in_channels
        desc.out_channels = out_channels
        desc.groups = groups
        begins, ends = pads(padding, rank)
        desc.input[:rank] = per_axis("x's spatial sizes", x_shape[2:], rank)
        desc.kernel[:rank] = per_axis("kernel", w_shape[2:], rank)
        desc.stride[:rank] = per_axis("stride", stride, rank, least=1)
        desc.dilation[:rank] = per_axis("dilation", dilation, rank, least=1)
        desc.pad_begin[:rank] = begins
        desc.pad_end[:rank] = ends
        desc.output_padding[:rank] = per_axis("output_padding", output_padding, rank)

        output = _abi.Axes()
        check(lib.nc_output_shape(desc, output))
        self.x_shape: tuple[int, ...] = tuple(x_shape)
        self.w_shape: tuple[int, ...] = tuple(w_shape)
        self.y_shape: tuple[int, ...] = (desc.batch, out_channels, *output[:rank])
        self.bias_shape: tuple[int, ...] = (out_channels,)
        self.num_threads = integer("num_threads", num_threads, least=0, bits=32) or get_num_threads()
        self._parallel_for = parallel_for
        self._flags = _abi.EXEC_FLUSH_DENORMALS if flush_denormals else 0
        self._needs_y = activation != "identity" and gradient_rule != "deconvnet"
        self._desc = desc
        self._handle: Optional[_Handle] = _Handle(desc)
        self._keep_workspace = keep_workspace
        self._workspace_sizes: dict[tuple[str, bool], int] = {}
        self._workspaces: list[Buffer] = []

    # Running ---------------------------------------------------------------------------------------------------------

    def forward(self, x: Array, w: Union[Array, PackedWeights], bias: Optional[Array] = None, *,
                beta: float = 0.0, addend: Optional[Array] = None, out: Optional[Array] = None) -> Array:
        """y = activation(conv(x, w) + bias + beta * addend).

        x: x_shape; w: w_shape, or PackedWeights for "forward"; bias: (out_channels,); addend: y_shape, None: the old
        values of `out`. Returns y, of y_shape.
        """
        out, y = self._output(out, self.y_shape, self.dtype, beta, addend)
        weights, packed = self._weights("forward", w)
        function = lib.nc_conv_forward if self.kind == "conv" else lib.nc_deconv_forward
        self._run("forward", function,
                  (self._input("x", x, self.x_shape), weights, self._optional("bias", bias, self.bias_shape, self.w_dtype), y),
                  packed=packed, beta=beta, addend=self._optional("addend", addend, self.y_shape))
        return out

    def backward_data(self, dy: Array, w: Union[Array, PackedWeights], *, y: Optional[Array] = None,
                      alpha: float = 1.0, beta: float = 0.0, addend: Optional[Array] = None,
                      out: Optional[Array] = None) -> Array:
        """dx = alpha * (gradient with respect to x) + beta * addend.

        dy: y_shape; w: w_shape, or PackedWeights for "backward_data"; y: what forward returned, needed with an
        activation; addend: x_shape, None: the old values of `out`. Returns dx, of x_shape.
        """
        out, dx = self._output(out, self.x_shape, self.dtype, beta, addend)
        weights, packed = self._weights("backward_data", w)
        function = lib.nc_conv_backward_data if self.kind == "conv" else lib.nc_deconv_backward_data
        self._run("backward_data", function,
                  (self._input("dy", dy, self.y_shape), weights, self._activated(y), dx),
                  packed=packed, alpha=alpha, beta=beta, addend=self._optional("addend", addend, self.x_shape))
        return out

    def backward_weights(self, x: Optional[Array], dy: Array, *, y: Optional[Array] = None,
                         need_weights: bool = True, need_bias: bool = True, alpha: float = 1.0, beta: float = 0.0,
                         out: Sequence[Optional[Array]] = (None, None)) -> tuple[Optional[Array], Optional[Array]]:
        """dw = alpha * (gradient with respect to w) + beta * dw, db likewise.

        x: x_shape, None will do without dw; dy: y_shape; y: what forward returned, needed with an activation;
        out: (dw, db), each an array or None. Returns (dw, db), of w_shape and (out_channels,); None for what was not
        needed, and not computed.
        """
        dw, db = pair(out)
        dw_view = db_view = None
        if need_weights:
            if x is None:
                raise TypeError("x is needed for dw")
            dw, dw_view = self._output(dw, self.w_shape, self.w_dtype, beta, name="out[0]")
        if need_bias:
            db, db_view = self._output(db, self.bias_shape, self.w_dtype, beta, name="out[1]")
        function = lib.nc_conv_backward_weights if self.kind == "conv" else lib.nc_deconv_backward_weights
        self._run("backward_weights", function,
                  (self._optional("x", x, self.x_shape), self._input("dy", dy, self.y_shape), self._activated(y),
                   dw_view, db_view), alpha=alpha, beta=beta)
        return dw if need_weights else None, db if need_bias else None

    def activation_backward(self, dy: Array, y: Optional[Array] = None, *, out: Optional[Array] = None) -> Array:
        """delta = dy * (derivative of the activation, from y): what both backward passes compute with. All of y_shape."""
        out, delta = self._output(out, self.y_shape, self.dtype)
        self._run(None, lib.nc_activation_backward, (self._input("dy", dy, self.y_shape), self._activated(y), delta))
        return out

    def pack_weights(self, w: Array, pass_name: str = "forward") -> PackedWeights:
        """w in the order in which "forward" or "backward_data" reads it. Pays when the weights are used more than once."""
        handle = self._opened()
        number = choice("pass_name", pass_name, PASSES)
        weights = self._input("w", w, self.w_shape, self.w_dtype)
        size = ctypes.c_size_t()
        check(lib.nc_packed_weights_size(handle.plan, number, size))
        buffer = Buffer(size.value)
        check(lib.nc_pack_weights(handle.plan, number, _address(weights), buffer.address, buffer.size))
        return PackedWeights(pass_name, buffer)

    # Asking ----------------------------------------------------------------------------------------------------------

    def explain(self) -> str:
        """The plan in words: algorithms, workspace, and why faster ones were not chosen."""
        handle = self._opened()
        needed = ctypes.c_size_t()
        check(lib.nc_explain(handle.plan, None, 0, needed))
        text = ctypes.create_string_buffer(needed.value)
        check(lib.nc_explain(handle.plan, text, len(text), needed))
        return text.value.decode("utf-8")

    def pass_info(self, pass_name: str) -> PassInfo:
        """What "forward", "backward_data" or "backward_weights" does and costs."""
        info = _abi.PassInfo(ctypes.sizeof(_abi.PassInfo))
        check(lib.nc_plan_pass_info(self._opened().plan, choice("pass_name", pass_name, PASSES), info))
        return PassInfo(info.algorithm.decode(), info.stages, info.flops, info.workspace_bytes,
                        info.workspace_per_thread, info.packed_bytes, info.packed_id)

    def tensor(self, name: str) -> TensorInfo:
        """Shape, strides and bytes of "x", "w", "bias", "y", "dx" or "dy"."""
        info = _abi.Tensor(ctypes.sizeof(_abi.Tensor))
        check(lib.nc_describe_tensor(self._desc, choice("name", name, TENSORS), info))
        return TensorInfo(tuple(info.shape[:info.ndim]), tuple(info.strides[:info.ndim]), info.bytes_before, info.bytes)

    def close(self) -> None:
        """Frees the plan once the calls that still use it have returned. Otherwise the garbage collector does."""
        self._handle = None
        self._workspaces = []

    def __enter__(self) -> Plan:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Plan({self.kind!r}, x_shape={self.x_shape}, w_shape={self.w_shape}, dtype={self.dtype!r})"

    # Inside ----------------------------------------------------------------------------------------------------------

    def _opened(self) -> _Handle:
        if self._handle is None:
            raise ValueError("the plan is closed")
        return self._handle

    def _input(self, name: str, array: Array, shape: tuple[int, ...], dtype: Optional[str] = None) -> View:
        return _checked(view(name, array), name, shape, dtype or self.dtype)

    def _optional(self, name: str, array: Optional[Array], shape: tuple[int, ...], dtype: Optional[str] = None) -> Optional[View]:
        return None if array is None else self._input(name, array, shape, dtype)

    def _activated(self, y: Optional[Array]) -> Optional[View]:
        if y is None and self._needs_y:
            raise TypeError("y is needed: the derivative of the activation is taken from what forward returned")
        return self._optional("y", y, self.y_shape)

    def _output(self, out: Optional[Array], shape: tuple[int, ...], dtype: str, beta: float = 0.0,
                addend: Optional[Array] = None, name: str = "out") -> tuple[Array, View]:
        if out is None:
            if beta != 0 and addend is None:
                raise TypeError(f"beta scales the old values of {name}: pass it" + (", or addend" if name == "out" else ""))
            out = empty(shape, dtype)
        memory = _checked(view(name, out), name, shape, dtype)
        if not memory.writable:
            raise ValueError(f"{name} is read-only")
        return out, memory

    def _weights(self, pass_name: str, w: Union[Array, PackedWeights]) -> tuple[Optional[View], Optional[Buffer]]:
        if not isinstance(w, PackedWeights):
            return self._input("w", w, self.w_shape, self.w_dtype), None
        if w.pass_name != pass_name:
            raise ValueError(f"w is packed for {w.pass_name}, not for {pass_name}")
        return None, w._buffer

    def _run(self, pass_name: Optional[str], function: Any, views: Sequence[Optional[View]], *,
             packed: Optional[Buffer] = None, alpha: float = 1.0, beta: float = 0.0, addend: Optional[View] = None) -> None:
        handle = self._opened()
        if alpha == 0:
            raise ValueError("alpha must not be 0: the library would read it as the default, 1")
        options = _abi.Exec(ctypes.sizeof(_abi.Exec), self.num_threads, self._flags, 0, alpha, beta, _address(addend))
        if packed is not None:
            options.packed_weights = packed.address
            options.packed_bytes = packed.size
        failures: list[BaseException] = []
        if self._parallel_for is not None:
            options.parallel_for = _callback(self._parallel_for, failures)
        workspace = self._take_workspace(handle, pass_name, options)
        if workspace is not None:
            options.workspace = workspace.address
            options.workspace_bytes = workspace.size
        status = function(handle.plan, *map(_address, views), options)
        if workspace is not None:
            self._workspaces.append(workspace)
        if failures:
            raise failures[0]
        check(status)

    def _take_workspace(self, handle: _Handle, pass_name: Optional[str], options: _abi.Exec) -> Optional[Buffer]:
        """A workspace that no other call is using; list.pop and list.append are atomic. None: the library allocates."""
        if pass_name is None or not self._keep_workspace:
            return None
        key = pass_name, options.packed_weights is not None
        needed = self._workspace_sizes.get(key)
        if needed is None:
            size = ctypes.c_size_t()
            check(lib.nc_workspace_size(handle.plan, PASSES[pass_name], options, size))
            needed = self._workspace_sizes[key] = size.value
        if needed == 0:
            return None
        try:
            workspace = self._workspaces.pop()
        except IndexError:
            return Buffer(needed)
        return workspace if workspace.size >= needed else Buffer(needed)


class _Handle:
    """An nc_plan. Running calls hold it, so that close() in another thread cannot free it under them."""

    def __init__(self, desc: _abi.ConvDesc, destroy: Callable[[ctypes.c_void_p], None] = lib.nc_plan_destroy) -> None:
        self.plan = ctypes.c_void_p()
        self._destroy = destroy
        check(lib.nc_plan_create(desc, self.plan))

    def __del__(self) -> None:
        self._destroy(self.plan)


def pair(out: Sequence[Optional[Array]]) -> Sequence[Optional[Array]]:
    """out of backward_weights: a single array would be split along its first axis."""
    if not isinstance(out, (tuple, list)) or len(out) != 2:
        raise TypeError("out must be a pair (dw, db), each an array or None")
    return out


def _channels(kind: str, x_shape: Sequence[int], w_shape: Sequence[int], groups: int) -> tuple[int, int]:
    """in_channels and out_channels, from shapes that fit each other."""
    if len(w_shape) != len(x_shape):
        raise ValueError(f"w has {len(w_shape)} axes and x has {len(x_shape)}: they must have the same number")
    in_channels = integer("in_channels", x_shape[1])
    first, second = (integer("w's channels", size) for size in w_shape[:2])
    if kind == "conv":
        fits, expected, out_channels = second * groups == in_channels, "(out_channels, in_channels / groups, *kernel)", first
    else:
        fits, expected, out_channels = first == in_channels, "(in_channels, out_channels / groups, *kernel)", second * groups
    if not fits:
        raise ValueError(f"w has shape {tuple(w_shape)}: it must be {expected}, "
                         f"with in_channels={in_channels} (from x) and groups={groups}")
    return in_channels, integer("out_channels", out_channels)


def _checked(memory: View, name: str, shape: tuple[int, ...], dtype: str) -> View:
    if memory.shape != shape:
        raise ValueError(f"{name} has shape {memory.shape}, expected {shape}")
    if memory.dtype != dtype:
        raise TypeError(f"{name} is {memory.dtype}, expected {dtype}")
    return memory


def _address(memory: Optional[View]) -> Optional[int]:
    return None if memory is None else memory.address


def _callback(parallel_for: ParallelFor, failures: list[BaseException]) -> Any:
    """parallel_for as the library calls it. An exception must not pass through C: it waits in `failures`."""

    def call(_user: Any, fn: Any, task: Any, count: int) -> None:
        try:
            parallel_for(lambda index: fn(task, index), count)
        except BaseException as error:  # KeyboardInterrupt too: it is raised again on the Python side
            failures.append(error)

    return _abi.ParallelForFn(call)
