"""What becomes of an example of TFDS in a store: sound or an image."""

from __future__ import annotations

import dataclasses

import numpy as np

from audio_diffstride.audio import conversion
from audio_diffstride.datasets import image_resizing
from audio_diffstride.datasets.clips import ClipStoreWriter
from audio_diffstride.datasets.images import ImageStoreWriter
from audio_diffstride.errors import UserError


@dataclasses.dataclass(frozen=True)
class Sound:
    """16-bit samples at one rate, whatever TFDS keeps.

    Attributes:
        sample_rate_hz: of the store.
    """

    sample_rate_hz: int = 16000

    FEATURE = "audio"
    WRITER = ClipStoreWriter

    @property
    def key(self):
        """What of it the store's content depends on."""
        return self.sample_rate_hz

    @property
    def about(self) -> dict:
        """The attributes of the store."""
        return {"sample_rate_hz": self.sample_rate_hz}

    def convert(self, samples, feature, name: str) -> np.ndarray:
        """The samples as the store has them.

        Args:
            samples: of TFDS.
            feature: their feature, which knows their rate.
            name: of the recording, for messages.
        """
        rate_hz = feature.sample_rate or self.sample_rate_hz
        samples = np.asarray(samples)
        if not samples.size or not np.isfinite(samples).all():
            raise UserError(
                f"{name} holds no samples, or some that are not finite "
                "numbers; its archive is damaged"
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
        shape: (height, width, channels) of the store. Images of another size
            are scaled until they cover it, and their centre is taken.
        may_mirror: whether a mirror image is of the same class.
        count: images of the whole data set, to tell what a store takes.
    """

    shape: tuple[int, int, int]
    may_mirror: bool
    count: int

    FEATURE = "image"
    WRITER = ImageStoreWriter

    @property
    def key(self):
        """What of it the store's content depends on."""
        return (self.shape, self.may_mirror)

    @property
    def about(self) -> dict:
        """The attributes of the store."""
        return {"image_shape": list(self.shape), "may_mirror": self.may_mirror}

    @property
    def num_bytes(self) -> int:
        """What the whole data set takes in a store."""
        return self.count * int(np.prod(self.shape))

    def convert(self, pixels, feature, name: str) -> np.ndarray:
        """The image as the store has it; see `Sound.convert`."""
        pixels = np.asarray(pixels)
        if pixels.ndim != 3 or pixels.shape[-1] not in (1, self.shape[-1]):
            raise UserError(
                f"{name} is of shape {pixels.shape}, which is no image of "
                f"{self.shape[-1]} channels; its archive is damaged"
            )
        pixels = image_resizing.cover(pixels, self.shape[:2])
        return np.broadcast_to(pixels, self.shape)
