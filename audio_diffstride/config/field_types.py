"""The types of config fields that are more than a number or a choice.

pydantic checks a value against them. A list, which JSON and flags give, becomes
a tuple.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

import pydantic
from annotated_types import Interval, Len, Predicate

from audio_diffstride.config.architectures import ARCHITECTURES

MAX_CHANNELS = 65_536  # of a block
MAX_BLOCKS = 32
MAX_DEVICES = 1024
MAX_FOLDS = 100
# Validation scores that can decide which model is the best.
MONITORED = ("accuracy", "balanced_accuracy", "average_precision", "loss")
# Noise below the first is lost in 16-bit samples.
MIN_NOISE_DB, MAX_NOISE_DB = -90, -10
MIN_SNR_DB, MAX_SNR_DB = -40, 80


def split_names(text: str) -> list[str]:
    """The names in a text that joins them by commas.

    >>> split_names("a, b,")
    ['a', 'b']
    """
    return [name.strip() for name in text.split(",") if name.strip()]


def parse_columns(text: str) -> dict[str, str]:
    """The names of a table's columns, by our names for them.

    Raises:
        ValueError: for a text that is not like name=column,name=column.

    >>> parse_columns("path=filename, label=category")
    {'path': 'filename', 'label': 'category'}
    """
    columns: dict[str, str] = {}
    for entry in split_names(text):
        ours, _, theirs = (part.strip() for part in entry.partition("="))
        if not ours or not theirs or ours in columns:
            raise ValueError(entry)
        columns[ours] = theirs
    return columns


def parse_monitor(text: str) -> tuple[str, str]:
    """The task and the score of `training.monitor`; no task is "".

    Raises:
        ValueError: for a text that is not like score or task:score.

    >>> parse_monitor("loss"), parse_monitor("pitch:accuracy")
    (('', 'loss'), ('pitch', 'accuracy'))
    """
    task, colon, score = text.rpartition(":")
    if score not in MONITORED or (colon and not task):
        raise ValueError(text)
    return task, score


def _is_monitor(text: str) -> bool:
    """Whether `parse_monitor` takes the text; a ValueError also says no."""
    return parse_monitor(text) is not None


def _are_columns(text: str) -> bool:
    """Whether `parse_columns` takes the text; a ValueError also says no."""
    return parse_columns(text) is not None


def _is_fold(text: str) -> bool:
    """Whether a text is empty or like 2/5; a ValueError also says no."""
    if not text:
        return True
    number, count = (int(part) for part in text.split("/"))
    canonical = f"{number}/{count}" == text
    return canonical and 1 <= number <= count and 2 <= count <= MAX_FOLDS


def _are_weights(text: str) -> bool:
    """Whether the text is like task=0.5,task=2; a ValueError also says no."""
    weights = [entry.partition("=") for entry in text.split(",") if entry]
    return all(task and 0 <= float(w) < math.inf for task, _, w in weights)


def _rise(shares: tuple[float, ...]) -> bool:
    """Whether numbers rise between 0 and 1, both excluded."""
    return all(low < high for low, high in zip((0, *shares), (*shares, 1)))


def _is_range(numbers: tuple[float, ...]) -> bool:
    """Whether there are a lower and an upper number, or none."""
    return not numbers or (len(numbers) == 2 and numbers[0] <= numbers[1])


def _to_tuple(value: object) -> object:
    """A list, which JSON and flags give, as a tuple."""
    return tuple(value) if isinstance(value, list) else value


_LIST = pydantic.BeforeValidator(_to_tuple)
Number = int | float  # stays as it is given: 2 is written as 2
Share = Annotated[Number, Interval(ge=0, le=1)]
Shares = Annotated[tuple[Share, ...], _LIST, Predicate(_rise)]
Stride = Annotated[Number, Interval(ge=1, le=1000)]
Strides = Annotated[tuple[Stride, ...], _LIST, Len(1, 3)]  # one per axis
StridesOfBlocks = Annotated[tuple[Strides, ...], _LIST, Len(0, MAX_BLOCKS)]
NumChannels = Annotated[int, Interval(ge=1, le=MAX_CHANNELS)]
Channels = Annotated[tuple[NumChannels, ...], _LIST, Len(0, MAX_BLOCKS)]
Pixels = Annotated[int, Interval(ge=1, le=4096)]
Size = Annotated[tuple[Pixels, ...], _LIST, Len(2, 2)]
Proportion = Annotated[Number, Interval(ge=1e-6, le=1e6)]
Proportions = Annotated[tuple[Proportion, ...], _LIST]
NoiseLevel = Annotated[Number, Interval(ge=MIN_NOISE_DB, le=MAX_NOISE_DB)]
NoiseLevels = Annotated[tuple[NoiseLevel, ...], _LIST, Predicate(_is_range)]
Ratio = Annotated[Number, Interval(ge=MIN_SNR_DB, le=MAX_SNR_DB)]
Ratios = Annotated[tuple[Ratio, ...], _LIST, Len(2, 2), Predicate(_is_range)]
Mean = Annotated[
    tuple[Share, ...], _LIST, Predicate(lambda values: len(values) in (1, 3))
]
Deviation = Annotated[Mean, Predicate(lambda values: min(values) >= 1e-3)]
# No path and no name holds the character 0.
Text = Annotated[str, Predicate(lambda text: "\0" not in text)]
Columns = Annotated[Text, Predicate(_are_columns)]
Fold = Annotated[Text, Predicate(_is_fold)]
Names = Annotated[Text, Predicate(split_names)]
Folder = Annotated[Text, Predicate(str.strip)]
Monitor = Annotated[Text, Predicate(_is_monitor)]
Weights = Annotated[Text, Predicate(_are_weights)]
_FROZEN = {"", "encoder", *map(str, range(1, MAX_BLOCKS + 1))}
Frozen = Annotated[str, Predicate(_FROZEN.__contains__)]
_DEVICES = {"all", *map(str, range(1, MAX_DEVICES + 1))}
Devices = Annotated[str, Predicate(_DEVICES.__contains__)]
if TYPE_CHECKING:
    Encoder = str
else:
    Encoder = Literal[tuple(ARCHITECTURES)]
