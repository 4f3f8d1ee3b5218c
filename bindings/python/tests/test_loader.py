"""Where the library is looked for, and what is said when none is found. Each case is a process of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import nativeconv
from nativeconv import _abi, _loader

PACKAGE = Path(nativeconv.__file__).resolve().parent
LIBRARY = os.path.abspath(nativeconv.library_path)


def run(code, where=PACKAGE.parent, **variables):
    environment = {name: value for name, value in os.environ.items() if name != "NATIVECONV_LIBRARY"}
    environment.update(PYTHONPATH=str(where), PYTHONDONTWRITEBYTECODE="1", **variables)
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)


def report(**more):
    """The message of `import nativeconv` when it fails."""
    done = run("import nativeconv", **more)
    assert done.returncode == 1
    assert "nativeconv._loader.NativeConvLoadError: nativeconv found no library that it can use. Tried:" in done.stderr
    return done.stderr


def copy_of_the_package(folder):
    shutil.copytree(PACKAGE, folder / "nativeconv", ignore=shutil.ignore_patterns("__pycache__", "*.so*", "*.dylib", "*.dll"))
    return folder


def c_library(folder, source):
    path = folder / "libother.so"
    (folder / "other.c").write_text(source)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(path), str(folder / "other.c")], check=True)
    return str(path)


def test_the_variable_is_obeyed():
    done = run("import nativeconv; print(nativeconv.library_path)", NATIVECONV_LIBRARY=LIBRARY)
    assert done.stdout.strip() == LIBRARY


def test_the_variable_stands_alone(tmp_path):
    missing = str(tmp_path / "no" / "libnativeconv.so")
    message = report(NATIVECONV_LIBRARY=missing)
    assert f"  {missing}: no such file\n" in message
    assert message.count("libnativeconv.so") == 1
    assert "Set NATIVECONV_LIBRARY" in message


def test_a_damaged_file(tmp_path):
    damaged = tmp_path / "libnativeconv.so"
    damaged.write_bytes(b"no library")
    assert f"  {damaged}: {damaged}: " in report(NATIVECONV_LIBRARY=str(damaged))  # the system's own reason follows


def test_another_library(tmp_path):
    other = c_library(tmp_path, "int other(void) { return 1; }")
    message = report(NATIVECONV_LIBRARY=other)
    assert f"  {other}: too old, or another library (" in message and "nc_status_string" in message


def test_a_library_that_is_too_old(tmp_path):
    functions = "".join(f"long {name}(void) {{ return 0; }}\n" for name in _abi.PROTOTYPES)
    old = c_library(tmp_path, functions)
    assert f"  {old}: too old: its ABI version is 0, 1 is needed\n" in report(NATIVECONV_LIBRARY=old)


def test_every_place_is_listed_in_order(tmp_path):
    """Outside a checkout: the package's folder, then the system."""
    message = report(where=copy_of_the_package(tmp_path))
    tried = [line.strip().split(": ")[0] for line in message.split("Tried:\n")[1].splitlines() if line.startswith("  ")]
    names = _loader.file_names()
    assert tried == [str(tmp_path / "nativeconv" / name) for name in names] + names


def test_the_packages_folder(tmp_path):
    where = copy_of_the_package(tmp_path)
    inside = where / "nativeconv" / "libnativeconv.so"
    shutil.copy(LIBRARY, inside)
    done = run("import nativeconv; print(nativeconv.library_path, nativeconv.abi_version())", where=where)
    assert done.stdout.split() == [str(inside), str(nativeconv.abi_version())], done.stderr


def test_a_checkout(tmp_path):
    """bindings/python/nativeconv finds artifacts/native/<rid> of its own repository."""
    where = copy_of_the_package(tmp_path / "bindings" / "python")
    built = tmp_path / "artifacts" / "native" / _loader.runtime_identifier() / "libnativeconv.so"
    built.parent.mkdir(parents=True)
    assert f"  {built}: no such file\n" in report(where=where)
    shutil.copy(LIBRARY, built)
    done = run("import nativeconv; print(nativeconv.library_path)", where=where)
    assert done.stdout.strip() == str(built), done.stderr


def test_the_systems_loader(tmp_path):
    where = copy_of_the_package(tmp_path / "package")
    shutil.copy(LIBRARY, tmp_path / "libnativeconv.so.1")
    done = run("import nativeconv; print(nativeconv.library_path)", where=where, LD_LIBRARY_PATH=str(tmp_path))
    assert done.stdout.strip() == "libnativeconv.so.1", done.stderr


def test_a_bad_file_does_not_hide_a_good_one(tmp_path):
    where = copy_of_the_package(tmp_path)
    (where / "nativeconv" / "libnativeconv.so.1").write_bytes(b"")
    shutil.copy(LIBRARY, where / "nativeconv" / "libnativeconv.so")
    done = run("import nativeconv; print(nativeconv.library_path)", where=where)
    assert done.stdout.strip().endswith("libnativeconv.so"), done.stderr


@pytest.mark.parametrize("platform, machine, identifier", [
    ("linux", "x86_64", "linux-x64"), ("linux", "aarch64", "linux-arm64"),
    ("darwin", "arm64", "osx-arm64"), ("win32", "AMD64", "win-x64")])
def test_runtime_identifiers(monkeypatch, platform, machine, identifier):
    monkeypatch.setattr(_loader.sys, "platform", platform)
    monkeypatch.setattr(_loader.platform, "machine", lambda: machine)
    assert _loader.runtime_identifier() == identifier


def test_the_error_is_an_import_error():
    error = nativeconv.NativeConvLoadError([("a.so", "no such file")])
    assert isinstance(error, ImportError) and error.tried == [("a.so", "no such file")]
