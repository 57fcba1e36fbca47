"""The fields of a config by their dotted names, and the check of values.

Values come from a Python file, from a config.json, where tuples are lists, or
from flags. An error names the field, its value, and what is allowed.

A config is of sound or of images. It has the fields `OF_SOUND`, or `OF_IMAGES`
in their place.
"""

from __future__ import annotations

import ast
import json
import operator
import typing
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import ml_collections
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from audio_diffstride.config import schema
from audio_diffstride.errors import UserError, join_some, shortened
from audio_diffstride.terminal import suggestions

# Fields and sections that only one kind of config has.
OF_SOUND: tuple[str, ...] = (
    "window_s",
    "front_end",
    "augmentation",
    "evaluation",
)
OF_IMAGES: tuple[str, ...] = ("image",)
INPUT = "input"  # stands for either, where fields are required
# Fields and sections that configs of earlier versions lack; see `complete`.
ADDED: tuple[str, ...] = (
    "augmentation",
    "data.balance",
    "evaluation",
    "fine_tuning",
    "data.columns",
    "data.annotations",
    "data.annotation_hop_s",
    "data.annotation_overlap",
    "data.background_class",
    "data.background_share",
    "data.examples_per_class",
    "data.fold",
    "data.validation",
    "model.folding",
    "model.learn_folding",
    "model.shared_folding",
    "model.folded_axes",
    "model.folded_channels",
    "training.folding_step_ratio",
    "training.loss",
    "training.focal_gamma",
    "training.label_smoothing",
    "training.clip_norm",
    "training.warmup_steps",
    "training.ema_momentum",
    "training.monitor",
    "training.early_stopping_epochs",
)


