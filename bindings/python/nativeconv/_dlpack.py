"""CPU tensors of any library that speaks DLPack, by its C structs (dlpack.h, version 0.x: https://github.com/dmlc/dlpack)."""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple, Optional

CPU = 1
_FLOAT, _BFLOAT = 2, 4


class _DLTensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32), ("ndim", ctypes.c_int32),
                ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16), ("shape", ctypes.POINTER(ctypes.c_int64)),
                ("strides", ctypes.POINTER(ctypes.c_int64)), ("byte_offset", ctypes.c_uint64)]


class Tensor(NamedTuple):
    """Memory of a tensor; strides in elements, None if it is dense. `owner` keeps it alive."""

    address: int
    shape: tuple[int, ...]
    strides: Optional[tuple[int, ...]]
    dtype: str
    owner: object


def tensor(name: str, array: Any) -> Tensor:
    """The tensor behind `array.__dlpack__()`; TypeError where it is not on the CPU."""
    device = array.__dlpack_device__()[0]
    if device != CPU:
        raise TypeError(f"{name} is on a device (DLPack type {int(device)}): move it to the CPU")
    capsule = array.__dlpack__()
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    found = _DLTensor.from_address(pointer(capsule, b"dltensor"))
    kind = {_FLOAT: "float", _BFLOAT: "bfloat"}.get(found.code, f"type {found.code} of ")
    # The capsule is not consumed: when it dies, it gives the tensor back itself.
    return Tensor((found.data or 0) + found.byte_offset, tuple(found.shape[:found.ndim]), tuple(found.strides[:found.ndim]) if found.strides else None,
                  f"{kind}{found.bits}" if found.lanes == 1 else "vectors", capsule)
