"""The binding against bindings/c/include/nativeconv.h: every constant, struct, callback and function, none more."""

import ctypes
import re
import subprocess
from pathlib import Path

import pytest

import nativeconv
from nativeconv import _abi

BINDINGS = Path(nativeconv.__file__).resolve().parents[2]
INCLUDE = BINDINGS / "c" / "include"
SOURCE = (INCLUDE / "nativeconv.h").read_text()
CODE = re.sub(r"//.*", "", re.sub(r"/\*.*?\*/", "", SOURCE, flags=re.S))

PLAIN = {
    "void": None, "nc_status": ctypes.c_int32, "int32_t": ctypes.c_int32, "uint32_t": ctypes.c_uint32,
    "int64_t": ctypes.c_int64, "uint64_t": ctypes.c_uint64, "size_t": ctypes.c_size_t, "double": ctypes.c_double,
    "char": ctypes.c_char, "nc_task_fn": _abi.TaskFn, "nc_parallel_for_fn": _abi.ParallelForFn, **_abi.STRUCTS,
}


def to_ctypes(declaration):
    """"const void* x" as (name, ctypes type)."""
    base, stars, name, sizes = re.fullmatch(r"(?:const )?(\w+)\s*(\**)\s*(\w*)\s*((?:\[\w+\])*)", declaration.strip()).groups()
    depth = len(stars)
    if base in ("void", "nc_plan") and depth:  # nc_plan is opaque
        kind, depth = ctypes.c_void_p, depth - 1
    elif base == "char" and depth:
        kind, depth = ctypes.c_char_p, depth - 1
    else:
        kind = PLAIN[base]
    for _ in range(depth):
        kind = ctypes.POINTER(kind)
    for size in re.findall(r"\[(\w+)\]", sizes):
        kind = kind * int(size)
    return name, kind


def as_parameter(kind):
    """An array parameter is a pointer."""
    return ctypes.POINTER(kind._type_) if hasattr(kind, "_length_") else kind


def constants():
    """Every NC_ name with its number, from enums and from #define."""
    found = {name: int(value) for name, value in re.findall(r"#define (NC_\w+)\s+(-?\d+)u?\s*$", CODE, flags=re.M)}
    for body in re.findall(r"enum\s*\{(.*?)\}", CODE, flags=re.S):
        found.update({name: int(value) for name, value in re.findall(r"(NC_\w+)\s*=\s*(-?\d+)", body)})
    return found


def functions():
    """name: (result, [parameters]) of every prototype."""
    found = {}
    for result, name, parameters in re.findall(r"NC_API\s+([\w\s*]+?)\s*NC_CALL\s+(nc_\w+)\s*\((.*?)\)\s*;", CODE, flags=re.S):
        parameters = [] if parameters.strip() == "void" else [to_ctypes(p)[1] for p in parameters.split(",")]
        found[name] = to_ctypes(result)[1], [as_parameter(p) for p in parameters]
    return found


def structs():
    """name: [(field, type)] of every struct with a body."""
    found = {}
    for body, name in re.findall(r"typedef struct \w+\s*\{([^}]*)\}\s*(\w+)\s*;", CODE):
        fields = []
        for line in filter(None, map(str.strip, body.split(";"))):
            base, declarators = re.fullmatch(r"((?:const )?\w+\s*\**)\s*(.*)", line, flags=re.S).groups()
            fields += [to_ctypes(f"{base} {declarator}") for declarator in declarators.split(",")]
        found[name] = fields
    return found


def test_every_function_is_read():
    """The parser misses nothing: NC_API appears once for each function, besides its own definitions."""
    assert len(functions()) == len(re.findall(r"^NC_API", CODE, flags=re.M)) >= 25


def test_functions():
    declared = {name: (result, list(arguments)) for name, (result, *arguments) in _abi.PROTOTYPES.items()}
    expected = functions()
    assert list(declared) == list(expected)
    for name in expected:
        assert declared[name] == expected[name], name


def test_every_function_is_used():
    """Declared is not covered: some module calls each of them."""
    modules = [path for path in Path(nativeconv.__file__).parent.glob("*.py") if path.name != "_abi.py"]
    text = "\n".join(path.read_text() for path in modules)
    for name in _abi.PROTOTYPES:
        assert re.search(rf"\b\w+\.{name}\b", text), name


def test_structs():
    expected = structs()
    assert expected.keys() == _abi.STRUCTS.keys()
    for name, fields in expected.items():
        assert fields == [(field, kind) for field, kind in _abi.STRUCTS[name]._fields_], name


def test_callbacks():
    expected = dict(re.findall(r"typedef void \(NC_CALL \*(\w+)\)\((.*?)\);", CODE))
    declared = {"nc_task_fn": _abi.TaskFn, "nc_parallel_for_fn": _abi.ParallelForFn}
    assert expected.keys() == declared.keys()
    for name, parameters in expected.items():
        assert declared[name]._restype_ is None
        assert list(declared[name]._argtypes_) == [to_ctypes(p)[1] for p in parameters.split(",")]


def test_constants():
    groups = {
        "NC_": {**_abi.KINDS, "abi_version": _abi.ABI_VERSION, "exec_flush_denormals": _abi.EXEC_FLUSH_DENORMALS,
                **_abi.PASSES, **_abi.LAYOUTS, **_abi.TENSORS, "ok": _abi.Status.OK},
        "NC_ACT_": _abi.ACTIVATIONS,
        "NC_RULE_": _abi.GRADIENT_RULES,
        "NC_ALGO_": _abi.ALGORITHMS,
        "NC_ERROR_": {status.name: status for status in _abi.Status if status < 0},
    }
    declared = {prefix + name.upper(): int(value) for prefix, group in groups.items() for name, value in group.items()}
    short = {"float32": "F32", "float64": "F64", "float16": "F16", "bfloat16": "BF16"}
    declared.update({"NC_" + short[name]: value for name, value in _abi.DTYPES.items()})
    expected = {name: value for name, value in constants().items() if not name.startswith("NC_VERSION_")}
    assert declared == expected


def test_version():
    numbers = constants()
    assert nativeconv.version() == ".".join(str(numbers[f"NC_VERSION_{part}"]) for part in ("MAJOR", "MINOR", "PATCH"))


def test_sizes_and_offsets(tmp_path):
    """The C compiler's sizeof and offsetof are ctypes' own."""
    lines = []
    for name, kind in _abi.STRUCTS.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        lines += [f'printf("{name}.{field} %zu\\n", offsetof({name}, {field}));' for field, _ in kind._fields_]
    (tmp_path / "sizes.c").write_text(
        "#include <stddef.h>\n#include <stdio.h>\n#include <nativeconv.h>\nint main(void)\n{\n" + "\n".join(lines) + "\n}\n")
    program = tmp_path / "sizes"
    subprocess.run(["cc", "-I", str(INCLUDE), "-o", str(program), str(tmp_path / "sizes.c")], check=True)
    printed = dict(line.split() for line in subprocess.run([str(program)], capture_output=True, text=True, check=True).stdout.splitlines())
    expected = {}
    for name, kind in _abi.STRUCTS.items():
        expected[name] = str(ctypes.sizeof(kind))
        expected.update({f"{name}.{field}": str(getattr(kind, field).offset) for field, _ in kind._fields_})
    assert printed == expected


@pytest.mark.parametrize("status", _abi.Status)
def test_every_status_has_its_own_string(status):
    others = {nativeconv.status_string(other) for other in _abi.Status if other is not status}
    assert nativeconv.status_string(status) and nativeconv.status_string(status) not in others
