"""A trained model and what is wanted of it, over one recording at a time."""

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
    listeners,
    streams,
)

WHICH = ("best", "last")  # of a run; any other model is an exported file


class Prediction:
    """A model and the choices of the command, over one recording at a time.

    Args:
        args: of `parse`.

    Attributes:
        num_tasks: how many tasks are predicted.
        run: what its output depends on, for the journal.
    """

    def __init__(self, args: argparse.Namespace):
        if args.model in WHICH:
            listener = listeners.of_run(args.workdir, args.model)
        else:
            listener = listeners.of_file(args.model)
        self._rate_hz = listener.rate_hz
        self._band_hz = listener.band_hz
        window_s, hop_s = args.window_s, args.hop_s
        window_s = listener.window_s if window_s is None else window_s
        hop_s = window_s if hop_s is None else hop_s
        self._window_samples = self._samples("--window_s", window_s)
        self._hop_samples = self._samples("--hop_s", hop_s)
        if self._hop_samples > self._window_samples:
            raise UserError(
                f"--hop_s {hop_s:g} is longer than a window of "
                f"{window_s:g} s: what lies between would not be heard"
            )
        unknown = sorted({*(args.task or ())} - {*listener.class_names})
        if unknown:
            raise UserError(
                f"the model has no task {unknown[0]}; it has "
                f"{', '.join(listener.class_names)}"
            )
        self._classes = {
            task: names
            for task, names in listener.class_names.items()
            if task in (args.task or listener.class_names)
        }
        self.num_tasks = len(self._classes)
        self._args = args
        self._score = listener.make_scorer(self._window_samples)
        self.run = {
            "the version": __version__,
            "the model's weights": journal.digest_of_file(listener.path),
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

    def heard_hz(self, rate_hz: int) -> tuple[float, float]:
        """The band that the model hears of a recording of that rate."""
        low_hz, high_hz = self._band_hz
        return low_hz, min(high_hz, rate_hz / 2)

    def warm_up(self):
        """Compiles, so that no estimate of the time left includes it."""
        self._score.warm_up()

    def detect(
        self, path, heard: collections.abc.Callable[[float], object]
    ) -> collections.abc.Iterator[detections.Detection]:
        """Yields the detections of one recording.

        Args:
            path: of the recording.
            heard: called with seconds of it, as they are done.
        """
        args = self._args
        windows = itertools.chain.from_iterable(
            self._told(
                self._score(
                    streams.cut_windows(
                        streams.read_blocks(path, self._rate_hz),
                        self._window_samples,
                        self._hop_samples,
                    )
                ),
                heard,
            )
        )
        if args.average:
            windows = [detections.average(windows, self._window_samples)]
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

    def _told(self, batches, heard):
        before = 0
        for batch in batches:
            yield batch
            heard((batch[-1].end_sample - before) / self._rate_hz)
            before = batch[-1].end_sample
