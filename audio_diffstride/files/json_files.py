"""Reading and checking JSON files that may be damaged."""

from __future__ import annotations

import json
import math
import os
import pathlib
from typing import Any

from audio_diffstride.errors import UserError, shortened

NUMBER = (int, float)
POSITIVE = range(1, 1 << 62)


def load(path: str | os.PathLike[str], remedy: str) -> Any:
    """Reads a JSON file.

    Args:
        path: the file.
        remedy: what to do if the file is damaged, for the message.

    Raises:
        FileNotFoundError: if there is no such file.
        UserError: if it cannot be read as JSON.
    """
    try:
        text = pathlib.Path(path).read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(str(path)) from error
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}; {remedy}"
        ) from error
    except ValueError as error:
        raise UserError(
            f"{path} is damaged: it is not UTF-8; {remedy}"
        ) from error
    try:
        return parse(text)
    except ValueError as error:
        raise UserError(f"{path} is damaged: {error}; {remedy}") from error


def parse(text: str | bytes) -> Any:
    """Parses a JSON that may be damaged.

    Raises:
        ValueError: if it is no JSON, is nested too deeply, or has a name twice
            in an object.
    """
    try:
        return json.loads(text, object_pairs_hook=_without_duplicates)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A dict of the pairs; a name that occurs twice is ambiguous."""
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is there twice")
    return content


def read(path: str | os.PathLike[str], shape: Any, remedy: str) -> Any:
    """Reads a JSON file and checks its shape; see `load` and `mismatch`."""
    content = load(path, remedy)
    wrong = mismatch(content, shape)
    if wrong:
        raise UserError(f"{path} is damaged: {wrong}; {remedy}")
    return content


def mismatch(value: Any, shape: Any, name: str = "") -> str:
    """Says where a value differs from a shape; "" if it has that shape.

    Args:
        value: a value read from JSON.
        shape: a type, or a tuple of types and None. A range is of the whole
            numbers in it. [shape] is a list of values of that shape.
            {str: shape} is an object with any names, {name: shape} one with
            at least these names.
        name: the name of the value, for the message.

    >>> mismatch({"a": [1, 2.5]}, {"a": [int]})
    'a[1] is 2.5'
    >>> mismatch({"a": 0}, {"a": range(1, 10)})
    'a is 0'
    >>> mismatch({}, {"a": {"b": str}})
    'a is missing'
    """
    parts: list[tuple[str, Any, Any]] = []  # (name, value, shape) inside
    if isinstance(shape, list):
        if not isinstance(value, list):
            return _is(name, value)
        parts = [(f"{name}[{i}]", v, shape[0]) for i, v in enumerate(value)]
    elif isinstance(shape, dict):
        if not isinstance(value, dict):
            return _is(name, value)
        before = f"{name}." if name else ""
        if str in shape:
            parts = [(f"{before}{n}", v, shape[str]) for n, v in value.items()]
        else:
            for key in shape:
                if key not in value:
                    return f"{before}{key} is missing"
            parts = [(f"{before}{n}", value[n], s) for n, s in shape.items()]
    elif not _is_one_of(value, shape):
        return _is(name, value)
    wrong = (mismatch(inner, s, n) for n, inner, s in parts)
    return next(filter(None, wrong), "")


def _is_one_of(value: Any, types: Any) -> bool:
    if isinstance(types, range):
        return type(value) is int and value in types
    types = types if isinstance(types, tuple) else (types,)
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return (None if value is None else type(value)) in types


def _is(name: str, value: Any) -> str:
    return f"{name or 'all of it'} is {shortened(value)}"