def _fields(section: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, info in section.model_fields.items():
        if isinstance(info.default, BaseModel):
            for inner, field in _fields(type(info.default)):
                yield f"{name}.{inner}", field
        else:
            yield name, info


# {name: field}, with its `default` and `description`.
FIELDS = dict(_fields(schema.Config))
_SECTIONS = {name.split(".")[0] for name in FIELDS if "." in name}


def type_of(name: str) -> type:
    """The type of a field's value.

    >>> type_of("model.width")
    <class 'float'>
    """
    return type(FIELDS[name].default)


def unit(name: str) -> str:
    """The unit of a field, or ""."""
    return _extra(name)["unit"]


def allowed(name: str) -> str:
    """What the value of a field may be, in words that follow "must be".

    >>> allowed("model.width")
    'a number above 0 and up to 1,000'
    """
    info = FIELDS[name]
    if _extra(name)["allowed"]:
        return _extra(name)["allowed"]
    if info.annotation is bool:
        return "True or False"
    if typing.get_origin(info.annotation) is typing.Literal:
        *first, last = map(repr, typing.get_args(info.annotation))
        return f"{', '.join(first)} or {last}"
    (bounds,) = info.metadata
    if bounds.gt is not None:
        return f"a number above {bounds.gt:g} and up to {bounds.le:,g}"
    if info.annotation is int:
        return f"a whole number from {bounds.ge:,} to {bounds.le:,}"
    return f"a number from {bounds.ge:g} to {bounds.le:,g}"


def _extra(name: str) -> dict[str, str]:
    return typing.cast(dict[str, str], FIELDS[name].json_schema_extra)


def parse(name: str, text: str) -> Any:
    """The value of a field that a flag's text gives, not checked yet.

    A text that is no Python value stays a text.

    >>> parse("model.strides", "[[2, 2]]"), parse("data.path", "007")
    ([[2, 2]], '007')
    """
    if type_of(name) is str:
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


def flatten(config: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of nested sections by their dotted names.

    >>> flatten({"seed": 0, "data": {"tasks": "pitch"}})
    {'seed': 0, 'data.tasks': 'pitch'}
    """
    flat: dict[str, Any] = {}
    for name, value in config.items():
        if name in _SECTIONS and isinstance(value, Mapping):
            flat |= {f"{name}.{key}": inner for key, inner in value.items()}
        elif "." in str(name):  # not the field of that dotted name
            flat[repr(name)] = value
        else:
            flat[str(name)] = value
    return flat


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in values.items():
        section, _, key = name.rpartition(".")
        inner = nested.setdefault(section, {}) if section else nested
        inner[key] = value
    return nested


def nest(values: Mapping[str, Any]) -> ml_collections.ConfigDict:
    """The opposite of `flatten`, as a config."""
    return ml_collections.ConfigDict(_nested(values))


def complete(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields, with defaults for those of `ADDED` that are missing.

    So the config of an earlier version means what it meant. The defaults are
    as JSON has them.
    """
    others = OF_SOUND if _is_of_images(values) else OF_IMAGES
    missing = {
        name: json.loads(json.dumps(field.default))
        for name, field in FIELDS.items()
        if name not in values
        and _is_one_of(name, ADDED)
        and not _is_one_of(name, others)
    }
    return {**values, **missing}


def differences(
    before: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """The fields in which two configs differ, each {field: value}.

    Both are completed first; see `complete`.

    Yields:
        (field, value before, value now), the values as Python writes them.

    >>> list(differences({"seed": 0}, {"seed": 0, "devices": "all"}))
    [('devices', 'not set', "'all'")]
    """
    before, now = complete(before), complete(now)
    for name in {**now, **before}:
        first, second = (
            repr(values[name]) if name in values else "not set"
            for values in (before, now)
        )
        if first != second:
            yield name, first, second


def check(
    values: Mapping[str, Any],
    where: object,
    required: Collection[str] | None = None,
) -> dict[str, Any]:
    """The values of fields, each of its type and allowed.

    Args:
        values: {field: value}.
        where: the file they come from, for messages.
        required: fields and sections that must be there. `INPUT` stands for
            `OF_SOUND` or `OF_IMAGES`. Unknown fields are then kept as they
            are. None requires all fields of the kind, and no others. With
            `INPUT` or None the values are completed; see `complete`.

    Raises:
        UserError: for a field that is missing, unknown, not allowed, or of
            the other kind.
    """
    if required is None or INPUT in required:
        values = complete(values)
    _check_names(values, where, required)
    known = {name: values[name] for name in values if name in FIELDS}
    try:
        config = schema.Config.model_validate(_nested(known))
    except ValidationError as error:
        place = error.errors()[0]["loc"]  # of a field, or of an item in it
        name = place[0] if place[0] in FIELDS else f"{place[0]}.{place[1]}"
        raise UserError(
            f"{where}: {name} is {shortened(values[name])}, but must be "
            f"{allowed(name)}"
        ) from None
    checked = {name: operator.attrgetter(name)(config) for name in known}
    return {**values, **checked}


def _check_names(
    values: Mapping[str, Any],
    where: object,
    required: Collection[str] | None,
) -> None:
    of_images = _is_of_images(values)
    own = OF_IMAGES if of_images else OF_SOUND
    others = OF_SOUND if of_images else OF_IMAGES
    for name in FIELDS:
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
        elif name not in values and (
            required is None
            or _is_one_of(name, required)
            or (INPUT in required and _is_one_of(name, own))
        ):
            raise UserError(
                f"{where} has no field {name}; it must be {allowed(name)}"
            )
    for name in values if required is None else ():
        if name not in FIELDS:
            raise UserError(unknown(name, where))


def _is_of_images(values: Mapping[str, Any]) -> bool:
    return any(_is_one_of(name, OF_IMAGES) for name in values)


def _is_one_of(name: str, fields_and_sections: Iterable[str]) -> bool:
    return bool({name, name.split(".")[0]} & {*fields_and_sections})


def unknown(name: str, where: object) -> str:
    """The error message for a field that does not exist."""
    shown = name if name.isprintable() and name else repr(name)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    sections = sorted({name.split(".")[0] for name in FIELDS})
    there_are = f"there are {join_some(sections, len(sections))}"
    hint = suggestions.did_you_mean(name, FIELDS, there_are)
    return f"{where}: there is no field {shown}; {hint}"
