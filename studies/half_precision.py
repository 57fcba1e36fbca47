"""What bfloat16 changes in the predictions of runs that have it not.

    python -m studies.half_precision RUN ... [--windows 960]

A run's model is built again with bfloat16 activations and the same weights.
Both see windows of the test recordings, in turns. The table has the times, the
accuracies on windows, the share of windows whose class changes, and the largest
difference of a logit.
"""

from __future__ import annotations

import argparse
import pathlib
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from audio_diffstride.backends.forward import forward
from audio_diffstride.benchmark import tables
from audio_diffstride.datasets.kinds import ONE_LABEL
from audio_diffstride.datasets.windows import EvaluationWindows
from audio_diffstride.errors import UserError, report_user_errors
from audio_diffstride.runs import loading, run_stores
from audio_diffstride.training.model import build_model

BATCH_SIZE = 16


def compare(workdir: pathlib.Path, num_windows: int) -> list[tables.Row]:
    """One row per task of a run; see the module.

    Args:
        workdir: the run, of tasks with one label.
        num_windows: at most so many are classified.

    Raises:
        UserError: if the run has no test recordings or several labels.
    """
    config, model = loading.load_config(workdir), loading.load_model(workdir)
    if any(kind is not ONE_LABEL for kind in model.kinds.values()):
        raise UserError(f"{workdir} has several labels; give another run")
    num_samples = loading.window_samples(config)
    with config.unlocked():
        config.training.precision = "mixed_bfloat16"
    other = build_model(config, model.class_names)
    other(np.zeros((1, num_samples), np.int16))
    other.set_weights(model.get_weights())
    passes = [forward(each, BATCH_SIZE, num_samples) for each in (model, other)]
    rows = []
    for store in run_stores.require(workdir, (), "to compare predictions"):
        clips = store.examples("test")
        windows = EvaluationWindows(clips, num_samples, BATCH_SIZE, 0)
        count = min(len(windows) - 1, num_windows // BATCH_SIZE)
        if count < 2:
            raise UserError(f"{workdir} has too few test recordings")
        seconds, logits = _in_turns(passes, windows, count)
        chosen = windows.clip_of_window[: count * BATCH_SIZE]
        for task in store.tasks:
            full, half = (of[task].argmax(-1) for of in logits)
            truth = clips.labels[task][chosen]
            rows.append(
                {
                    "run": f"{workdir.parent.name}/{workdir.name}",
                    "task": task,
                    "gain": seconds[0] / seconds[1],
                    "full": np.mean(full == truth),
                    "half": np.mean(half == truth),
                    "changed": np.mean(full != half),
                    "difference": np.abs(
                        logits[0][task] - logits[1][task]
                    ).max(),
                }
            )
    return rows


def _in_turns(
    passes: list[Callable[[np.ndarray], dict[str, Any]]],
    windows: EvaluationWindows,
    count: int,
) -> tuple[list[float], list[dict[str, np.ndarray]]]:
    """The median seconds of each pass, and {task: its logits}."""
    seconds: list[list[float]] = [[], []]
    logits: list[list[dict[str, Any]]] = [[], []]
    for index in range(count):
        for which, call in enumerate(passes):
            begin = time.perf_counter()
            found = call(*windows[index])
            seconds[which].append(time.perf_counter() - begin)
            logits[which].append(found)
    joined = [
        {
            task: np.concatenate([b[task].astype("float32") for b in batches])
            for task in batches[0]
        }
        for batches in logits
    ]
    return [statistics.median(each[1:]) for each in seconds], joined


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=pathlib.Path, metavar="RUN")
    parser.add_argument("--windows", type=int, default=960)
    args = parser.parse_args()
    with report_user_errors():
        rows = [row for run in args.runs for row in compare(run, args.windows)]
        tables.print_table(
            "bfloat16 beside float32",
            rows,
            {
                "run": tables.text("run"),
                "task": tables.text("task"),
                "times as fast": tables.number("gain", 2),
                "float32 %": tables.number("full", 1, 0.01),
                "bfloat16 %": tables.number("half", 1, 0.01),
                "changed %": tables.number("changed", 1, 0.01),
                "largest difference": tables.number("difference", 2),
            },
        )


if __name__ == "__main__":
    main()
