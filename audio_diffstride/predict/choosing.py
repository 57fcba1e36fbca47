"""A trained model, and which of its classes become detections."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from audio_diffstride.calibration import aims
from audio_diffstride.datasets.kinds import is_reported
from audio_diffstride.errors import UserError
from audio_diffstride.predict import decisions, detections, model_sources
from audio_diffstride.predict.detections import Detection, ScoredWindow
from audio_diffstride.predict.windowing import RecordingScorer


class Chooser:
    """Scores windows, and chooses the detections in them.

    Args:
        args: of a command, with the model, the windows and the choices of
            `arguments`.

    Attributes:
        score: the model, for windows of this length and hop.
        classes: {task: class names}, of the tasks that are asked for.
        has_limits: whether windows may have no detection.
        notes: a sentence for each class that cannot be found as asked for.
        settings: all that the detections depend on besides the recording.
    """

    def __init__(self, args: argparse.Namespace):
        source = model_sources.from_arguments(args)
        self._band_hz = source.band_hz
        self.score = RecordingScorer(source, args.window_s, args.hop_s)
        tasks = args.task or list(source.class_names)
        unknown = sorted({*tasks} - {*source.class_names})
        if unknown:
            raise UserError(
                f"the model has no task {unknown[0]}; it has "
                f"{', '.join(source.class_names)}"
            )
        self.classes = {
            task: names
            for task, names in source.class_names.items()
            if task in tasks
        }
        decided = decisions.decide(
            args,
            self.classes,
            source.kinds,
            self.score.window_samples,
            source.read_calibration() if aims.given(args) else None,
        )
        self._rules = decided.rules
        self.has_limits = any(
            bool(np.any(np.asarray(rule.thresholds) > 0))
            for rule in decided.rules.values()
        ) or not all(
            is_reported(name)
            for names in self.classes.values()
            for name in names
        )
        self._top = None if args.top == "all" else int(args.top)
        self.notes = decided.notes
        self.settings: dict[str, Any] = {
            **self.score.settings,
            "--task": list(self.classes),
            "--top": args.top,
            **decided.settings,
        }

    def band_hz(self, rate_hz: int) -> tuple[float, float]:
        """The frequencies that the model uses at a recording's sample rate."""
        low_hz, high_hz = self._band_hz
        return low_hz, min(high_hz, rate_hz / 2)

    def scores(self, window: ScoredWindow) -> dict[str, np.ndarray]:
        """{task: the scores of all its classes} in a window."""
        return {
            task: self._rules[task].scores(window.logits[task])
            for task in self.classes
        }

    def __call__(self, window: ScoredWindow) -> list[Detection]:
        """The detections of a window, the best first."""
        return detections.choose(
            window, self.classes, self.score.rate_hz, self._rules, self._top
        )
