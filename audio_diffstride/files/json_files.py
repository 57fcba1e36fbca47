"""JSON files that somebody may have damaged: read, and held to a shape."""

from __future__ import annotations

import json
import math
import pathlib

from audio_diffstride.errors import UserError, shortened

NUMBER = (int, float)


def load(path, remedy: str):
    """The content of a JSON file.

    Args:
        path: of the file.
        remedy: what to do if it is damaged, for the message.

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
        raise UserError(f"{path} is damaged: no UTF-8; {remedy}") from error
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is damaged: {error}; {remedy}") from error


def _once(pairs):
    """A dict, if no name is there twice: which of them would count?"""
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is there twice")
    return content


def read(path, shape, remedy: str):
    """The content of a JSON file that has a shape; see `mismatch`, `load`."""
    content = load(path, remedy)
    wrong = mismatch(content, shape)
    if wrong:
        raise UserError(f"{path} is damaged: {wrong}; {remedy}")
    return content


def mismatch(value, shape, name: str = "") -> str:
    """What of a value is not of a shape, in words; "" if all of it is.

    Args:
        value: as JSON gives it.
        shape: a type or a tuple of types, None among them; [shape] for a list
            of such; {str: shape} for any names; {name: shape} for those names
            at least.
        name: of the value, for the words.

    >>> mismatch({"a": [1, 2.5]}, {"a": [int]})
    'a[1] is 2.5'
    >>> mismatch({}, {"a": {"b": str}})
    'a is missing'
    """
    parts = []  # (name, value, shape) of what is inside
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


def _is_one_of(value, types) -> bool:
    types = types if isinstance(types, tuple) else (types,)
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return (None if value is None else type(value)) in types


def _is(name: str, value) -> str:
    return f"{name or 'all of it'} is {shortened(value)}"
