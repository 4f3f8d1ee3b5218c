"""Arrays of any library, without copies: addresses in, new arrays out."""

from __future__ import annotations

import ctypes
import math
from typing import Any, NamedTuple, Optional, Sequence

from . import _dlpack
from ._abi import DTYPES

try:
    import numpy
except ImportError:  # results are then memoryviews
    numpy = None  # type: ignore[assignment]

Array = Any  # anything with __array_interface__, __dlpack__ or the buffer protocol; results: numpy.ndarray, or memoryview

ITEM_SIZES = {"float32": 4, "float64": 8, "float16": 2, "bfloat16": 2}
_FORMATS = {"f": "float32", "d": "float64", "e": "float16"}
_TYPESTRS = {"<f4": "float32", "<f8": "float64", "<f2": "float16"}


class View(NamedTuple):
    """What the library needs to know of an array. `owner` keeps the memory where it is."""

    address: int
    shape: tuple[int, ...]
    dtype: str
    writable: bool
    owner: object


def view(name: str, array: Array) -> View:
    """An array's memory; TypeError or ValueError, led by `name`, where the library cannot use it."""
    interface = getattr(array, "__array_interface__", None)
    if interface is not None and isinstance(interface.get("data"), tuple):
        address, readonly = interface["data"]
        shape = tuple(interface["shape"])
        dtype = _dtype(name, array, interface["typestr"], _TYPESTRS)
        _require_contiguous(name, shape, interface.get("strides"), ITEM_SIZES[dtype])
        return View(address, shape, dtype, not readonly, array)
    if hasattr(array, "__dlpack__"):
        tensor = _dlpack.tensor(name, array)
        dtype = _dtype(name, array, tensor.dtype, {known: known for known in ITEM_SIZES})
        _require_contiguous(name, tensor.shape, tensor.strides, 1, "elements")
        return View(tensor.address, tensor.shape, dtype, True, tensor.owner)
    try:
        memory: Any = memoryview(array)
    except TypeError:
        raise TypeError(f"{name} must be an array (numpy, or anything with __array_interface__, DLPack or the buffer protocol), "
                        f"not {type(array).__name__}") from None
    dtype = _dtype(name, array, (memory.format or "B").lstrip("@=<"), _FORMATS)
    _require_contiguous(name, memory.shape, memory.strides, memory.itemsize)
    return View(_address(memory), memory.shape, dtype, not memory.readonly, memory)


def empty(shape: tuple[int, ...], dtype: str) -> Array:
    """A new array for a result."""
    if numpy is not None:
        return numpy.empty(shape, dtype)
    if 0 in shape:
        raise ValueError(f"without numpy there is no empty array of shape {shape}: pass out=")
    letter = {name: letter for letter, name in _FORMATS.items()}[dtype]
    return memoryview(bytearray(math.prod(shape) * ITEM_SIZES[dtype])).cast(letter, shape)


def dtype_name(dtype: Any) -> str:
    """"float32", numpy.float32 or numpy.dtype("float32") as a name."""
    name = dtype if isinstance(dtype, str) else getattr(dtype, "name", None) or getattr(dtype, "__name__", None)
    if name not in DTYPES:
        raise TypeError(f"dtype {dtype!r} is not supported: use {', '.join(DTYPES)}")
    return name


class Buffer:
    """Uninitialised bytes at a 64-byte boundary, for workspace and packed weights: no vector spans two cache lines."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._bytes: Any = numpy.empty(size + 63, "uint8") if numpy is not None else bytearray(size + 63)
        self.address = -(-_address(memoryview(self._bytes)) // 64) * 64


def _dtype(name: str, array: Array, code: str, known: dict[str, str]) -> str:
    if code not in known:
        raise TypeError(f"{name} has dtype {getattr(array, 'dtype', code)}: convert it to float32 or float64, "
                        "in the machine's byte order")
    return known[code]


def _require_contiguous(name: str, shape: Sequence[int], strides: Optional[Sequence[int]], item_size: int, unit: str = "bytes") -> None:
    if strides is None or 0 in shape:
        return
    expected = item_size
    for size, stride in zip(reversed(shape), reversed(strides)):
        if size > 1 and stride != expected:
            raise ValueError(f"{name} is not C-contiguous (shape {tuple(shape)}, strides {tuple(strides)} in {unit}): "
                             "use numpy.ascontiguousarray")
        expected *= size


class _PyBuffer(ctypes.Structure):
    """CPython's Py_buffer."""

    _fields_ = [("buf", ctypes.c_void_p), ("obj", ctypes.c_void_p), ("len", ctypes.c_ssize_t),
                ("itemsize", ctypes.c_ssize_t), ("readonly", ctypes.c_int), ("ndim", ctypes.c_int),
                ("format", ctypes.c_char_p), ("shape", ctypes.c_void_p), ("strides", ctypes.c_void_p),
                ("suboffsets", ctypes.c_void_p), ("internal", ctypes.c_void_p)]


def _address(memory: memoryview) -> int:
    """Where a memoryview's bytes are. It holds its exporter's buffer, so the address outlives the query.
    (ctypes' from_buffer would do for writable memory only.)"""
    buffer = _PyBuffer()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(memory), ctypes.byref(buffer), 0)  # PyBUF_SIMPLE
    address = buffer.buf or 0
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(buffer))
    return address
