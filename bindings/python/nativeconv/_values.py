"""Checks of plain arguments, in Python's words; what they let through, the library checks again."""

from __future__ import annotations

import operator
from typing import Any, Sequence, Union

Ints = Union[int, Sequence[int]]
Padding = Union[int, Sequence[Union[int, Sequence[int]]]]


def integer(name: str, value: Any, least: int | None = None, bits: int = 64) -> int:
    """value as an int that fits the C type: ctypes would cut it silently."""
    try:
        value = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an int, not {type(value).__name__}") from None
    if least is not None and value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")
    if not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise OverflowError(f"{name} does not fit into {bits} bits: {value}")
    return value


def per_axis(name: str, value: Ints, rank: int, least: int | None = None) -> tuple[int, ...]:
    """One int for all axes, or one for each."""
    return tuple(integer(name, entry, least) for entry in _entries(name, value, rank))


def pads(value: Padding, rank: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """One int for all axes, or for each axis an int or a pair (begin, end); returns all begins, all ends."""
    pairs = []
    for entry in _entries("padding", value, rank):
        pair = tuple(entry) if isinstance(entry, Sequence) else (entry, entry)
        if len(pair) != 2:
            raise ValueError(f"padding of one axis is an int or a pair (begin, end), not {entry!r}")
        pairs.append([integer("padding", side) for side in pair])
    begins, ends = zip(*pairs)
    return begins, ends


def spatial_rank(name: str, shape: Sequence[int]) -> int:
    """The number of spatial axes of (batch, channels, *spatial)."""
    if not 3 <= len(shape) <= 5:
        raise ValueError(f"{name} has shape {tuple(shape)}: it must be (batch, channels, 1 to 3 spatial axes)")
    return len(shape) - 2


def choice(name: str, value: str, choices: dict[str, int]) -> int:
    """The number of a name."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}; not {value!r}")
    return choices[value]


def _entries(name: str, value: Any, rank: int) -> Sequence[Any]:
    if hasattr(value, "__index__"):
        return [value] * rank
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise TypeError(f"{name} must be an int or a sequence, not {type(value).__name__}")
    if len(value) != rank:
        raise ValueError(f"{name} has {len(value)} entries for {rank} spatial {'axis' if rank == 1 else 'axes'}")
    return value
