"""The detections of the command, one recording at a time."""

from __future__ import annotations

import argparse
import collections.abc
import itertools

from audio_diffstride.predict import detections
from audio_diffstride.predict.choosing import Chooser


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
        self._args = args
        self._choose = Chooser(args)
        self.num_tasks = len(self._choose.classes)
        self.notes = self._choose.notes
        self.band_hz = self._choose.band_hz
        self.run = {
            **self._choose.settings,
            "--average": args.average,
            "--merge": args.merge,
            "--format": args.format,
        }

    def warm_up(self) -> None:
        """Compiles the model, so that estimates of the time left are right."""
        self._choose.score.warm_up()

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
        score = self._choose.score
        windows = score.score_file(path, report_seconds)
        if self._args.average:
            windows = iter([detections.average(windows, score.window_samples)])
        rows = map(self._choose, windows)
        if self._args.merge:
            yield from detections.merge(rows)
        else:
            yield from itertools.chain.from_iterable(rows)
