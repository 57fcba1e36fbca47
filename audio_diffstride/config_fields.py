"""What each field of a config may be, checked before anything is done.

`FIELDS` has a rule for every field of configs/default.py. Values come from a
Python file, from a config.json, where tuples are lists, or as text after a
flag; what is wrong with them is told by field, value and what is allowed.
"""

from __future__ import annotations

import ast
import collections.abc
import dataclasses
import difflib
import math
import warnings

import ml_collections

from audio_diffstride.architectures import ARCHITECTURES
from audio_diffstride.errors import UserError, join_some, shortened

_MOST_BLOCKS = 32
_MOST_AXES = 3
MOST_CHANNELS = 65_536


@dataclasses.dataclass(frozen=True)
class Field:
    """The rule of one field.

    Attributes:
        type: of its value.
        allowed: what it may be, in words that go on "must be".
        holds: whether a value of that type is allowed.
    """

    type: type
    allowed: str
    holds: collections.abc.Callable[[object], bool]

    def parse(self, text: str):
        """The value that a flag's text stands for; the text if for none."""
        if self.type is str:
            return text
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of text that is no Python
                return ast.literal_eval(text.strip().capitalize())
        except (
            *(ValueError, TypeError, SyntaxError),
            *(MemoryError, RecursionError),
        ):
            return text

    def read(self, value):
        """The value as of the field's type; a ValueError if it is not allowed.

        >>> FIELDS["model.width"].read(1)
        1.0
        >>> FIELDS["model.channels"].read([4, 8])
        (4, 8)
        """
        if self.type is float and _is_whole(value):
            value = float(value) if abs(value) < 1e300 else math.inf
        if self.type is tuple:
            value = _frozen(value)
        wrong_bool = isinstance(value, bool) and self.type is not bool
        if wrong_bool or not isinstance(value, self.type):
            raise ValueError
        if not self.holds(value):
            raise ValueError
        return value


def _is_whole(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value, low: float, high: float) -> bool:
    """Whether it is a number from `low` to `high`, which nan is not."""
    is_number = _is_whole(value) or isinstance(value, float)
    return is_number and low <= value <= high


def _frozen(value):
    """Lists as tuples, at every depth."""
    if isinstance(value, (list, tuple)):
        return tuple(map(_frozen, value))
    return value


def _whole(low: int, high: int) -> Field:
    return Field(
        int,
        f"a whole number from {low:,} to {high:,}",
        lambda value: low <= value <= high,
    )


def _number(low: float, high: float) -> Field:
    return Field(
        float,
        f"a number from {low:g} to {high:,g}",
        lambda value: low <= value <= high,
    )


def _above_zero(high: float) -> Field:
    return Field(
        float,
        f"a number above 0 and up to {high:,g}",
        lambda value: 0 < value <= high,
    )


def _choice(*names: str) -> Field:
    words = " or ".join((", ".join(map(repr, names[:-1])), repr(names[-1])))
    return Field(str, words, lambda value: value in names)


def _text(allowed: str, holds=lambda value: True) -> Field:
    # No path and no name holds the character 0.
    return Field(str, allowed, lambda v: "\0" not in v and holds(v))


_FLAG = Field(bool, "True or False", lambda value: True)


def _is_weights(text: str) -> bool:
    """Whether it is like task=0.5,task=2."""
    for entry in filter(None, text.split(",")):
        task, _, number = entry.partition("=")
        try:
            weight = float(number)
        except ValueError:
            return False
        if not task or not 0 <= weight < math.inf:
            return False
    return True


def _is_strides(value: tuple) -> bool:
    return len(value) <= _MOST_BLOCKS and all(
        isinstance(several, tuple)
        and 1 <= len(several) <= _MOST_AXES
        and all(_is_number(stride, 1, 1000) for stride in several)
        for several in value
    )


