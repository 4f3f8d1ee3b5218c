"""Runs a Problem through the functions under test."""

from __future__ import annotations

import numpy

import nativeconv


def arrays(problem, dtype="float32", integers=False, seed=0, low=-4, high=5):
    """x, w, bias, dy: integers of a few bits, or normally distributed."""
    draw = numpy.random.default_rng(seed)
    shapes = problem.x_shape, problem.w_shape, (problem.out_channels,), problem.y_shape
    if integers:
        return [draw.integers(low, high, shape).astype(dtype) for shape in shapes]
    return [draw.standard_normal(shape).astype(dtype) for shape in shapes]


def forward(problem, x, w, bias=None, **more):
    function = nativeconv.conv_forward if problem.kind == "conv" else nativeconv.deconv_forward
    return function(x, w, bias, **problem.arguments, **_forward_options(problem), **more)


def backward_data(problem, dy, w, y=None, **more):
    if problem.kind == "conv":
        return nativeconv.conv_backward_data(dy, w, y=y, input_size=tuple(problem.input), **problem.arguments, **problem.options, **more)
    return nativeconv.deconv_backward_data(dy, w, y=y, **problem.arguments, **problem.options, **more)


def backward_weights(problem, x, dy, y=None, **more):
    function = nativeconv.conv_backward_weights if problem.kind == "conv" else nativeconv.deconv_backward_weights
    return function(x, dy, tuple(problem.kernel), y=y, **problem.arguments, **problem.options, **more)


def plan(problem, dtype="float32", **more):
    return nativeconv.Plan(problem.kind, problem.x_shape, problem.w_shape, dtype=dtype, **problem.arguments, **problem.options, **more)


def _forward_options(problem):
    return {name: value for name, value in problem.options.items() if name != "gradient_rule"}
