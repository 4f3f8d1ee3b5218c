"""The READMEs' Python example is examples/readme.py, and prints what the README says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nativeconv

FOLDER = Path(nativeconv.__file__).resolve().parents[1]
EXAMPLE = FOLDER / "examples" / "readme.py"
README = (FOLDER / "README.md").read_text()
FRONT_PAGE = (FOLDER.parents[1] / "README.md").read_text()


def block(language, text=README):
    return re.search(rf"```{language}\n(.*?)```", text, flags=re.S).group(1)


def test_the_readmes_show_the_example():
    assert block("python") == block("python", FRONT_PAGE) == EXAMPLE.read_text()


def test_the_example_prints_what_the_readme_says():
    environment = {**os.environ, "PYTHONPATH": str(FOLDER)}
    done = subprocess.run([sys.executable, str(EXAMPLE)], env=environment, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout == block("text") == "[[ 0  1  0]\n [ 1 -4  1]\n [ 0  1  0]] True\n"


def test_the_readme_lists_every_name():
    """Every public function and class, and every module."""
    for name in nativeconv.__all__:
        assert re.search(rf"\b{name}\b", README), name
    for module in (FOLDER / "nativeconv").glob("_[a-z]*.py"):
        assert f"nativeconv/{module.name}" in README
