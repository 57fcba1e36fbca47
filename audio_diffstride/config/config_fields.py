"""What each field of a config may be, checked before anything is done.

`FIELDS` has a rule for every field of configs/default.py. Values come from a
Python file, from a config.json, where tuples are lists, or as text after a
flag; what is wrong with them is told by field, value and what is allowed.

A config is of sound or of images: it has the fields `OF_SOUND`, or `OF_IMAGES`
in their place, and is of images if it has one of these.
"""

from __future__ import annotations

import collections.abc
import difflib
import math

import ml_collections

from audio_diffstride.config import config_rules as rules
from audio_diffstride.config.architectures import (
    ARCHITECTURES,
    DOWNSAMPLING,
    POSITIONS,
)
from audio_diffstride.errors import UserError, join_some, shortened

_MAX_BLOCKS = 32
_MAX_AXES = 3
MAX_CHANNELS = 65_536

# What a run is fed with: fields and sections that the other kind has not.
OF_SOUND = ("window_s", "front_end")
OF_IMAGES = ("image",)
INPUT = "input"  # stands for either, where fields are required


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
    return len(value) <= _MAX_BLOCKS and all(
        isinstance(several, tuple)
        and 1 <= len(several) <= _MAX_AXES
        and all(rules.is_number(stride, 1, 1000) for stride in several)
        for several in value
    )


def _rise(shares: tuple) -> bool:
    """Whether they are numbers that rise between 0 and 1."""
    return all(rules.is_number(share, 0, 1) for share in shares) and all(
        low < high for low, high in zip((0, *shares), (*shares, 1))
    )


def _per_channel(low: float) -> rules.Field:
    return rules.Field(
        tuple,
        f"numbers from {low:g} to 1, one for grey or three for colour",
        lambda value: (
            len(value) in (1, 3)
            and all(rules.is_number(n, low, 1) for n in value)
        ),
    )


