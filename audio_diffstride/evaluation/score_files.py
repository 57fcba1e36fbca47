"""What an evaluation leaves in a work directory: where, and read again.

    evaluation_SPLIT/scores.json    all scores of all tasks
    evaluation_SPLIT/TASK/          tables and pictures of a task

One folder, so that it appears whole or not at all.
"""

from __future__ import annotations

import pathlib

from audio_diffstride.errors import UserError
from audio_diffstride.files import json_files
from audio_diffstride.files.json_files import NUMBER
from audio_diffstride.runs import layout

_MAYBE = (*NUMBER, None)
_CLASS = {"class": str, "support": int} | dict.fromkeys(
    ("precision", "recall", "f1", "average_precision", "auroc"), _MAYBE
)
_SHAPE = {
    "split": str,
    "model": str,
    "tasks": {
        str: {
            "data": str,
            "split_name": str,
            "recordings": int,
            "groups": int,
            "classes": [str],
            "accuracy": NUMBER,
            "chance": NUMBER,
            "balanced_accuracy": NUMBER,
            "top_k": {str: NUMBER},
            "intervals": {str: [NUMBER]},
            "resampled": str,
            "per_class": [_CLASS],
            "absent": [str],
            "confusion_matrix": [[int]],
        }
    },
}


def folder(workdir, split: str) -> pathlib.Path:
    """Where the evaluation of a split lies."""
    return pathlib.Path(workdir) / layout.EVALUATION.format(split=split)


def read(workdir, split: str) -> dict | None:
    """The scores of a run on a split; None if it was not evaluated.

    Raises:
        UserError: if the file is damaged.
    """
    path = folder(workdir, split) / layout.SCORES
    remedy = f"run evaluate.py --split={split} again"
    try:
        report = json_files.read(path, _SHAPE, remedy)
    except FileNotFoundError:
        return None
    for task, scores in report["tasks"].items():
        size = len(scores["classes"])
        sizes = {len(scores["per_class"]), len(scores["confusion_matrix"])}
        sizes |= {len(row) for row in scores["confusion_matrix"]}
        if sizes != {size}:
            raise UserError(
                f"{path} is damaged: not all of tasks.{task} is of its {size} "
                f"classes; {remedy}"
            )
        if {len(edges) for edges in scores["intervals"].values()} - {2}:
            raise UserError(
                f"{path} is damaged: tasks.{task}.intervals are no pairs; "
                f"{remedy}"
            )
    return report
