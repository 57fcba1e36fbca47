"""The check that the fields of augmentation fit a config's front end."""

from __future__ import annotations

from collections.abc import Iterator

from ml_collections import ConfigDict

from audio_diffstride.config.architectures import ARCHITECTURES


def masks(config: ConfigDict) -> Iterator[str]:
    """Yields the errors in the masks of spectrograms."""
    change, front_end = config.augmentation, config.front_end
    encoder = config.model.encoder
    has_spectrogram = ARCHITECTURES[encoder].axes == 2
    window_ms = 1000 * config.window_s
    for name, bounds, least, most in (
        ("time_mask_ms", "hop_ms and window_s", front_end.hop_ms, window_ms),
        ("frequency_mask_bands", "num_bands", 1, front_end.num_bands),
    ):
        value = change[name]
        if value and not has_spectrogram:
            yield (
                f"augmentation.{name} is {value:g}, but model.encoder "
                f"{encoder!r} sees no spectrogram; leave it at 0, or give "
                "another encoder"
            )
        if value and not least <= value <= most:
            yield (
                f"augmentation.{name} is {value:g}, but must be 0, or from "
                f"{least:g} to {most:g}, by front_end.{bounds}"
            )
