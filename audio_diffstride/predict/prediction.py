"""A trained model and the settings of the command, for any recording."""

from __future__ import annotations

import argparse
import collections.abc
import itertools

from audio_diffstride.calibration import aims
from audio_diffstride.errors import UserError
from audio_diffstride.predict import decisions, detections, model_sources
from audio_diffstride.predict.windowing import RecordingScorer


class Prediction:
    """Predicts one recording at a time.

    Args:
        args: of the command.

    Attributes:
        num_tasks: how many tasks are predicted.
        notes: a sentence for each class that cannot be found as asked for.
        run: all settings that the output depends on, for the journal.
    """

    def __init__(self, args: argparse.Namespace):
        source = model_sources.from_arguments(args)
        self._args = args
        self._band_hz = source.band_hz
        self._score = RecordingScorer(source, args.window_s, args.hop_s)
        self._rate_hz = self._score.rate_hz
        tasks = args.task or list(source.class_names)
        unknown = sorted({*tasks} - {*source.class_names})
        if unknown:
            raise UserError(
                f"the model has no task {unknown[0]}; it has "
                f"{', '.join(source.class_names)}"
            )
        self._classes = {
            task: names
            for task, names in source.class_names.items()
            if task in tasks
        }
        self.num_tasks = len(self._classes)
        decided = decisions.decide(
            args,
            self._classes,
            source.kinds,
            self._score.window_samples,
            source.read_calibration() if aims.given(args) else None,
        )
        self._rules = decided.rules
        self.notes = decided.notes
        self.run = {
            **self._score.settings,
            "--task": list(self._classes),
            "--top": args.top,
            **decided.settings,
            "--average": args.average,
            "--merge": args.merge,
            "--format": args.format,
        }

    def band_hz(self, rate_hz: int) -> tuple[float, float]:
        """The frequencies that the model uses at a recording's sample rate."""
        low_hz, high_hz = self._band_hz
        return low_hz, min(high_hz, rate_hz / 2)

    def warm_up(self) -> None:
        """Compiles the model, so that estimates of the time left are right."""
        self._score.warm_up()

    def rows(
        self,
        path: str,
        report_seconds: collections.abc.Callable[[float], object],
    ) -> collections.abc.Iterator[detections.Detection]:
        """Yields the detections of one recording.

        Args:
            path: of the recording.
            report_seconds: called with the seconds of each predicted part.
        """
        args = self._args
        windows = self._score.score_file(path, report_seconds)
        if args.average:
            mean = detections.average(windows, self._score.window_samples)
            windows = iter([mean])
        top = None if args.top == "all" else int(args.top)
        rows = (
            detections.choose(
                window, self._classes, self._rate_hz, self._rules, top
            )
            for window in windows
        )
        if args.merge:
            yield from detections.merge(rows)
        else:
            yield from itertools.chain.from_iterable(rows)
