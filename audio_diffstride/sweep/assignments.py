"""Fields and values as flags give them: model.width=0.25,0.5."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from audio_diffstride.config import config_fields
from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError


def split(texts: Iterable[str], flag: str) -> dict[str, str]:
    """{field: value as text} of texts like model.width=0.5.

    Raises:
        UserError: for a field that does not exist, or is given twice.
    """
    assignments = {}
    for text in texts:
        field, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"{flag} {text!r} must be like model.width=0.5")
        if field not in config_fields.FIELDS:
            raise UserError(config_fields.unknown(field, flag))
        if field in assignments:
            raise UserError(f"{flag}: {field} is given twice; give it once")
        assignments[field] = value
    return assignments


def parse_values(field: str, text: str, flag: str) -> list:
    """The values of a text like "0,0.1" or "(4, 8),(8, 16)".

    Raises:
        UserError: for a value that is not allowed, or is given twice.
    """
    values: list = []
    for part in _split_at_commas(text):
        value = parse_value(field, part, flag)
        if value in values:
            raise UserError(f"{flag}: {field} has {part} twice; give it once")
        values.append(value)
    return values


def parse_value(field: str, text: str, flag: str) -> Any:
    """The value of a field, checked.

    Raises:
        UserError: if it is not allowed.
    """
    value = config_fields.parse(field, text)
    return config_fields.check({field: value}, flag, required=())[field]


def _split_at_commas(text: str) -> list[str]:
    """The parts of a text; commas within brackets do not split it.

    >>> _split_at_commas("(4, 8),(8, 16)")
    ['(4, 8)', '(8, 16)']
    """
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def check_owners(
    fields: Iterable[str], arms: tuple[str, ...], flag: str
) -> None:
    """Refuses to vary a field that another flag or an arm sets.

    Raises:
        UserError: for such a field.
    """
    for field in fields:
        for owned, other in (("seed", "seeds"), ("model.strides", "strides")):
            if field == owned:
                raise UserError(
                    f"{flag}: {field} is swept by --{other}; use --{other} "
                    "instead"
                )
        for arm in arms:
            if field in {f"model.{name}" for name in ARMS[arm].fields}:
                raise UserError(
                    f"{flag}: {field} is what the arm {arm!r} sets; leave one "
                    "of them out"
                )
