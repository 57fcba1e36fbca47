"""Whether an exported file is the model that was trained: both are run.

On held-out recordings, the file in its own runtime. What may differ is a
stated bound, and a file beyond it is no export.
"""

from __future__ import annotations

import dataclasses
import statistics
import time

import numpy as np

from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.store_files import NO_LABEL
from audio_diffstride.datasets.windows import EvaluationWindows
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import inference
from audio_diffstride.export.runtimes import ExportedModel
from audio_diffstride.terminal.text_table import aligned

# Float files: of the largest logit, or of 1 if that is larger.
MAX_LOGIT_DIFFERENCE = 1e-4
# Integer files: of accuracy, or a single recording if that is more.
MAX_ACCURACY_LOSS = 0.01
_BATCH_SIZE = 32
_LATENCY_RUNS = 50


def compare(model, exported: ExportedModel, clips: Clips) -> list[dict]:
    """What a trained model and its export say of recordings.

    Args:
        model: the `AudioClassifier`.
        exported: its export.
        clips: the recordings; tasks that they have no labels for are left
            out.

    Returns:
        A dict per task: "task", "recordings", "windows",
        "max_logit_difference" (of windows), "largest_logit",
        "equal_decisions" (share of recordings), "labelled", and
        "accuracy_before", "accuracy_after" (None where none is labelled).
    """
    windows = EvaluationWindows(clips, exported.window_samples, _BATCH_SIZE)
    both = [m.predict(windows, verbose=0) for m in (model, exported)]
    recordings = [inference.mean_over_windows(windows, one) for one in both]
    return [
        {
            "task": task,
            "recordings": len(clips),
            "windows": len(windows.weights),
            "max_logit_difference": _largest(both[0][task] - both[1][task]),
            "largest_logit": _largest(both[0][task]),
            **_decisions(
                *(one[task].argmax(axis=1) for one in recordings),
                labels,
            ),
        }
        for task, labels in clips.labels.items()
    ]


def _largest(values) -> float:
    """The largest size; infinite where one is not a number."""
    largest = float(np.abs(values).max())
    return largest if np.isfinite(largest) else float("inf")


def _decisions(before, after, labels) -> dict:
    labelled = labels != NO_LABEL
    accuracies = [
        float((one == labels)[labelled].mean()) if labelled.any() else None
        for one in (before, after)
    ]
    return {
        "equal_decisions": float((before == after).mean()),
        "labelled": int(labelled.sum()),
        "accuracy_before": accuracies[0],
        "accuracy_after": accuracies[1],
    }


def check(result: list[dict], is_float: bool):
    """Refuses an export that is another model.

    Args:
        result: of `compare`.
        is_float: whether it is one of the float formats.

    Raises:
        UserError: which bound is not kept, of which task.
    """
    for found in result:
        task = found["task"]
        difference = found["max_logit_difference"]
        bound = MAX_LOGIT_DIFFERENCE * max(1.0, found["largest_logit"])
        if not np.isfinite(difference) or (is_float and difference > bound):
            raise UserError(
                f"the export is not the model: a logit of {task} differs by "
                f"{difference:.3g}, more than {bound:.3g}, so nothing was "
                "written; give another --format"
            )
        if found["labelled"]:
            loss = found["accuracy_before"] - found["accuracy_after"]
            bound = max(MAX_ACCURACY_LOSS, 1 / found["labelled"]) + 1e-9
            if loss > bound:
                raise UserError(
                    f"the export loses {100 * loss:.1f} points of accuracy of "
                    f"{task}, more than {100 * bound:.1f}, so nothing was "
                    "written; give another --format"
                )


def spread(clips: Clips, count: int) -> Clips:
    """At most `count` of the clips, evenly from the first to the last."""
    if len(clips) <= count:
        return clips
    chosen = np.linspace(0, len(clips) - 1, count).round().astype(int)
    return dataclasses.replace(
        clips,
        offsets=clips.offsets[chosen],
        lengths=clips.lengths[chosen],
        labels={task: values[chosen] for task, values in clips.labels.items()},
        files=[clips.files[i] for i in chosen],
        starts_s=[clips.starts_s[i] for i in chosen],
        groups=[clips.groups[i] for i in chosen],
    )


def latency_ms(function, window_samples: int) -> float:
    """The median time of a single window, after a first one."""
    window = np.random.default_rng(0).normal(0, 0.1, (1, window_samples))
    window = window.astype(np.float32)
    function(window)
    times = []
    for _ in range(_LATENCY_RUNS):
        begin = time.perf_counter()
        function(window)
        times.append(time.perf_counter() - begin)
    return 1000 * statistics.median(times)


def table(report: dict) -> str:
    """A report of the command, for a terminal."""
    lines = [
        ["task", "recordings", "largest difference of a logit"]
        + ["equal decisions", "accuracy before", "after"]
    ]
    for found in report["compared"]:
        accuracies = [
            "-" if value is None else f"{100 * value:.1f} %"
            for value in (found["accuracy_before"], found["accuracy_after"])
        ]
        lines.append(
            [
                found["task"],
                f"{found['recordings']}",
                f"{found['max_logit_difference']:.2g} "
                f"of {found['largest_logit']:.3g}",
                f"{100 * found['equal_decisions']:.1f} %",
                *accuracies,
            ]
        )
    megabytes, times = report["megabytes"], report["latency_ms"]
    lines = aligned(lines)
    lines += [
        "",
        f"size: {megabytes['before']:.2f} MB of weights, "
        f"{megabytes['after']:.2f} MB exported",
        f"a window of {report['window_s']:g} s: {times['before']:.2f} ms in "
        f"Keras, {times['after']:.2f} ms exported",
    ]
    return "\n".join(lines)
