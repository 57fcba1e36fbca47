"""Handwritten digits of 8 x 8 pixels, from scikit-learn.

They need no download, and go through the same code as the real data sets: TFDS
builder, store, batches. So everything about images can be tried and tested
offline. There are 1,797 images of 10 classes in 17 levels of grey. They are the
test set of UCI's "Optical recognition of handwritten digits" (E. Alpaydin and
C. Kaynak, 1998, https://archive.ics.uci.edu/dataset/80).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

NUM_IMAGES = 1797
_SHAPE = (8, 8, 1)
_MAX_LEVEL = 16


def to_pixels(levels: np.ndarray) -> np.ndarray:
    """Converts levels of grey from 0 to 16 to 8-bit pixels.

    >>> to_pixels(np.array([[0.0, 8.0, 16.0]])).tolist()
    [[0, 128, 255]]
    """
    return np.round(levels * (255 / _MAX_LEVEL)).astype(np.uint8)


class Builder(tfds.core.GeneratorBasedBuilder):
    """TFDS builder of the digits."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            description=__doc__,
            features=tfds.features.FeaturesDict(
                {
                    # A tensor: TFDS would encode an image with TensorFlow.
                    "image": tfds.features.Tensor(shape=_SHAPE, dtype=np.uint8),
                    "digit": tfds.features.ClassLabel(num_classes=10),
                    "file": tfds.features.Text(),
                    "group": tfds.features.Text(),
                }
            ),
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        return {"train": self._generate_examples()}

    def _generate_examples(self) -> Iterator[tuple[str, dict[str, Any]]]:
        from sklearn import datasets  # takes a second

        digits = datasets.load_digits()
        for number, (image, digit) in enumerate(
            zip(digits.images, digits.target)
        ):
            name = f"{digit}_{number:04}"
            yield (
                name,
                {
                    "image": to_pixels(image).reshape(_SHAPE),
                    "digit": int(digit),
                    "file": name,
                    "group": "",
                },
            )
