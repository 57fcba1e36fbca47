"""Small valid files become hostile: of bytes, of tables, of JSON."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

Mutate = Callable[[random.Random, bytes], bytes]

_NUMBERS = (0, 1, -1, 127, 128, 255, 2**15, 2**16 - 1, 2**31 - 1, 2**31)
_LARGE = (2**32 - 1, 2**32 - 9, 2**40, 2**62, 2**63 - 1, -(2**31), -(2**63))
_CELLS = (
    *("", " ", "-1", "0", "nan", "-inf", "inf", "1e999", "1e-999", "0x10"),
    *("9" * 5000, "1_0", "\u0661", "1.5.5", "1,5", "None", "true", "²"),
    *("\0", "\x1b[2J", "\r", "\n", "\t", '"', '""', ";", ",", "\ufeff"),
    *("../../up", "/etc/passwd", "C:\\x", "a" * 300, "a/" * 3000, "~"),
    *("é", "e\u0301", "\ud7ff", "\U0010ffff", "\u202e", "?", "_x", "=1+1"),
    *("start_s", "path", "label", "step", "class", "file", "train", "%s{0}"),
)
_VALUES = (
    *(None, True, False, 0, -1, 1, 2, 10**30, -(10**30), 1e308, -0.5, 1e-320),
    *(float("nan"), float("inf"), "", "x", "\0", "../../up", "a" * 5000),
    *([], {}, [[]], [{}], {"": ""}, [None], ["x", "x"], [0] * 2000),
    *("best", "softmax", "clips", "images", "keras>Lambda", 2**31, 2**63),
)
_ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "latin-1", "utf-32", "utf-7")
_DEPTHS = (50, 1000, 100_000)


def of_bytes(rng: random.Random, content: bytes) -> bytes:
    """Some bytes are changed, lost, doubled, moved or too many."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        rng.choice(_OF_BYTES)(rng, data)
    return bytes(data)


def _place(rng: random.Random, data: bytearray) -> int:
    """Often in the header, where sizes stand."""
    end = len(data) if rng.random() < 0.5 else min(len(data), 128)
    return rng.randrange(end + 1)


def _flip(rng: random.Random, data: bytearray) -> None:
    if data:
        data[_place(rng, data) % len(data)] ^= 1 << rng.randrange(8)


def _write_byte(rng: random.Random, data: bytearray) -> None:
    if data:
        place = _place(rng, data) % len(data)
        data[place] = rng.choice((0, 255, 127, 128, rng.randrange(256)))


def _write_number(rng: random.Random, data: bytearray) -> None:
    size = rng.choice((2, 4, 4, 8))
    value = rng.choice(_NUMBERS + _LARGE) % (1 << 8 * size)
    place = _place(rng, data)
    place -= place % rng.choice((1, 2, 4))
    order: Any = rng.choice(("little", "big"))
    data[place : place + size] = value.to_bytes(size, order)


def _cut(rng: random.Random, data: bytearray) -> None:
    del data[_place(rng, data) :]


def _remove(rng: random.Random, data: bytearray) -> None:
    place = _place(rng, data)
    del data[place : place + rng.choice((1, 2, 4, 64, 1024))]


def _insert(rng: random.Random, data: bytearray) -> None:
    size = rng.choice((1, 2, 4, 64, 5000))
    filler = bytes(size) if rng.random() < 0.5 else rng.randbytes(size)
    place = _place(rng, data)
    data[place:place] = filler


def _double(rng: random.Random, data: bytearray) -> None:
    start, size = _place(rng, data), rng.choice((4, 8, 64, 1024))
    place = _place(rng, data)
    data[place:place] = data[start : start + size]


def _swap(rng: random.Random, data: bytearray) -> None:
    size = rng.choice((4, 8, 32, 256))
    one, other = sorted((_place(rng, data), _place(rng, data)))
    if one + size <= other:
        first = data[one : one + size]
        data[one : one + size] = data[other : other + size]
        data[other : other + size] = first


_OF_BYTES = (
    *(_flip, _flip, _write_byte, _write_number, _write_number),
    *(_cut, _remove, _insert, _double, _swap),
)


def of_table(rng: random.Random, content: bytes) -> bytes:
    """Cells, rows, columns or the encoding of a table are changed."""
    if rng.random() < 0.2:
        return of_bytes(rng, content)
    text = content.decode("utf-8")
    separator = max(",;\t", key=text.count)
    rows = [line.split(separator) for line in text.split("\n")]
    for _ in range(rng.choice((1, 1, 2, 4))):
        row = rng.choice(rows)
        place = rng.randrange(len(row) or 1)
        match rng.randrange(9):
            case 0 | 1 | 2:
                row[place : place + 1] = [rng.choice(_CELLS)]
            case 3:
                row[place : place + 1] = [rng.choice((*map(str, _LARGE),))]
            case 4:
                row.insert(place, rng.choice(_CELLS))
            case 5:
                del row[place : place + 1]
            case 6:
                rows.insert(rng.randrange(len(rows)), list(row))
            case 7:
                rng.shuffle(row)
            case 8:
                row[place : place + 1] = [
                    rng.choice(("x" * 200_000, *["y"] * 3000))
                ]
    separator = rng.choice((separator, separator, separator, ";", "\t", ","))
    end = rng.choice(("\n", "\n", "\n", "\r\n", "\r", "\n\n"))
    text = end.join(separator.join(row) for row in rows)
    if rng.random() < 0.1:
        return text.encode(rng.choice(_ENCODINGS), "replace")
    mark = b"\xef\xbb\xbf" * (rng.random() < 0.05)
    return mark + text.encode("utf-8", "surrogatepass")


def of_json(rng: random.Random, content: bytes) -> bytes:
    """Values, names or the depth of a JSON are changed."""
    if rng.random() < 0.15:
        return of_bytes(rng, content)
    value = json.loads(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        value = _change_value(rng, value)
    text = json.dumps(value)
    if rng.random() < 0.05:
        text = _nest(rng, text)
    if rng.random() < 0.05:
        text = text.replace("{", rng.choice(('{"x": 1, "x": 2, ', "{,", "[")))
    if rng.random() < 0.05:
        return text.encode(rng.choice(_ENCODINGS), "replace")
    return text.encode("utf-8", "surrogatepass")


def _nest(rng: random.Random, text: str) -> str:
    """A number or a text of the JSON becomes a deep list."""
    depth = rng.choice(_DEPTHS)
    places = [i for i, char in enumerate(text) if char in ":,["]
    place = rng.choice(places or [0]) + 1
    return f"{text[:place]} {'[' * depth}{']' * depth}, {text[place:]}"


def _change_value(rng: random.Random, value: Any) -> Any:
    """The value with a change at one place, at any depth."""
    inside = isinstance(value, dict | list) and bool(value)
    if not inside or rng.random() < 0.1:
        return _other(rng, value)
    keys = [*value] if isinstance(value, dict) else [*range(len(value))]
    key = rng.choice(keys)
    action = rng.randrange(12)
    if action == 0:
        del value[key]
    elif action == 1 and isinstance(value, dict):
        value[rng.choice(("", "x", "\0", *keys))] = value.pop(key)
    elif action == 1:
        value.insert(key, copy.deepcopy(value[key]))
    else:
        value[key] = _change_value(rng, value[key])
    return value


def _other(rng: random.Random, value: Any) -> Any:
    if isinstance(value, int | float) and rng.random() < 0.4:
        return rng.choice((*_NUMBERS, *_LARGE, value * 1000, -value, value + 1))
    return copy.deepcopy(rng.choice(_VALUES))
