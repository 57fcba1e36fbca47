"""A classifier without its heads."""

from __future__ import annotations

from typing import Any

import keras

from audio_diffstride.layers.types import Tensor

EMBEDDING = "embedding"


class Embedder(keras.Model):
    """Computes what the heads of a trained classifier see.

    It is called like the classifier and has one output, `EMBEDDING`.

    Args:
        classifier: the `Classifier`. The weights are shared.
    """

    def __init__(self, classifier: Any):
        super().__init__(autocast=False)
        self.front_end = classifier.front_end
        self.class_names = classifier.class_names
        self.kinds = classifier.kinds
        self.kinds = classifier.kinds
        self._classifier = classifier
        self.built = True  # the classifier's layers are

    def call(
        self, examples: Tensor, training: bool | None = None
    ) -> dict[str, Tensor]:
        return {EMBEDDING: self._classifier.embed(examples, training)}
