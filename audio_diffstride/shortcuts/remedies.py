"""What to do about a shortcut: in words, and as flags of `train`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

# The noise of the remedy reaches from a step of 16 bits to far above the louder
# floor. It stays below the sound.
_QUIETEST_NOISE_DB, _LOUDEST_NOISE_DB = -90, -30
_NOISE_ABOVE_DB = 20.0
_LOUD_FLOOR_DB = -50.0
_GAIN_FACTOR = 1.5  # of the difference, so that the levels mix
_MAX_GAIN_DB = 30.0
_TOP_OF_BAND = 0.95  # of the bandwidth: a filter's edge is not steep
_MIN_WINDOW_S = 0.1


class Remedy(NamedTuple):
    """What to do.

    Attributes:
        text: a sentence.
        flags: config fields with their values, as typed after --config.
    """

    text: str
    flags: dict[str, str] = {}


def limit_band(bandwidths_hz: Sequence[float], heard_hz: float) -> Remedy:
    """For classes of another sample rate or bandwidth.

    Args:
        bandwidths_hz: of the classes on each side.
        heard_hz: what the network hears at most.

    >>> limit_band([4000, 8000], 8000).flags
    {'front_end.max_hz': '3800'}
    """
    narrow_hz = min(bandwidths_hz)
    if narrow_hz >= _TOP_OF_BAND * min(max(bandwidths_hz), heard_hz):
        return Remedy(
            "Their bandwidth is the same, as far as the network hears it. So "
            "the files differ, but perhaps not the sound."
        )
    limit_hz = int(_TOP_OF_BAND * narrow_hz / 100) * 100
    return Remedy(
        "Record these classes again, or let the network hear only the band "
        "that all have.",
        {"front_end.max_hz": str(limit_hz)},
    )


def cover_floor(louder_floor_db: float, about_files: bool) -> Remedy:
    """For classes with another noise floor, or with digital silence.

    Args:
        louder_floor_db: the noise floor of the side that has more.
        about_files: whether no sound explains the difference.

    >>> cover_floor(-84.0, True).flags
    {'augmentation.noise_db': '-90,-64'}
    """
    high_db = louder_floor_db + _NOISE_ABOVE_DB
    high_db = min(max(high_db, _QUIETEST_NOISE_DB + 20), _LOUDEST_NOISE_DB)
    text = "Train with noise that covers the difference, or record again."
    if louder_floor_db > _LOUD_FLOOR_DB:
        text = "Record again: noise that covers so loud a floor helps little."
    if not about_files:
        text = f"Unless the noise is part of the sound: {_lower(text)}"
    levels_db = f"{_QUIETEST_NOISE_DB},{high_db:.0f}"
    return Remedy(text, {"augmentation.noise_db": levels_db})


def vary_level(difference_db: float) -> Remedy:
    """For classes of another level.

    >>> vary_level(-11.6).flags
    {'augmentation.gain_db': '17'}
    """
    gain_db = min(_GAIN_FACTOR * abs(difference_db), _MAX_GAIN_DB)
    return Remedy(
        "Unless loudness is part of the sound: train with a random gain.",
        {"augmentation.gain_db": f"{gain_db:.0f}"},
    )


def shorten_windows(shorter_s: float) -> Remedy:
    """For classes of another length.

    >>> shorten_windows(0.437).flags
    {'window_s': '0.4'}
    """
    window_s = max(int(shorter_s * 10) / 10, _MIN_WINDOW_S)
    return Remedy(
        "Unless the length is part of the sound: use windows that the shorter "
        "recordings fill, so that no padding shows their length.",
        {"window_s": f"{window_s:g}"},
    )


TRIM = Remedy(
    "Unless the pause is part of the sound: cut all recordings in the same "
    "way, with start_s and end_s of a CSV or an editor."
)
NOT_HEARD = Remedy(
    "The network does not hear this, but the classes come from different "
    "places or days: give these as the group, and test on another one."
)
CHANNELS = Remedy(
    "The network hears the mean of the channels. Another device recorded "
    "these classes, so compare how they sound."
)


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
