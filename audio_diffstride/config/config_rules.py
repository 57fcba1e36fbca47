"""What one field of a config may be: a type, a rule, and words for it."""

from __future__ import annotations

import ast
import collections.abc
import dataclasses
import math
import warnings


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

        >>> number(0, 10).read(1)
        1.0
        >>> Field(tuple, "anything", bool).read([4, [8]])
        (4, (8,))
        """
        if self.type is float and is_whole(value):
            value = float(value) if abs(value) < 1e300 else math.inf
        if self.type is tuple:
            value = frozen(value)
        wrong_bool = isinstance(value, bool) and self.type is not bool
        if wrong_bool or not isinstance(value, self.type):
            raise ValueError
        if not self.holds(value):
            raise ValueError
        return value


def is_whole(value) -> bool:
    """Whether it is a whole number, which True is not."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value, low: float, high: float) -> bool:
    """Whether it is a number from `low` to `high`, which nan is not."""
    of_type = is_whole(value) or isinstance(value, float)
    return of_type and low <= value <= high


def frozen(value):
    """Lists as tuples, at every depth."""
    if isinstance(value, (list, tuple)):
        return tuple(map(frozen, value))
    return value


def whole(low: int, high: int) -> Field:
    """A whole number from `low` to `high`."""
    return Field(
        int,
        f"a whole number from {low:,} to {high:,}",
        lambda value: low <= value <= high,
    )


def number(low: float, high: float) -> Field:
    """A number from `low` to `high`."""
    return Field(
        float,
        f"a number from {low:g} to {high:,g}",
        lambda value: low <= value <= high,
    )


def above_zero(high: float) -> Field:
    """A number above 0 and up to `high`."""
    return Field(
        float,
        f"a number above 0 and up to {high:,g}",
        lambda value: 0 < value <= high,
    )


def choice(*names: str) -> Field:
    """One of some names."""
    words = " or ".join((", ".join(map(repr, names[:-1])), repr(names[-1])))
    return Field(str, words, lambda value: value in names)


def text(allowed: str, holds=lambda value: True) -> Field:
    """A text, in words `allowed`, for which `holds` is true."""
    # No path and no name holds the character 0.
    return Field(str, allowed, lambda v: "\0" not in v and holds(v))


FLAG = Field(bool, "True or False", lambda value: True)
