"""The loaded library, its errors, and what it says about itself."""

from __future__ import annotations

import ctypes

from . import _loader
from ._abi import Status
from ._values import integer

lib, library_path = _loader.load()


class NativeConvError(RuntimeError):
    """A call that the library refused. `status` is a Status, the message the library's own."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{message} ({status_string(status)})")
        try:
            self.status: int = Status(status)
        except ValueError:  # of a newer library
            self.status = status


def check(status: int) -> None:
    """Raises the thread's last error if status is one."""
    if status:
        raise NativeConvError(status, last_error())


def last_error() -> str:
    """The message of this thread's last failure; "" if there was none."""
    buffer = ctypes.create_string_buffer(lib.nc_last_error(None, 0))
    lib.nc_last_error(buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace")


def status_string(status: int) -> str:
    """The library's name of a status."""
    return lib.nc_status_string(status).decode()


def version() -> str:
    """The library's version, such as "0.1.0"."""
    return lib.nc_version().decode()


def abi_version() -> int:
    """Grows when functions or fields are added."""
    return lib.nc_abi_version()


def numerics_version() -> int:
    """Changes when any bit of any result may."""
    return lib.nc_numerics_version()


def isa() -> str:
    """The instruction set in use: "avx512", "avx2", "neon", "portable"; "none": this CPU cannot run the library."""
    return lib.nc_isa().decode()


def set_num_threads(num_threads: int) -> None:
    """The size of the built-in pool. 0: the cores that this process may use; 1 ends the pool."""
    check(lib.nc_set_num_threads(integer("num_threads", num_threads, bits=32)))


def get_num_threads() -> int:
    """What num_threads=0 means: at least 1."""
    return lib.nc_get_num_threads()
