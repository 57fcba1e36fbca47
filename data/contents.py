"""Convert examples of TFDS to what a store holds: sound or images."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from typing import Any

import numpy as np

from audio_diffstride.audio import conversion
from audio_diffstride.audio.reading import SAMPLE_RATE_HZ
from audio_diffstride.datasets import image_resizing
from audio_diffstride.datasets.clips import ClipStoreWriter
from audio_diffstride.datasets.images import ImageStoreWriter
from audio_diffstride.errors import UserError


@dataclasses.dataclass(frozen=True)
class SoundContent:
    """16-bit samples at one sample rate.

    Attributes:
        sample_rate_hz: of the store.
    """

    sample_rate_hz: int = SAMPLE_RATE_HZ

    FEATURE = "audio"
    WRITER = ClipStoreWriter
    num_bytes = 0  # unused: the check before the download covers the store

    @property
    def fingerprint_key(self) -> Hashable:
        """The settings that the content of a store depends on."""
        return self.sample_rate_hz

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes of the store."""
        return {"sample_rate_hz": self.sample_rate_hz}

    def convert(self, samples: Any, feature: Any, name: str) -> np.ndarray:
        """Converts samples of TFDS to those of the store.

        Args:
            samples: an array-like of shape (samples,), integer or float.
            feature: their TFDS feature, which knows the sample rate.
            name: of the recording, for messages.

        Returns:
            int16, of shape (samples,).

        Raises:
            UserError: for no samples, or some that are not finite.
        """
        rate_hz = feature.sample_rate or self.sample_rate_hz
        samples = np.asarray(samples)
        if not samples.size or not np.isfinite(samples).all():
            raise UserError(
                f"{name} holds no samples, or some that are not finite "
                "numbers; its archive is damaged, download it again"
            )
        if np.issubdtype(samples.dtype, np.integer):
            if rate_hz == self.sample_rate_hz:
                return samples.astype(np.int16)
            samples = samples / 32768
        return conversion.to_int16(
            conversion.resample(samples, rate_hz, self.sample_rate_hz)
        )


@dataclasses.dataclass(frozen=True)
class ImageContent:
    """8-bit images of one size.

    Attributes:
        shape: (height, width, channels) of the store. Other images are scaled
            until they cover it, then their centre is cropped.
        may_mirror: whether a mirror image keeps its class.
        num_images: of the complete data set, to estimate the size of a store.
    """

    shape: tuple[int, int, int]
    may_mirror: bool
    num_images: int

    FEATURE = "image"
    WRITER = ImageStoreWriter

    @property
    def num_bytes(self) -> int:
        """The size of the store of the complete data set."""
        return self.num_images * int(np.prod(self.shape))

    @property
    def fingerprint_key(self) -> Hashable:
        """The settings that the content of a store depends on."""
        return (self.shape, self.may_mirror)

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes of the store."""
        return {"image_shape": list(self.shape), "may_mirror": self.may_mirror}

    def convert(self, pixels: Any, feature: Any, name: str) -> np.ndarray:
        """Converts an image of TFDS to that of the store.

        Args:
            pixels: an array-like of shape (height, width, 1 or channels).
            feature: its TFDS feature; not used.
            name: of the image, for messages.

        Returns:
            uint8, of the store's shape. A grey image gets equal channels.

        Raises:
            UserError: for pixels of another shape.
        """
        pixels = np.asarray(pixels)
        if pixels.ndim != 3 or pixels.shape[-1] not in (1, self.shape[-1]):
            raise UserError(
                f"{name} is of shape {pixels.shape}, but must be an image of "
                f"{self.shape[-1]} channels; its archive is damaged, download "
                "it again"
            )
        pixels = image_resizing.cover(pixels, self.shape[:2])
        return np.broadcast_to(pixels, self.shape)