FIELDS = {
    "seed": _whole(0, 2**32 - 1),
    "window_s": _above_zero(3600),
    "data.source": _text(
        "audio_files or names of data sets, joined by commas",
        lambda value: bool(names(value)),
    ),
    "data.split": _choice("official", "paper", ""),
    "data.path": _text("a folder or a CSV, or several joined by commas"),
    "data.proportions": Field(
        tuple,
        "numbers above 0 like (3, 1), or empty",
        lambda value: all(_is_number(p, 1e-6, 1e6) for p in value),
    ),
    "data.tasks": _text("names of tasks joined by commas, or empty"),
    "data.store_dir": _text("a folder", lambda value: bool(value.strip())),
    "data.skip_bad_files": _FLAG,
    "front_end.sample_rate_hz": _whole(100, 1_000_000),
    "front_end.num_bands": _whole(1, 1024),
    "front_end.window_ms": _above_zero(1000),
    "front_end.hop_ms": _above_zero(1000),
    "front_end.min_hz": _number(0, 500_000),
    "front_end.max_hz": _above_zero(500_000),
    # Its logarithm is divided by, in float32.
    "front_end.log_offset": _number(1e-30, 0.1),
    "model.encoder": _choice(*ARCHITECTURES),
    "model.stem": _choice("small", "large"),
    "model.downsampling": _choice(
        "strided_conv",
        "spectral",
        "diffstride",
        "diffstride_per_example",
        "max_pool",
        "average_pool",
    ),
    "model.channels": Field(
        tuple,
        f"up to {_MOST_BLOCKS} whole numbers from 1 to {MOST_CHANNELS:,}, "
        "like (64, 128)",
        lambda value: (
            len(value) <= _MOST_BLOCKS
            and all(_is_whole(v) and 1 <= v <= MOST_CHANNELS for v in value)
        ),
    ),
    "model.strides": Field(
        tuple,
        f"up to {_MOST_BLOCKS} pairs of numbers from 1 to 1,000, "
        "like ((2, 2), (1, 2))",
        _is_strides,
    ),
    "model.width": _above_zero(1000),
    "model.smoothness_factor": _above_zero(1000),
    "model.transition_band": _choice("outside", "inside"),
    "model.smoothness_percent": _number(0, 100),
    "model.shared_stride": _FLAG,
    "model.size_multiple": _whole(1, 1024),
    "model.complexity_weight": _number(0, 1e6),
    "model.batch_norm_momentum": _number(0, 0.999999),
    "training.num_steps": _whole(1, 10**9),
    "training.steps_per_epoch": _whole(1, 10**9),
    "training.batch_size": _whole(1, 65_536),
    "training.task_weights": _text(
        "like task=0.5,task=2 with numbers from 0 on, or empty", _is_weights
    ),
    "training.learning_rate": _above_zero(1),
    "training.schedule": _choice("constant", "cosine"),
    "training.stride_step_ratio": _number(0, 1e6),
    "training.precision": _choice("float32", "mixed_bfloat16", "mixed_float16"),
    "training.jit_compile": _FLAG,
}

_SECTIONS = {name.split(".")[0] for name in FIELDS if "." in name}


def names(text: str) -> list[str]:
    """The names in a text that joins them by commas.

    >>> names("a, b,")
    ['a', 'b']
    """
    return [name.strip() for name in text.split(",") if name.strip()]


def flatten(config: collections.abc.Mapping) -> dict[str, object]:
    """The fields of nested sections by their dotted names.

    >>> flatten({"seed": 0, "data": {"tasks": "pitch"}})
    {'seed': 0, 'data.tasks': 'pitch'}
    """
    flat = {}
    for name, value in config.items():
        if name in _SECTIONS and isinstance(value, collections.abc.Mapping):
            inner = {f"{name}.{key}": item for key, item in value.items()}
        elif "." in str(name):  # not the field of that dotted name
            inner = {repr(name): value}
        else:
            inner = {str(name): value}
        flat |= inner
    return flat


def nest(fields: dict[str, object]) -> ml_collections.ConfigDict:
    """The opposite of `flatten`, as a config."""
    config = ml_collections.ConfigDict()
    for name, value in fields.items():
        section, _, key = name.rpartition(".")
        inner = config
        if section:
            if section not in config:
                config[section] = ml_collections.ConfigDict()
            inner = config[section]
        inner[key] = value
    return config


def check(values: dict[str, object], where, required=None) -> dict[str, object]:
    """The values of fields, each of its type and allowed.

    Args:
        values: {field: value}.
        where: the file they come from, for messages.
        required: fields and sections that must be there; what is no field is
            then left as it is. None: all of them, and nothing else.

    Raises:
        UserError: for a field that is missing, unknown or not allowed.
    """
    for name in FIELDS:
        wanted = required is None or {name, name.split(".")[0]} & {*required}
        if wanted and name not in values:
            raise UserError(
                f"{where} has no field {name}; it must be "
                f"{FIELDS[name].allowed}"
            )
    checked = {}
    for name, value in values.items():
        if name in FIELDS:
            try:
                value = FIELDS[name].read(value)
            except ValueError:
                raise UserError(
                    f"{where}: {name} is {shortened(value)}, but must be "
                    f"{FIELDS[name].allowed}"
                ) from None
        elif required is None:
            raise UserError(unknown(name, where))
        checked[name] = value
    return checked


def unknown(name: str, where) -> str:
    """The sentence on a field that there is none of."""
    shown = name if name.isprintable() and name else repr(name)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    near = difflib.get_close_matches(name[:60], FIELDS, n=3)
    fields = join_some(near or sorted({n.split(".")[0] for n in FIELDS}))
    return f"{where}: there is no field {shown}; there are {fields}"
