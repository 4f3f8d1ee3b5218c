"""Arrays that are not numpy's, and life without numpy."""

import array
import ctypes
import os
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

import nativeconv
from nativeconv._arrays import view

X = numpy.arange(10, dtype="float32").reshape(1, 2, 5)
W = numpy.arange(12, dtype="float32").reshape(3, 2, 2)
Y = nativeconv.conv_forward(X, W)


class Interface:
    """Something with __array_interface__ and nothing else; strides spelled out."""

    def __init__(self, values):
        self.values = values
        self.__array_interface__ = {**values.__array_interface__, "strides": values.strides}


class DLPack:
    """Something that speaks DLPack and nothing else, as PyTorch's tensors do."""

    def __init__(self, values, device=None):
        self.values = values
        self.device = device

    def __dlpack__(self, **options):
        return self.values.__dlpack__(**options)

    def __dlpack_device__(self):
        return (self.device, 0) if self.device else self.values.__dlpack_device__()


def ctypes_array(values):
    memory = ctypes.c_float
    for size in reversed(values.shape):
        memory = memory * size
    return memory.from_buffer_copy(values.tobytes())


WRAPPERS = {
    "memoryview": lambda values: memoryview(values.copy()),
    "array.array": lambda values: memoryview(array.array("f", values.ravel().tolist())).cast("B").cast("f", values.shape),
    "bytes": lambda values: memoryview(values.tobytes()).cast("f", values.shape),
    "ctypes": ctypes_array,
    "__array_interface__": Interface,
    "DLPack": DLPack,
}


@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
def test_inputs(wrap):
    assert nativeconv.conv_forward(wrap(X), wrap(W)).tobytes() == Y.tobytes()


@pytest.mark.parametrize("name", ["memoryview", "array.array", "ctypes", "__array_interface__", "DLPack"])
def test_outputs(name):
    out = WRAPPERS[name](numpy.zeros_like(Y))
    assert nativeconv.conv_forward(X, W, out=out) is out
    numpy.testing.assert_array_equal(numpy.asarray(out.values if name == "DLPack" else out), Y)


def test_dlpack_refusals():
    with pytest.raises(TypeError, match=r"x is on a device \(DLPack type 2\): move it to the CPU"):
        nativeconv.conv_forward(DLPack(X, device=2), W)
    with pytest.raises(ValueError, match="x is not C-contiguous .* in elements"):
        nativeconv.conv_forward(DLPack(numpy.zeros((1, 2, 5, 5), "float32").transpose(0, 1, 3, 2)), W)
    with pytest.raises(TypeError, match="x has dtype"):
        nativeconv.conv_forward(DLPack(X.astype("int32")), W)


def test_read_only_buffer_as_output():
    with pytest.raises(ValueError, match="out is read-only"):
        nativeconv.conv_forward(X, W, out=WRAPPERS["bytes"](Y))


def test_buffers_of_other_types():
    for code in "BiQ":
        with pytest.raises(TypeError, match=f"x has dtype {code}"):
            nativeconv.conv_forward(memoryview(bytearray(80)).cast(code), W)


def test_non_contiguous_buffer():
    with pytest.raises(ValueError, match="x is not C-contiguous"):
        nativeconv.conv_forward(memoryview(numpy.asfortranarray(X)), W)


def test_addresses_are_the_arrays_own():
    """No copies: the library reads and writes the array itself."""
    address = X.__array_interface__["data"][0]
    assert view("x", X).address == view("x", memoryview(X)).address == address
    assert view("x", Interface(X)).address == address
    fixed = ctypes_array(X)
    assert view("x", fixed).address == ctypes.addressof(fixed)


def test_a_view_keeps_its_buffer():
    """A bytearray cannot be resized, that is moved, while a view of it lives."""
    memory = bytearray(40)
    kept = view("x", memoryview(memory).cast("f"))
    with pytest.raises(BufferError):
        memory.extend(bytes(1000))
    del kept
    memory.extend(bytes(1000))


def test_half_precision_is_recognised():
    """float16 reaches the library under its own number, by name and by array."""
    half = X.astype("float16")
    assert view("x", half).dtype == view("x", memoryview(half)).dtype == "float16"
    assert nativeconv.Plan("conv", X.shape, W.shape, dtype=numpy.float64).dtype == "float64"
    assert nativeconv.Plan("conv", X.shape, W.shape, dtype=X.dtype).w_dtype == "float32"


WITHOUT_NUMPY = """
import sys
sys.modules["numpy"] = None  # import numpy fails
import nativeconv
from array import array

def tensor(letter, shape, values):
    return memoryview(array(letter, values)).cast("B").cast(letter, shape)

for letter in "fd":
    x, w = tensor(letter, (1, 1, 5), [1, 2, 3, 4, 5]), tensor(letter, (1, 1, 2), [1, 10])
    y = nativeconv.conv_forward(x, w)
    assert isinstance(y, memoryview) and y.format == letter and y.tolist() == [[[21, 32, 43, 54]]], y.tolist()
    dx = nativeconv.conv_backward_data(y, w)
    assert dx.tolist() == [[[21, 242, 363, 484, 540]]], dx.tolist()
    dw, db = nativeconv.conv_backward_weights(x, y, 2)
    assert dw.tolist() == [[[430, 580]]] and db.tolist() == [150], (dw.tolist(), db.tolist())
    plan = nativeconv.Plan("conv", x.shape, w.shape, dtype={"f": "float32", "d": "float64"}[letter])
    assert plan.forward(x, plan.pack_weights(w), out=y) is y and y.tolist() == [[[21, 32, 43, 54]]]
try:
    nativeconv._arrays.empty((0, 1, 4), "float32")
except ValueError as error:
    assert "pass out=" in str(error)
print("fine")
"""


def test_without_numpy():
    environment = {**os.environ, "PYTHONPATH": str(Path(nativeconv.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", WITHOUT_NUMPY], env=environment, capture_output=True, text=True)
    assert done.stdout == "fine\n", done.stderr
