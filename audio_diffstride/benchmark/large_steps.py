"""What is measured of a large store, each step in a process of its own.

    python -m audio_diffstride.benchmark.large_steps STEP STORE

prints what it measures, as JSON. Seconds are those of one core, and of the
clock where windows come from the disk. Whoever starts it measures the memory.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from audio_diffstride.benchmark import large_data
from audio_diffstride.benchmark.large_data import NUM_CLASSES, RATE_HZ, WINDOW
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.datasets.kinds import ONE_LABEL, SEVERAL_LABELS
from audio_diffstride.datasets.store_files import TEXT
from audio_diffstride.datasets.windows import TrainingWindows
from audio_diffstride.evaluation import inference, score_files
from audio_diffstride.evaluation import shared_recordings as shared
from audio_diffstride.evaluation.inference import LabelledRecordings

Numbers = dict[str, float | None]

BATCH = 256
_NUM_STEPS = 10**7
_NUM_BATCHES = 40  # of a measurement
_PASSES_BEFORE = 20  # a resumed run


def only_import(store: ClipStore) -> Numbers:
    """Nothing: what is left is the memory of Python, Keras and its backend."""
    return {}


def opening(store: ClipStore) -> Numbers:
    """Opens the training split."""
    return {"open_s": _timed(lambda: store.examples("train"))[1]}


def drawing(store: ClipStore) -> Numbers:
    """The first batch of a run and of a resumed run, then many batches.

    The file's pages are put out of memory before, so that batches come from the
    disk. The same batches come from memory the second time.
    """
    clips = store.examples("train")
    _forget(store.path / "train.pcm")
    _, first_s = _timed(lambda: _batches(clips, 0)[0])
    late = _PASSES_BEFORE * len(clips) // BATCH
    _, resumed_s = _timed(lambda: _batches(clips, late)[0])
    batches = _batches(clips, 1)
    _forget(store.path / "train.pcm")
    begin = time.perf_counter()
    _draw(batches)
    cold_s = time.perf_counter() - begin
    _, warm_s = _timed(lambda: _draw(batches))
    drawn = _NUM_BATCHES * BATCH
    is_heard = len(clips) <= large_data.NUM_HEARD  # and lies on the disk
    return {
        "first_batch_s": first_s,
        "resumed_batch_s": resumed_s,
        "cold_per_s": drawn / cold_s if is_heard else None,
        "warm_per_s": drawn / warm_s,
    }


def evaluation(store: ClipStore) -> Numbers:
    """An evaluation of the test split with a network that takes no time."""
    clips, opening_s = _timed(lambda: store.examples("test"))
    _forget(store.path / "test.pcm")
    labelled, reading_s = _timed(
        lambda: inference.label_recordings(_Network(), clips, WINDOW)
    )
    others, train_s = _timed(lambda: store.examples("train"))
    _, sharing_s = _timed(
        lambda: [*shared.describe("test", clips, others, RATE_HZ)]
    )
    return {
        "open_s": opening_s + train_s,
        "reading_s": reading_s,
        "sharing_s": sharing_s,
        "report_s": _score_and_write(labelled),
    }


def several_labels(store: ClipStore) -> Numbers:
    """The scores of a tenth as many recordings, with several labels."""
    count = store.num_examples["test"] // 10
    rng = np.random.default_rng(0)
    recordings = LabelledRecordings(
        classes=[str(index) for index in range(NUM_CLASSES)],
        labels=(rng.random((count, NUM_CLASSES)) < 0.1).astype(np.int8),
        logits=rng.random((count, NUM_CLASSES), np.float32),
        files=np.full(count, "a", TEXT),
        starts_s=np.zeros(count),
        groups=(np.arange(count) // large_data.PER_GROUP).astype(TEXT),
        kind=SEVERAL_LABELS,
    )
    return {"report_s": _score_and_write({"class": recordings})}


STEPS: dict[str, Callable[[ClipStore], Numbers]] = {
    step.__name__: step
    for step in (only_import, opening, drawing, evaluation, several_labels)
}


class _Network:
    """Gives random logits, so that all other work is left."""

    kinds = {"class": ONE_LABEL}
    class_names = {"class": [str(index) for index in range(NUM_CLASSES)]}

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)

    def predict_on_batch(self, windows: np.ndarray) -> dict[str, np.ndarray]:
        shape = (len(windows), NUM_CLASSES)
        return {"class": self._rng.random(shape, np.float32)}


def _batches(clips: Any, first_step: int) -> TrainingWindows:
    return TrainingWindows(
        *(clips, WINDOW, BATCH, _NUM_STEPS), first_step=first_step
    )


def _draw(batches: TrainingWindows) -> None:
    for index in range(_NUM_BATCHES):
        batches[index]


def _score_and_write(labelled: dict[str, LabelledRecordings]) -> float:
    def report() -> None:
        tasks = {
            task: {"data": "large", "split_name": "own", **of.scores()}
            for task, of in labelled.items()
        }
        with tempfile.TemporaryDirectory() as folder:
            content = {"split": "test", "model": "best", "tasks": tasks}
            score_files.write(folder, content, labelled)

    return _timed(report)[1]


def _forget(path: pathlib.Path) -> None:
    """Takes a file's pages out of memory, where the system can do that."""
    if hasattr(os, "posix_fadvise"):
        with open(path, "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    begin = time.process_time()
    result = call()
    return result, time.process_time() - begin


if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](ClipStore(sys.argv[2]))))
