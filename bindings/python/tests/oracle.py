"""The six operations in plain numpy and float64, from their definitions: the oracle of the tests.

One relation defines them all. A convolution's x ("wide") and y ("narrow") meet at tap t where, on every spatial axis,
wide = stride * narrow + dilation * t - pad_begin; a deconvolution exchanges the two. Forward, backward-data and
backward-weights are the same sum, collected in y, in x, or in w.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy


@dataclass
class Problem:
    """A layer. Lists have one entry for each spatial axis."""

    kind: str
    batch: int
    in_channels: int
    out_channels: int
    input: list
    kernel: list
    stride: list
    dilation: list
    begin: list
    end: list
    output_padding: list
    groups: int = 1
    options: dict = field(default_factory=dict)  # activation and gradient rule

    @property
    def output(self) -> list:
        extent = [d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernel)]
        rows = zip(self.input, extent, self.stride, self.begin, self.end, self.output_padding)
        if self.kind == "conv":
            return [(i + b + e - ke) // s + 1 for i, ke, s, b, e, _ in rows]
        return [s * (i - 1) + ke - b - e + extra for i, ke, s, b, e, extra in rows]

    @property
    def x_shape(self) -> tuple:
        return (self.batch, self.in_channels, *self.input)

    @property
    def y_shape(self) -> tuple:
        return (self.batch, self.out_channels, *self.output)

    @property
    def w_shape(self) -> tuple:
        if self.kind == "conv":
            return (self.out_channels, self.in_channels // self.groups, *self.kernel)
        return (self.in_channels, self.out_channels // self.groups, *self.kernel)

    @property
    def arguments(self) -> dict:
        """Keyword arguments of the functions under test."""
        arguments = dict(stride=tuple(self.stride), padding=tuple(zip(self.begin, self.end)),
                         dilation=tuple(self.dilation), groups=self.groups)
        if self.kind == "deconv":
            arguments["output_padding"] = tuple(self.output_padding)
        return arguments


def sums(problem: Problem, *, x=None, w=None, dy=None):
    """The sum over the relation of the two arrays given, collected in the shape of the third."""
    conv = problem.kind == "conv"
    wide_size, narrow_size = (problem.input, problem.output) if conv else (problem.output, problem.input)
    shape = problem.x_shape if x is None else problem.w_shape if w is None else problem.y_shape
    total = numpy.zeros(shape)
    in_share, out_share = problem.in_channels // problem.groups, problem.out_channels // problem.groups
    images = numpy.arange(problem.batch)

    for tap in itertools.product(*map(range, problem.kernel)):
        wide, narrow = [], []  # the positions that meet at this tap, axis by axis
        for axis, t in enumerate(tap):
            n = numpy.arange(narrow_size[axis])
            m = problem.stride[axis] * n + problem.dilation[axis] * t - problem.begin[axis]
            inside = (m >= 0) & (m < wide_size[axis])
            wide.append(m[inside])
            narrow.append(n[inside])
        x_places, y_places = (wide, narrow) if conv else (narrow, wide)
        for group in range(problem.groups):
            ins = numpy.arange(group * in_share, (group + 1) * in_share)
            outs = numpy.arange(group * out_share, (group + 1) * out_share)
            x_at = numpy.ix_(images, ins, *x_places)
            y_at = numpy.ix_(images, outs, *y_places)
            w_at = (outs if conv else ins, slice(None), *tap)
            if w is None:
                axes = [0, *range(2, dy.ndim)]
                matrix = numpy.tensordot(dy[y_at], x[x_at], (axes, axes))  # out x in
                total[w_at] += matrix if conv else matrix.T
                continue
            matrix = w[w_at] if conv else w[w_at].T
            if x is None:
                total[x_at] += numpy.einsum("no...,oi->ni...", dy[y_at], matrix)
            else:
                total[y_at] += numpy.einsum("ni...,oi->no...", x[x_at], matrix)
    return total


def forward(problem, x, w, bias=None, addend=0.0):
    y = sums(problem, x=x.astype("f8"), w=w.astype("f8")) + addend
    if bias is not None:
        y += bias.astype("f8").reshape(-1, *[1] * len(problem.input))
    return activate(y, **problem.options)


def backward_data(problem, dy, w, y=None):
    return sums(problem, w=w.astype("f8"), dy=delta(dy.astype("f8"), y, **problem.options))


def backward_weights(problem, x, dy, y=None):
    d = delta(dy.astype("f8"), y, **problem.options)
    return sums(problem, x=x.astype("f8"), dy=d), d.sum(axis=(0, *range(2, d.ndim)))


def activate(a, activation="identity", activation_alpha=0.0, activation_beta=0.0, gradient_rule=None):
    alpha, beta = activation_alpha, activation_beta
    return {
        "identity": lambda: a,
        "relu": lambda: numpy.where(a > 0, a, 0.0),
        "leaky_relu": lambda: numpy.where(a > 0, a, alpha * a),
        "clip": lambda: numpy.clip(a, alpha, beta),
        "sigmoid": lambda: 1 / (1 + numpy.exp(-a)),
        "tanh": lambda: numpy.tanh(a),
        "elu": lambda: numpy.where(a > 0, a, alpha * numpy.expm1(numpy.minimum(a, 0))),
    }[activation]()


def delta(dy, y, activation="identity", activation_alpha=0.0, activation_beta=0.0, gradient_rule="backprop"):
    """dy * h', from y = h(a); the other two rules for a relu."""
    alpha, beta = activation_alpha, activation_beta
    if gradient_rule == "deconvnet":
        return numpy.where(dy > 0, dy, 0.0)
    if gradient_rule == "guided":
        return numpy.where((dy > 0) & (y > 0), dy, 0.0)
    return {
        "identity": lambda: dy,
        "relu": lambda: numpy.where(y > 0, dy, 0.0),
        "leaky_relu": lambda: numpy.where(y > 0, dy, alpha * dy),
        "clip": lambda: numpy.where((alpha < y) & (y < beta), dy, 0.0),
        "sigmoid": lambda: dy * (y - y * y),
        "tanh": lambda: dy * (1 - y * y),
        "elu": lambda: numpy.where(y > 0, dy, dy * (y + alpha)),
    }[activation]()

