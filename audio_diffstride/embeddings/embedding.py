"""A trained model that embeds recordings, as `predict` classifies them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

import numpy as np

from audio_diffstride import __version__
from audio_diffstride.embeddings.table import WindowVector
from audio_diffstride.errors import UserError
from audio_diffstride.files import digests
from audio_diffstride.predict import model_sources
from audio_diffstride.predict.detections import ScoredWindow
from audio_diffstride.predict.windowing import RecordingScorer


class Embedding:
    """Embeds one recording at a time.

    Args:
        args: of the command.

    Attributes:
        size: how many numbers the embedding of a window has.
        run: all settings that the output depends on, for the journal.
        notes: none.
        about: what the embeddings are of, for the metadata of the table.
    """

    def __init__(self, args: argparse.Namespace):
        source = model_sources.from_arguments(args, embeds=True)
        self._score = RecordingScorer(source, args.window_s, args.hop_s)
        self.run = self._score.settings
        self.notes: list[str] = []
        self.about = {
            "audio_diffstride": __version__,
            "model_sha256": digests.digest_of_file(source.path),
            "window_s": self._score.window_samples / self._score.rate_hz,
            "hop_s": self._score.hop_samples / self._score.rate_hz,
        }
        silence = np.zeros(self._score.window_samples, np.int16)
        ((window,),) = self._score([silence])
        self.size = len(_embedding(window))

    def warm_up(self) -> None:
        """Compiles the model, so that estimates of the time left are right."""
        self._score.warm_up()

    def rows(
        self, path: str, report_seconds: Callable[[float], object]
    ) -> Iterator[WindowVector]:
        """Yields the windows of one recording; see `recordings.Worker`."""
        rate_hz = self._score.rate_hz
        for window in self._score.score_file(path, report_seconds):
            embedding = _embedding(window)
            if not np.isfinite(embedding).all():
                raise UserError(
                    f"{path}: the embedding at "
                    f"{window.start_sample / rate_hz:g} s is not a finite "
                    "number; check the sound, or train the model again"
                )
            yield WindowVector(
                window.start_sample / rate_hz,
                window.end_sample / rate_hz,
                window.padded,
                embedding.tolist(),
            )


def _embedding(window: ScoredWindow) -> np.ndarray:
    (embedding,) = window.logits.values()
    return embedding.astype(np.float32)
