"""The comparison of an exported file with the trained model.

Both are run on held-out recordings, the file in its own runtime. The export is
refused if they differ by more than the bounds below.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.kinds import NO_LABEL, Kind
from audio_diffstride.datasets.windows import EvaluationWindows
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation.pooling import pool_windows
from audio_diffstride.export.runtimes import ExportedModel
from audio_diffstride.models.embedder import EMBEDDING, Embedder
from audio_diffstride.terminal.text_table import aligned

# Float files: a share of the largest logit, or of 1 if that is larger.
MAX_LOGIT_DIFFERENCE = 1e-4
# Integer files: a share of recordings, or one recording if that is more.
MAX_ACCURACY_LOSS = 0.01
_BATCH_SIZE = 32
_LATENCY_RUNS = 50

TITLES = (
    "task",
    "recordings",
    "largest difference of a logit",
    "equal decisions",
    "accuracy before",
    "after",
)


def compare(model: Any, exported: ExportedModel, clips: Clips) -> list[dict]:
    """Compares a trained model and its export on recordings.

    Args:
        model: the `AudioClassifier`.
        exported: its export.
        clips: the recordings. Tasks without labels are left out.

    Returns:
        A dict per task: "task", "recordings", "windows",
        "max_logit_difference" (of windows), "largest_logit",
        "equal_decisions" (share of recordings), "labelled", and
        "accuracy_before", "accuracy_after" (None without labels). With several
        labels each class of a recording is a decision and a label of its own.
    """
    windows = EvaluationWindows(clips, exported.window_samples, _BATCH_SIZE)
    before = _window_logits(model.predict_on_batch, windows)
    after = _window_logits(exported.logits, windows)
    decided_before, decided_after = (
        _decisions(windows, logits, model.kinds) for logits in (before, after)
    )
    return [
        {
            "task": task,
            "recordings": len(clips),
            "windows": len(windows.weights),
            "max_logit_difference": _largest(before[task] - after[task]),
            "largest_logit": _largest(before[task]),
            **_agreement(decided_before[task], decided_after[task], labels),
        }
        for task, labels in clips.labels.items()
    ]


def _window_logits(
    function: Callable[[np.ndarray], dict], windows: EvaluationWindows
) -> dict[str, np.ndarray]:
    batches = [function(*windows[index]) for index in range(len(windows))]
    return {
        task: np.concatenate([batch[task] for batch in batches])
        for task in batches[0]
    }


def _largest(values: np.ndarray) -> float:
    """The largest absolute value; infinite if one is not finite."""
    largest = float(np.abs(values).max())
    return largest if np.isfinite(largest) else float("inf")


def _decisions(
    windows: EvaluationWindows,
    logits: dict[str, np.ndarray],
    kinds: Mapping[str, Kind],
) -> dict[str, np.ndarray]:
    """The decisions on each recording, by task."""
    recordings = pool_windows(windows, logits)
    return {
        task: kinds[task].decide(values) for task, values in recordings.items()
    }


def _agreement(
    before: np.ndarray, after: np.ndarray, labels: np.ndarray
) -> dict:
    labelled = labels != NO_LABEL

    def accuracy(decisions: np.ndarray) -> float | None:
        if not labelled.any():
            return None
        return float((decisions == labels)[labelled].mean())

    return {
        "equal_decisions": float((before == after).mean()),
        "labelled": int(labelled.sum()),
        "accuracy_before": accuracy(before),
        "accuracy_after": accuracy(after),
    }


def compare_embeddings(
    model: Any, exported: ExportedModel, clips: Clips
) -> dict[str, float]:
    """Compares what the heads see; see `compare`.

    Returns:
        "max_difference" and "largest", of the numbers of all windows.

    Raises:
        UserError: if they differ by more than logits may.
    """
    windows = EvaluationWindows(clips, exported.window_samples, _BATCH_SIZE)
    before = _window_logits(Embedder(model).predict_on_batch, windows)
    after = _window_logits(exported.embeddings, windows)
    difference = _largest(before[EMBEDDING] - after[EMBEDDING])
    largest = _largest(before[EMBEDDING])
    if not difference <= MAX_LOGIT_DIFFERENCE * max(1.0, largest):
        raise UserError(
            "the export is not the model: an embedding differs by "
            f"{difference:.3g} of {largest:.3g}; nothing was written, so leave "
            "--embedding out"
        )
    return {"max_difference": difference, "largest": largest}


def check(compared: list[dict], is_float: bool) -> None:
    """Refuses an export that differs too much from the model.

    Args:
        compared: rows of `compare`.
        is_float: whether the format is a float format.

    Raises:
        UserError: with the task and the bound.
    """
    for found in compared:
        task = found["task"]
        difference = found["max_logit_difference"]
        bound = MAX_LOGIT_DIFFERENCE * max(1.0, found["largest_logit"])
        if not np.isfinite(difference) or (is_float and difference > bound):
            raise UserError(
                f"the export is not the model: a logit of {task} differs by "
                f"{difference:.3g}, more than {bound:.3g}; nothing was "
                "written, so give another --format"
            )
        if found["labelled"]:
            loss = found["accuracy_before"] - found["accuracy_after"]
            bound = max(MAX_ACCURACY_LOSS, 1 / found["labelled"]) + 1e-9
            if loss > bound:
                raise UserError(
                    f"the export loses {100 * loss:.1f} points of accuracy of "
                    f"{task}, more than {100 * bound:.1f}; nothing was "
                    "written, so give another --format"
                )


def spread(clips: Clips, count: int) -> Clips:
    """Chooses at most `count` clips, evenly from the first to the last."""
    if len(clips) <= count:
        return clips
    chosen = np.linspace(0, len(clips) - 1, count).round().astype(int)
    return clips.only(chosen)


def latency_ms(
    function: Callable[[np.ndarray], Any], window_samples: int
) -> float:
    """Measures the median time of a single window, after a first one."""
    window = np.random.default_rng(0).normal(0, 3000, (1, window_samples))
    window = window.astype(np.int16)
    function(window)
    times = []
    for _ in range(_LATENCY_RUNS):
        begin = time.perf_counter()
        function(window)
        times.append(time.perf_counter() - begin)
    return 1000 * statistics.median(times)


def cells(compared: list[dict]) -> list[list[str]]:
    """Rows of `compare` as the cells of a table with `TITLES`."""
    return [
        [
            found["task"],
            str(found["recordings"]),
            f"{found['max_logit_difference']:.2g} "
            f"of {found['largest_logit']:.3g}",
            percent(found["equal_decisions"]),
            percent(found["accuracy_before"]),
            percent(found["accuracy_after"]),
        ]
        for found in compared
    ]


def percent(share: float | None) -> str:
    """A share as a percentage; None is a dash."""
    return "-" if share is None else f"{100 * share:.1f} %"


def table(report: dict) -> str:
    """The report of an export, for a terminal."""
    megabytes, times = report["megabytes"], report["latency_ms"]
    return "\n".join(
        [
            *aligned([list(TITLES), *cells(report["compared"])]),
            "",
            f"size: {megabytes['before']:.2f} MB of weights, "
            f"{megabytes['after']:.2f} MB exported",
            f"a window of {report['window_s']:g} s: {times['before']:.2f} ms "
            f"in Keras, {times['after']:.2f} ms exported",
        ]
    )
