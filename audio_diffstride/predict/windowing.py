"""A model that scores a recording window by window."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from audio_diffstride import __version__
from audio_diffstride.errors import UserError
from audio_diffstride.files import digests
from audio_diffstride.predict import streams
from audio_diffstride.predict.detections import ScoredWindow
from audio_diffstride.predict.model_sources import ModelSource


class RecordingScorer:
    """Cuts a recording into windows and scores each.

    Args:
        source: the model.
        window_s: length of a window; None is that of training.
        hop_s: from the start of one window to the next; None is `window_s`.

    Attributes:
        rate_hz: sample rate of the model's input.
        window_samples: length of a window.
        hop_samples: from the start of one window to the next.

    Raises:
        UserError: for a length that is not allowed, or a hop that would skip
            sound.
    """

    def __init__(
        self,
        source: ModelSource,
        window_s: float | None = None,
        hop_s: float | None = None,
    ):
        window_s = source.window_s if window_s is None else window_s
        hop_s = window_s if hop_s is None else hop_s
        self.rate_hz = source.rate_hz
        self.window_samples = self._samples("window_s", window_s)
        self.hop_samples = self._samples("hop_s", hop_s)
        if self.hop_samples > self.window_samples:
            raise UserError(
                f"hop_s {hop_s:g} is longer than a window of {window_s:g} s "
                "and would skip sound; give a shorter hop_s"
            )
        self._path = source.path
        self._score = source.make_scorer(self.window_samples)

    def _samples(self, name: str, seconds: float) -> int:
        samples = round(seconds * self.rate_hz) if 0 < seconds < 3600 else 0
        if samples < 1:
            raise UserError(
                f"{name} must be more than 0 and less than 3600 s, not "
                f"{seconds:g}"
            )
        return samples

    @property
    def settings(self) -> dict[str, Any]:
        """All that the scores depend on besides the recording, for a journal.

        The names are those in messages.
        """
        return {
            "the version": __version__,
            "the model's weights": digests.digest_of_file(self._path),
            "KERAS_BACKEND": os.environ.get("KERAS_BACKEND", ""),
            "--window_s": self.window_samples / self.rate_hz,
            "--hop_s": self.hop_samples / self.rate_hz,
        }

    def warm_up(self) -> None:
        """Compiles the model, so that estimates of the time left are right."""
        self._score.warm_up()

    def __call__(
        self, blocks: Iterable[np.ndarray]
    ) -> Iterator[list[ScoredWindow]]:
        """Scores the windows of one recording, in order.

        Args:
            blocks: its samples: int16, at `rate_hz`, in parts of any lengths.

        Yields:
            The windows of a batch, with their logits.
        """
        windows = streams.cut_windows(
            blocks, self.window_samples, self.hop_samples
        )
        return self._score(windows)

    def one_by_one(
        self, blocks: Iterable[np.ndarray]
    ) -> Iterator[ScoredWindow]:
        """Scores each window of a stream as soon as it is complete.

        The logits differ from those of a batch in the last bits only.

        Args:
            blocks: as for a call.
        """
        for window in streams.cut_windows(
            blocks, self.window_samples, self.hop_samples
        ):
            for batch in self._score([window]):
                yield from batch

    def score_file(
        self,
        path: str | os.PathLike[str],
        report_seconds: Callable[[float], object] = lambda seconds: None,
    ) -> Iterator[ScoredWindow]:
        """Scores the windows of a recording on disk, in order.

        Args:
            path: of the recording.
            report_seconds: called with the seconds of each scored part.

        Raises:
            UserError: for a file that cannot be read to its end.
        """
        end_sample = 0
        for batch in self(streams.read_blocks(path, self.rate_hz)):
            yield from batch
            report_seconds((batch[-1].end_sample - end_sample) / self.rate_hz)
            end_sample = batch[-1].end_sample
