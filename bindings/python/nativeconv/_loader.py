"""Finds and opens the shared library."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from pathlib import Path

from . import _abi

PACKAGE = Path(__file__).resolve().parent


class NativeConvLoadError(ImportError):
    """No usable library. `tried` holds (file, reason) in the order of the search."""

    def __init__(self, tried: list[tuple[str, str]]) -> None:
        lines = [f"  {file}: {reason}" for file, reason in tried]
        super().__init__("\n".join([
            "nativeconv found no library that it can use. Tried:", *lines,
            "Set NATIVECONV_LIBRARY to the path of the library, or install the package again; in a checkout: build.ps1 build"]))
        self.tried = tried


def file_names() -> list[str]:
    """The library's names on this system, the most specific one first."""
    if sys.platform == "win32":
        return ["nativeconv.dll"]
    if sys.platform == "darwin":
        return ["libnativeconv.1.dylib", "libnativeconv.dylib"]
    return ["libnativeconv.so.1", "libnativeconv.so"]


def runtime_identifier() -> str:
    """This system in .NET's words: linux-x64, osx-arm64, ..."""
    system = {"win32": "win", "darwin": "osx"}.get(sys.platform, "linux")
    machine = platform.machine().lower()
    return system + "-" + {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(machine, machine)


def candidates() -> list[str]:
    """What load() opens, in order. A bare name is left to the system's loader.

    NATIVECONV_LIBRARY stands alone: a wrong path in it is an error, not a reason to take another library.
    """
    chosen = os.environ.get("NATIVECONV_LIBRARY")
    if chosen:
        return [chosen]
    folders = [PACKAGE]
    if PACKAGE.parts[-3:-1] == ("bindings", "python"):  # a checkout of the repository
        folders.append(PACKAGE.parents[2] / "artifacts" / "native" / runtime_identifier())
    return [str(folder / name) for folder in folders for name in file_names()] + file_names()


def load() -> tuple[ctypes.CDLL, str]:
    """Opens the first library that works and declares its functions; returns it with its path."""
    tried = []
    for file in candidates():
        if os.path.dirname(file) and not os.path.exists(file):
            tried.append((file, "no such file"))
            continue
        try:
            library = ctypes.CDLL(file)
            _abi.declare(library)
        except OSError as error:
            tried.append((file, str(error)))
        except AttributeError as error:
            tried.append((file, f"too old, or another library ({error})"))
        else:
            # The first call starts the library's runtime, so that the first convolution does not pay for it.
            version = library.nc_abi_version()
            if version >= _abi.ABI_VERSION:
                return library, file
            tried.append((file, f"too old: its ABI version is {version}, {_abi.ABI_VERSION} is needed"))
    raise NativeConvLoadError(tried)