FIELDS = {
    "seed": rules.whole(0, 2**32 - 1),
    "devices": rules.text(
        "a whole number from 1 to 1024 in quotes, like '2', or 'all'",
        lambda value: value in ("all", *map(str, range(1, 1025))),
    ),
    "window_s": rules.above_zero(3600),
    "data.source": rules.text(
        "audio_files or names of data sets, joined by commas",
        lambda value: bool(names(value)),
    ),
    "data.split": rules.choice("official", "paper", ""),
    "data.path": rules.text("a folder or a CSV, or several joined by commas"),
    "data.test_group": rules.text("a group of own recordings, or empty"),
    "data.proportions": rules.Field(
        tuple,
        "numbers above 0 like (3, 1), or empty",
        lambda value: all(rules.is_number(p, 1e-6, 1e6) for p in value),
    ),
    "data.tasks": rules.text("names of tasks joined by commas, or empty"),
    "data.store_dir": rules.text("a folder", lambda value: bool(value.strip())),
    "data.skip_bad_files": rules.FLAG,
    "front_end.sample_rate_hz": rules.whole(100, 1_000_000),
    "front_end.num_bands": rules.whole(1, 1024),
    "front_end.window_ms": rules.above_zero(1000),
    "front_end.hop_ms": rules.above_zero(1000),
    "front_end.min_hz": rules.number(0, 500_000),
    "front_end.max_hz": rules.above_zero(500_000),
    # Its logarithm is divided by, in float32.
    "front_end.log_offset": rules.number(1e-30, 0.1),
    "image.size": rules.Field(
        tuple,
        "a height and a width of 1 to 4,096 pixels, like (32, 32)",
        lambda value: (
            len(value) == 2
            and all(rules.is_whole(n) and 1 <= n <= 4096 for n in value)
        ),
    ),
    "image.mean": _per_channel(0),
    "image.deviation": _per_channel(0.001),
    "image.crop": rules.choice("none", "padded", "inception"),
    "image.flip": rules.FLAG,
    "model.encoder": rules.choice(*ARCHITECTURES),
    "model.stem": rules.choice("small", "large"),
    "model.downsampling": rules.choice(*DOWNSAMPLING),
    "model.downsampling_position": rules.choice(*POSITIONS),
    "model.channels": rules.Field(
        tuple,
        f"up to {_MAX_BLOCKS} whole numbers from 1 to {MAX_CHANNELS:,}, "
        "like (64, 128)",
        lambda value: (
            len(value) <= _MAX_BLOCKS
            and all(rules.is_whole(v) and 1 <= v <= MAX_CHANNELS for v in value)
        ),
    ),
    "model.strides": rules.Field(
        tuple,
        f"up to {_MAX_BLOCKS} pairs of numbers from 1 to 1,000, "
        "like ((2, 2), (1, 2))",
        _is_strides,
    ),
    "model.width": rules.above_zero(1000),
    "model.smoothness_factor": rules.above_zero(1000),
    "model.transition_band": rules.choice("outside", "inside"),
    "model.smoothness_percent": rules.number(0, 100),
    "model.shared_stride": rules.FLAG,
    "model.size_multiple": rules.whole(1, 1024),
    "model.complexity_weight": rules.number(0, 1e6),
    "model.batch_norm_momentum": rules.number(0, 0.999999),
    "training.num_steps": rules.whole(1, 10**9),
    "training.steps_per_epoch": rules.whole(1, 10**9),
    "training.batch_size": rules.whole(1, 65_536),
    "training.task_weights": rules.text(
        "like task=0.5,task=2 with numbers from 0 on, or empty", _is_weights
    ),
    "training.learning_rate": rules.above_zero(1),
    "training.optimizer": rules.choice("adam", "sgd"),
    "training.momentum": rules.number(0, 0.999999),
    "training.weight_decay": rules.number(0, 1),
    "training.schedule": rules.choice("constant", "cosine", "steps"),
    "training.schedule_boundaries": rules.Field(
        tuple,
        "shares of the run that rise between 0 and 1, like (0.5, 0.75), or "
        "empty",
        _rise,
    ),
    "training.stride_step_ratio": rules.number(0, 1e6),
    "training.precision": rules.choice(
        "float32", "mixed_bfloat16", "mixed_float16"
    ),
    "training.jit_compile": rules.FLAG,
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


def is_of_images(values: collections.abc.Iterable[str]) -> bool:
    """Whether the fields are those of a config of images.

    >>> is_of_images(["seed", "image.size"]), is_of_images(["seed", "window_s"])
    (True, False)
    """
    return any(_is_one_of(name, OF_IMAGES) for name in values)


def _is_one_of(name: str, fields_and_sections) -> bool:
    return bool({name, name.split(".")[0]} & {*fields_and_sections})


def check(values: dict[str, object], where, required=None) -> dict[str, object]:
    """The values of fields, each of its type and allowed.

    Args:
        values: {field: value}.
        where: the file they come from, for messages.
        required: fields and sections that must be there, of which `INPUT` is
            those that say what the run is fed with; what is no field is then
            left as it is. None: all of the kind, and nothing else.

    Raises:
        UserError: for a field that is missing, unknown or not allowed, or of
            the other kind.
    """
    of_images = is_of_images(values)
    own, others = OF_SOUND, OF_IMAGES
    if of_images:
        own, others = others, own
    for name, field in FIELDS.items():
        if _is_one_of(name, others):
            if required is None and name in values:
                raise UserError(
                    f"{where}: {name} is a field of sound, and image.* are "
                    "fields of images; set those of one kind only"
                )
            if _is_one_of(name, required or ()):
                raise UserError(
                    f"{where} is the config of a run on images, and this is "
                    "for runs on sound"
                )
            continue
        wanted = (
            required is None
            or _is_one_of(name, required)
            or (INPUT in required and _is_one_of(name, own))
        )
        if wanted and name not in values:
            raise UserError(
                f"{where} has no field {name}; it must be {field.allowed}"
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
    sections = sorted({name.split(".")[0] for name in FIELDS})
    fields = join_some(near or sections, len(sections))
    return f"{where}: there is no field {shown}; there are {fields}"
