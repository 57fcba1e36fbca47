"""Recordings into the journal: one by one, and all of them on this machine."""

from __future__ import annotations

import collections.abc
import sys

import tqdm

from audio_diffstride.audio import truncation
from audio_diffstride.errors import UserError, one_line
from audio_diffstride.predict import formats, journal, streams

_BAR = (
    "{percentage:3.0f}% |{bar}| {n:.0f} of {total:.0f} s of sound, "
    "{elapsed} gone, {remaining} left"
)


def predict_recording(
    index: int,
    path: str,
    prediction,
    done: journal.Journal,
    heard: collections.abc.Callable[[float], object] = lambda seconds: None,
) -> dict:
    """Finishes one recording; one that cannot be read is remembered as such.

    Done again, it leaves the same bytes.

    Args:
        index: of the recording in the journal.
        path: of the recording.
        prediction: a `Prediction`.
        done: where its rows go, and what is to be remembered of it.
        heard: called with seconds of it, as they are done.

    Returns:
        What is remembered, as `Journal.about` gives it.
    """
    about = {"file": formats.text(path), "seconds": 0.0}

    def told(seconds):
        about["seconds"] += seconds
        heard(seconds)

    try:
        about["rows"] = done.write_rows(index, prediction.detect(path, told))
        about["sample_rate_hz"] = streams.header(path)[1]
        if cut_off := truncation.find(path):
            about["cut_off"] = formats.text(cut_off)
    except UserError as error:
        about["error"] = formats.text(str(error))
    done.finish(index, about)
    return about


def warning(about: dict) -> str | None:
    """The line on a recording that was not read to its end, if it was not."""
    for key, kind in (("error", "error"), ("cut_off", "warning")):
        if key in about:
            return f"{kind}: {one_line(about[key])}"
    return None


def predict_all(paths: list[str], prediction, done: journal.Journal):
    """Finishes what the journal does not have yet, showing how far it is."""
    lengths_s = [_length_s(path) for path in paths]
    finished = [done.finished(index) for index in range(len(paths))]
    with tqdm.tqdm(
        total=sum(lengths_s),
        initial=sum(s for s, is_done in zip(lengths_s, finished) if is_done),
        bar_format=_BAR,
        smoothing=0.02,  # of the last fifty batches or so
        disable=None,  # shown on a terminal only
    ) as bar:
        if not (bar.disable or all(finished)):
            prediction.warm_up()
            bar.unpause()  # the time until here says nothing of the rest
        for index, path in enumerate(paths):
            if finished[index]:
                continue
            about = predict_recording(index, path, prediction, done, bar.update)
            # A header may be wrong about the length: count what was heard.
            bar.total += about["seconds"] - lengths_s[index]
            if line := warning(about):
                bar.write(line, file=sys.stderr)


def _length_s(path) -> float:
    try:
        return streams.header(path)[0]
    except UserError:
        return 0.0  # told when its turn comes
