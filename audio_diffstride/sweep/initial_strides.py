"""The strides that the runs of a sweep start from."""

from __future__ import annotations

import random
from typing import Any

from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.errors import UserError

Strides = tuple[tuple[float, ...], ...]  # one entry per place, each per axis


def published(config: dict[str, Any]) -> Strides:
    """The strides of a config: its own, or the published ones of the network.

    Args:
        config: {field: value}.
    """
    return (
        config["model.strides"]
        or ARCHITECTURES[config["model.encoder"]].strides
    )


def draw_random(first: Strides, count: int, most: int, seed: int) -> list:
    """Draws whole strides from 1 to `most`, equal along the axes of a place.

    Args:
        first: the published strides. They come first, and the others have as
            many places and axes.
        count: how many configurations in all, no two equal.
        most: the largest stride. The paper draws up to 3.
        seed: of the generator. A smaller count gives the beginning of the
            same list.

    Returns:
        A list of `Strides`.

    Raises:
        UserError: if there are fewer than `count` configurations.

    >>> draw_random(((2, 2), (2, 2)), count=3, most=3, seed=0)
    [((2, 2), (2, 2)), ((1, 1), (2, 2)), ((3, 3), (2, 2))]
    """
    chosen = [first]
    values = {*range(1, most + 1)}
    is_drawable = all({*place} == {place[0]} <= values for place in first)
    available = most ** len(first) + (not is_drawable)
    if count > available:
        raise UserError(
            f"--runs is {count}, but {len(first)} places with whole strides "
            f"from 1 to {most} make {available} configurations; give fewer "
            "--runs or a larger --most"
        )
    generator = random.Random(seed)
    while len(chosen) < count:
        strides = tuple(
            (generator.randint(1, most),) * len(place) for place in first
        )
        if strides not in chosen:
            chosen.append(strides)
    return chosen


def parse(text: str, axes: int) -> Strides:
    """Reads strides as a user writes them: one per place, or one per axis.

    Args:
        text: places are separated by "-", axes by "x".
        axes: how many axes a place has.

    >>> parse("2-1.5-2x1", axes=2)
    ((2.0, 2.0), (1.5, 1.5), (2.0, 1.0))
    """
    places = []
    for place in text.split("-"):
        try:
            numbers = tuple(map(float, place.split("x")))
        except ValueError:
            raise UserError(
                f"--strides: {text!r} is not understood; give published, "
                "random, or a stride for each place like 2-2-3"
            ) from None
        places.append(numbers * axes if len(numbers) == 1 else numbers)
    return tuple(places)


def format_strides(strides: Strides) -> str:
    """Writes strides in the form that `parse` reads.

    >>> format_strides(((2.0, 2.0), (1.5, 1)))
    '2-1.5x1'
    """
    return "-".join(
        "x".join(map(format_value, place[:1] if len({*place}) == 1 else place))
        for place in strides
    )


def format_value(value: object) -> str:
    """The shortest text that reads back as the same value.

    >>> format_value(2.0), format_value(0.1), format_value("own")
    ('2', '0.1', 'own')
    """
    short = f"{value:g}" if isinstance(value, float) else str(value)
    return short if short == str(value) or float(short) == value else str(value)
