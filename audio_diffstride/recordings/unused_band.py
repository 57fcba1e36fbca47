"""What the recordings hold above the band that a config uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import ml_collections

from audio_diffstride.config import recipes
from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.datasets.store_files import Store

_MIN_FACTOR = 1.05  # less is not worth a line


def describe(
    config: ml_collections.ConfigDict, stores: Iterable[Store]
) -> Iterable[str]:
    """Says of each store that its recordings hold more than the model uses.

    Args:
        config: of sound or images.
        stores: of the config. Only those of own recordings know the rates of
            their files.

    Yields:
        A line with the flag that changes it.
    """
    if "front_end" not in config:
        return
    front_end = config.front_end
    of_waveform = ARCHITECTURES[config.model.encoder].axes == 1
    used_hz = front_end.max_hz
    if of_waveform:
        used_hz = front_end.sample_rate_hz / 2
    for store in stores:
        rate_hz = _most_common(store.sources.get("sample_rates_hz", {}))
        possible_hz = rate_hz / 2 if of_waveform else recipes.max_hz(rate_hz)
        if possible_hz < _MIN_FACTOR * used_hz:
            continue
        flag = f"front_end.sample_rate_hz={rate_hz}"
        if rate_hz <= front_end.sample_rate_hz:
            flag = f"front_end.max_hz={int(possible_hz)}"
        yield (
            f"most files of {store.name} have {rate_hz:,} Hz, and the model "
            f"uses sound up to {used_hz:,.0f} Hz of it; --config.{flag} uses "
            "more"
        )


def _most_common(rates_hz: Mapping[str, int]) -> int:
    """The rate of most files, the higher one of two; 0 without any.

    >>> _most_common({"44100": 3, "16000": 3, "8000": 1})
    44100
    """
    counts = [(files, int(rate_hz)) for rate_hz, files in rates_hz.items()]
    return max(counts, default=(0, 0))[1]
