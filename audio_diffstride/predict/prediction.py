"""A trained model and the settings of the command, for any recording."""

from __future__ import annotations

import argparse
import collections.abc
import itertools
import os

from audio_diffstride import __version__
from audio_diffstride.errors import UserError
from audio_diffstride.predict import (
    detections,
    journal,
    model_sources,
    streams,
)


class Prediction:
    """Predicts one recording at a time.

    Args:
        args: of the command.

    Attributes:
        num_tasks: how many tasks are predicted.
        run: all settings that the output depends on, for the journal.
    """

    def __init__(self, args: argparse.Namespace):
        if args.workdir:
            source = model_sources.from_run(args.workdir, args.model)
        else:
            source = model_sources.from_file(args.model)
        self._args = args
        self._rate_hz = source.rate_hz
        self._band_hz = source.band_hz
        window_s = source.window_s if args.window_s is None else args.window_s
        hop_s = window_s if args.hop_s is None else args.hop_s
        self._window_samples = self._samples("--window_s", window_s)
        self._hop_samples = self._samples("--hop_s", hop_s)
        if self._hop_samples > self._window_samples:
            raise UserError(
                f"--hop_s {hop_s:g} is longer than a window of {window_s:g} s "
                "and would skip sound; give a shorter --hop_s"
            )
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
        self._score = source.make_scorer(self._window_samples)
        self.run = {
            "the version": __version__,
            "the model's weights": journal.digest_of_file(source.path),
            "KERAS_BACKEND": os.environ.get("KERAS_BACKEND", ""),
            "--window_s": self._window_samples / self._rate_hz,
            "--hop_s": self._hop_samples / self._rate_hz,
            "--task": list(self._classes),
            "--top": args.top,
            "--threshold": args.threshold,
            "--average": args.average,
            "--merge": args.merge,
            "--format": args.format,
        }

    def _samples(self, flag: str, seconds: float) -> int:
        samples = round(seconds * self._rate_hz) if 0 < seconds < 3600 else 0
        if samples < 1:
            raise UserError(
                f"{flag} must be more than 0 and less than 3600 s, not "
                f"{seconds:g}"
            )
        return samples

    def band_hz(self, rate_hz: int) -> tuple[float, float]:
        """The frequencies that the model uses at a recording's sample rate."""
        low_hz, high_hz = self._band_hz
        return low_hz, min(high_hz, rate_hz / 2)

    def warm_up(self) -> None:
        """Compiles the model, so that estimates of the time left are right."""
        self._score.warm_up()

    def detect(
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
        windows = self._score_recording(path, report_seconds)
        if args.average:
            mean = detections.average(windows, self._window_samples)
            windows = iter([mean])
        top = None if args.top == "all" else int(args.top)
        rows = (
            detections.choose(
                window, self._classes, self._rate_hz, top, args.threshold
            )
            for window in windows
        )
        if args.merge:
            yield from detections.merge(rows)
        else:
            yield from itertools.chain.from_iterable(rows)

    def _score_recording(
        self,
        path: str,
        report_seconds: collections.abc.Callable[[float], object],
    ) -> collections.abc.Iterator[detections.ScoredWindow]:
        blocks = streams.read_blocks(path, self._rate_hz)
        windows = streams.cut_windows(
            blocks, self._window_samples, self._hop_samples
        )
        end_sample = 0
        for batch in self._score(windows):
            yield from batch
            report_seconds((batch[-1].end_sample - end_sample) / self._rate_hz)
            end_sample = batch[-1].end_sample
