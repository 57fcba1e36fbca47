"""Rows of recordings, one by one or all of them, into the journal."""

from __future__ import annotations

import collections.abc
import sys
from typing import Any, Protocol, TypeVar

import tqdm

from audio_diffstride.audio import truncation
from audio_diffstride.errors import UserError, one_line
from audio_diffstride.predict import formats, streams
from audio_diffstride.predict.journal import Journal

_Row = TypeVar("_Row", bound=tuple)
_Row_co = TypeVar("_Row_co", bound=tuple, covariant=True)
_BAR = (
    "{percentage:3.0f}% |{bar}| {n:.0f} of {total:.0f} s of sound, "
    "{elapsed} gone, {remaining} left"
)


class Worker(Protocol[_Row_co]):
    """Computes the rows of one recording at a time, such as `Prediction`.

    Attributes:
        run: all settings that the rows depend on, for the journal.
        notes: what a user should know before the start, a sentence each.
    """

    run: dict[str, Any]
    notes: list[str]

    def warm_up(self) -> None:
        """Compiles the model, so that estimates of the time left are right."""

    def rows(
        self,
        path: str,
        report_seconds: collections.abc.Callable[[float], object],
    ) -> collections.abc.Iterator[_Row_co]:
        """Yields the rows of one recording.

        Args:
            path: of the recording.
            report_seconds: called with the seconds of each finished part.

        Raises:
            UserError: for a recording that cannot be read to its end.
        """


def predict_recording(
    index: int,
    path: str,
    worker: Worker[_Row],
    progress: Journal[_Row],
    report_seconds: collections.abc.Callable[[float], object] | None = None,
) -> dict:
    """Finishes one recording; an unreadable one is finished with its error.

    Called again, it writes the same bytes.

    Args:
        index: of the recording in the journal.
        path: of the recording.
        worker: computes its rows.
        progress: keeps its rows and its summary.
        report_seconds: called with the seconds of each finished part.

    Returns:
        The summary, as `Journal.summary` returns it.
    """
    summary: dict[str, Any] = {"file": formats.text(path), "seconds": 0.0}

    def add_seconds(seconds: float) -> None:
        summary["seconds"] += seconds
        if report_seconds:
            report_seconds(seconds)

    try:
        rows = worker.rows(path, add_seconds)
        summary["rows"] = progress.write_rows(index, rows)
        summary["sample_rate_hz"] = streams.read_header(path)[1]
        if cut_off := truncation.find(path):
            summary["cut_off"] = formats.text(cut_off)
    except UserError as error:
        summary["error"] = formats.text(str(error))
    progress.finish(index, summary)
    return summary


def warning(summary: dict) -> str | None:
    """The line about a recording that was not read to its end, else None."""
    for key, kind in (("error", "error"), ("cut_off", "warning")):
        if key in summary:
            return f"{kind}: {one_line(summary[key])}"
    return None


def predict_all(
    paths: list[str], worker: Worker[_Row], progress: Journal[_Row]
) -> None:
    """Finishes the recordings that the journal lacks, with a progress bar."""
    lengths_s = [_length_s(path) for path in paths]
    finished = [progress.is_finished(index) for index in range(len(paths))]
    with tqdm.tqdm(
        total=sum(lengths_s),
        initial=sum(s for s, is_done in zip(lengths_s, finished) if is_done),
        bar_format=_BAR,
        smoothing=0.02,  # over the last fifty batches or so
        disable=None,  # shown on a terminal only
    ) as bar:
        if not (bar.disable or all(finished)):
            worker.warm_up()
            bar.unpause()  # compiling does not count in the time left
        for index, path in enumerate(paths):
            if finished[index]:
                continue
            summary = predict_recording(
                index, path, worker, progress, bar.update
            )
            # The header may give a wrong length: count what was read.
            bar.total += summary["seconds"] - lengths_s[index]
            if line := warning(summary):
                bar.write(line, file=sys.stderr)


def _length_s(path: str) -> float:
    try:
        return streams.read_header(path)[0]
    except UserError:
        return 0.0  # `predict_recording` reports it
