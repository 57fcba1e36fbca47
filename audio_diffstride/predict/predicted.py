"""What a model finds in one recording, as arrays."""

from __future__ import annotations

import dataclasses
import functools
import itertools

import numpy as np

from audio_diffstride.datasets.kinds import Kind
from audio_diffstride.predict import detections
from audio_diffstride.predict.decisions import DecisionRule
from audio_diffstride.predict.detections import Detection, ScoredWindow


@dataclasses.dataclass(frozen=True, repr=False)
class PredictedRecording:
    """The probabilities of all classes in each window of a recording.

    Attributes:
        class_names: {task: class names}.
        sample_rate_hz: of the sample numbers in `windows`.
        windows: the windows in order, with their logits.
        kinds: {task: its kind}.
    """

    class_names: dict[str, list[str]]
    sample_rate_hz: int
    windows: list[ScoredWindow]
    kinds: dict[str, Kind]

    @functools.cached_property
    def start_s(self) -> np.ndarray:
        """Where each window begins, of shape (windows,)."""
        starts = [window.start_sample for window in self.windows]
        return np.array(starts) / self.sample_rate_hz

    @functools.cached_property
    def end_s(self) -> np.ndarray:
        """Where each window ends, or the recording if that is earlier."""
        ends = [window.end_sample for window in self.windows]
        return np.array(ends) / self.sample_rate_hz

    @functools.cached_property
    def probabilities(self) -> dict[str, np.ndarray]:
        """{task: array of shape (windows, classes)}."""
        return {
            task: self.kinds[task].probabilities(
                np.stack([window.logits[task] for window in self.windows])
            )
            for task in self.class_names
        }

    def detections(
        self,
        top: int | None = 1,
        threshold: float | None = None,
        merge: bool = False,
    ) -> list[Detection]:
        """The most probable classes, as `audio-diffstride predict` writes them.

        `pandas.DataFrame` makes a table of them.

        Args:
            top: at most so many classes per window and task; None is all. A
                task with several labels has no such limit.
            threshold: the lowest probability to keep. None is 0, or 0.5 where
                there may be several labels.
            merge: join adjacent windows of a class into one detection, with
                the highest of their probabilities.
        """
        rules = {
            task: DecisionRule.uncalibrated(self.kinds[task], threshold)
            for task in self.class_names
        }
        rows = (
            detections.choose(
                window, self.class_names, self.sample_rate_hz, rules, top
            )
            for window in self.windows
        )
        if merge:
            return list(detections.merge(rows))
        return list(itertools.chain.from_iterable(rows))

    def __repr__(self) -> str:
        tasks = ", ".join(self.class_names)
        return f"<{len(self.windows)} windows, {self.end_s[-1]:g} s: {tasks}>"
