"""The declarations of nativeconv.h, in ctypes. A test compares every one of them with the header."""

from __future__ import annotations

import ctypes
from ctypes import (CFUNCTYPE, POINTER, Structure, c_char, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint32,
                    c_uint64, c_void_p)
from enum import IntEnum

ABI_VERSION = 1


class Status(IntEnum):
    """nc_status: 0 is success, errors are negative."""

    OK = 0
    NULL_POINTER = -1
    INVALID_ARGUMENT = -2
    INVALID_SHAPE = -3
    OVERFLOW = -4
    UNSUPPORTED = -5
    WORKSPACE = -6
    OVERLAP = -7
    OUT_OF_MEMORY = -8
    PARALLEL = -9
    INTERNAL = -99


# Python's words for the header's enums.
KINDS = {"conv": 0, "deconv": 1}
DTYPES = {"float32": 1, "float64": 2, "float16": 3, "bfloat16": 4}
LAYOUTS = {"channels_first": 0, "channels_last": 1}
ACTIVATIONS = {"identity": 0, "relu": 1, "leaky_relu": 2, "clip": 3, "sigmoid": 4, "tanh": 5, "elu": 6}
GRADIENT_RULES = {"backprop": 0, "deconvnet": 1, "guided": 2}
PASSES = {"forward": 0, "backward_data": 1, "backward_weights": 2}
ALGORITHMS = {"auto": 0, "direct": 1}
TENSORS = {"x": 0, "w": 1, "bias": 2, "y": 3, "dx": 4, "dy": 5}
EXEC_FLUSH_DENORMALS = 1

Axes = c_int64 * 3
Strides = c_int64 * 5


class ConvDesc(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("kind", c_int32),
        ("rank", c_int32),
        ("dtype", c_int32),
        ("w_dtype", c_int32),
        ("layout", c_int32),
        ("activation", c_int32),
        ("gradient_rule", c_int32),
        ("algorithm", c_int32),
        ("flags", c_uint32),
        ("activation_alpha", c_double),
        ("activation_beta", c_double),
        ("workspace_limit", c_int64),
        ("batch", c_int64),
        ("in_channels", c_int64),
        ("out_channels", c_int64),
        ("groups", c_int64),
        ("input", Axes),
        ("kernel", Axes),
        ("stride", Axes),
        ("dilation", Axes),
        ("pad_begin", Axes),
        ("pad_end", Axes),
        ("output_padding", Axes),
        ("x_strides", Strides),
        ("y_strides", Strides),
        ("dx_strides", Strides),
        ("dy_strides", Strides),
    ]


class Tensor(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("ndim", c_int32),
        ("shape", Strides),
        ("strides", Strides),
        ("bytes_before", c_uint64),
        ("bytes", c_uint64),
    ]


class PassInfo(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("stages", c_int32),
        ("flops", c_double),
        ("workspace_bytes", c_uint64),
        ("workspace_per_thread", c_uint64),
        ("packed_bytes", c_uint64),
        ("packed_id", c_uint64),
        ("algorithm", c_char * 32),
    ]


# NC_CALL is cdecl on every platform, so CFUNCTYPE and CDLL fit.
TaskFn = CFUNCTYPE(None, c_void_p, c_int32)
ParallelForFn = CFUNCTYPE(None, c_void_p, TaskFn, c_void_p, c_int32)


class Exec(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("num_threads", c_int32),
        ("flags", c_uint32),
        ("reserved", c_uint32),
        ("alpha", c_double),
        ("beta", c_double),
        ("addend", c_void_p),
        ("workspace", c_void_p),
        ("workspace_bytes", c_size_t),
        ("packed_weights", c_void_p),
        ("packed_bytes", c_size_t),
        ("parallel_for", ParallelForFn),
        ("parallel_user", c_void_p),
    ]


STRUCTS = {"nc_conv_desc": ConvDesc, "nc_tensor": Tensor, "nc_pass_info": PassInfo, "nc_exec": Exec}

_plan = c_void_p
_status = c_int32
_desc = POINTER(ConvDesc)
_exec = POINTER(Exec)
_size = POINTER(c_size_t)
_forward = (_status, _plan, c_void_p, c_void_p, c_void_p, c_void_p, _exec)
_backward_data = (_status, _plan, c_void_p, c_void_p, c_void_p, c_void_p, _exec)
_backward_weights = (_status, _plan, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, _exec)

# name: (result, arguments...), in the order of the header.
PROTOTYPES = {
    "nc_status_string": (c_char_p, _status),
    "nc_last_error": (c_size_t, c_char_p, c_size_t),
    "nc_conv_desc_init": (_status, _desc, c_size_t, c_int32, c_int32),
    "nc_output_shape": (_status, _desc, POINTER(c_int64)),
    "nc_describe_tensor": (_status, _desc, c_int32, POINTER(Tensor)),
    "nc_plan_create": (_status, _desc, POINTER(_plan)),
    "nc_plan_destroy": (None, _plan),
    "nc_plan_pass_info": (_status, _plan, c_int32, POINTER(PassInfo)),
    "nc_explain": (_status, _plan, c_char_p, c_size_t, _size),
    "nc_conv_forward": _forward,
    "nc_conv_backward_data": _backward_data,
    "nc_conv_backward_weights": _backward_weights,
    "nc_deconv_forward": _forward,
    "nc_deconv_backward_data": _backward_data,
    "nc_deconv_backward_weights": _backward_weights,
    "nc_activation_backward": (_status, _plan, c_void_p, c_void_p, c_void_p, _exec),
    "nc_set_num_threads": (_status, c_int32),
    "nc_get_num_threads": (c_int32,),
    "nc_workspace_size": (_status, _plan, c_int32, _exec, _size),
    "nc_packed_weights_size": (_status, _plan, c_int32, _size),
    "nc_pack_weights": (_status, _plan, c_int32, c_void_p, c_void_p, c_size_t),
    "nc_abi_version": (c_uint32,),
    "nc_numerics_version": (c_uint32,),
    "nc_version": (c_char_p,),
    "nc_isa": (c_char_p,),
}


def declare(library: ctypes.CDLL) -> None:
    """Gives every function its prototype. AttributeError: the library lacks one."""
    for name, (result, *arguments) in PROTOTYPES.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
