"""Every public function and method has type hints that resolve and a docstring; those that take arrays say their shapes."""

import inspect
import typing

import pytest

import nativeconv

FUNCTIONS = {name: value for name, value in vars(nativeconv).items() if name in nativeconv.__all__ and inspect.isfunction(value)}
METHODS = {f"Plan.{name}": value for name, value in vars(nativeconv.Plan).items() if inspect.isfunction(value) and not name.startswith("_")}
METHODS["Plan"] = nativeconv.Plan.__init__


@pytest.mark.parametrize("function", [*FUNCTIONS.values(), *METHODS.values()], ids=[*FUNCTIONS, *METHODS])
def test_everything_is_hinted(function):
    hints = typing.get_type_hints(function)
    parameters = [name for name in inspect.signature(function).parameters if name != "self"]
    assert "return" in hints and all(name in hints for name in parameters)


@pytest.mark.parametrize("name", nativeconv.__all__)
def test_everything_is_explained(name):
    value = getattr(nativeconv, name)
    if name not in ("Array", "library_path"):  # an alias and a string
        assert inspect.getdoc(value)


@pytest.mark.parametrize("name", [name for name, value in {**FUNCTIONS, **METHODS}.items() if "x" in inspect.signature(value).parameters])
def test_shapes_are_said(name):
    """In the docstring, or in that of the function that it refers to."""
    text = inspect.getdoc({**FUNCTIONS, **METHODS}[name])
    assert "(batch, in_channels" in text or "x_shape" in text or "_backward" in text or "what conv2d got" in text, text


def test_the_package_says_that_it_is_typed():
    from importlib.resources import files
    assert files(nativeconv).joinpath("py.typed").is_file()
