"""What an examination found, in words for the terminal and the page."""

from __future__ import annotations

import shlex

from audio_diffstride.errors import join_some
from audio_diffstride.shortcuts.examination import Examination, Row

_VERDICTS = {
    "file": ("a shortcut", "no sound explains it"),
    "sound": ("perhaps a shortcut", "it may be part of the sound"),
    "origin": ("not heard", "but the classes come from different sources"),
}
_TOGETHER = {
    "file": "format, bandwidth and digital silence",
    "sound": "level, noise floor, length and pause",
}
_WEAK = 0.75  # of what is not found
TOO_FEW = (
    "not examined: this needs two classes of five recordings, in two groups"
)


def summarize(examination: Examination) -> list[str]:
    """How well the traits of each kind tell the class, beside chance."""
    chance = 1 / examination.num_classes
    return [
        f"{_TOGETHER[kind]} tell the class in {share:.0%}, chance is "
        f"{chance:.0%}"
        for kind, share in examination.told_by.items()
    ]


def verdict(row: Row) -> str:
    """The verdict on a trait, short."""
    if row.found:
        return _VERDICTS[row.kind][0]
    return "weak" if _is_weak(row) else "no"


def which(row: Row) -> str:
    """The classes that a trait sets apart, and its values there."""
    if not (row.found or _is_weak(row)):
        return ""
    return f"{join_some(row.classes, 4)}: {row.values}"


def _is_weak(row: Row) -> bool:
    """Whether a trait tells something, as level does in many honest sets."""
    return not row.found and row.share >= _WEAK


def advise(row: Row, task: str) -> str:
    """What a trait that is found means, and what to do about it."""
    flags = shlex.join(f"--config.{n}={v}" for n, v in row.flags.items())
    return (
        f"{row.trait} sets {join_some(row.classes)} of {task} apart "
        f"({row.values}): {', '.join(_VERDICTS[row.kind])}. {row.remedy}"
        + (f" Flag: {flags}" if flags else "")
    )
