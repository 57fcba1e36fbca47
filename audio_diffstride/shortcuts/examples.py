"""Draw a sample of labelled recordings, and measure it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

from audio_diffstride.audio.threads import read_ahead
from audio_diffstride.errors import UserError
from audio_diffstride.shortcuts.traits import Traits, without_class

# At most so many recordings are measured, evenly over the classes.
_MAX_RECORDINGS = 1000


class Example(NamedTuple):
    """A labelled recording, or a segment of one.

    Attributes:
        path: of the file.
        label: its class.
        group: of recordings that belong together; empty is the file itself.
        start_s: start of the segment; None is the start of the file.
        end_s: end of the segment; None is the end of the file.
    """

    path: str | os.PathLike[str]
    label: str
    group: str = ""
    start_s: float | None = None
    end_s: float | None = None


def sample(examples: Sequence[Example]) -> list[Example]:
    """At most 1,000 examples, in turn from each class, in a fixed order."""
    by_class: dict[str, list[Example]] = {}
    for example in sorted(examples, key=_hash_example):
        by_class.setdefault(example.label, []).append(example)
    ranked = [
        (place, example)
        for of_class in by_class.values()
        for place, example in enumerate(of_class)
    ]
    ranked.sort(key=lambda pair: pair[0])
    return [example for _, example in ranked[:_MAX_RECORDINGS]]


def _hash_example(example: Example) -> bytes:
    name = f"{os.path.basename(example.path)} {example.start_s}"
    return hashlib.sha256(name.encode(errors="surrogateescape")).digest()


def measure_all(
    examples: Sequence[Example], measure: Callable[..., Traits]
) -> list[tuple[Example, Traits]]:
    """Measures recordings in threads. Those that cannot be read are left out.

    They are reported where recordings are decoded.

    Args:
        examples: the recordings.
        measure: `traits.measure`, or a function that remembers its results.
    """

    def try_to_measure(example: Example) -> Traits | None:
        try:
            measured = measure(example.path, example.start_s, example.end_s)
        except (UserError, OSError):
            return None
        return without_class(measured, example.path, example.label)

    found = read_ahead(examples, try_to_measure)
    return [(example, traits) for example, traits in found if traits]
