"""calibration.json: the temperatures and thresholds of one model of a run.

    model, model_sha256   the model it belongs to: its name and its bytes
    split                 what it was fitted on: "validation"
    window_samples, sample_rate_hz
                          of the windows that the thresholds are for
    aim                   what the thresholds below reach: "score", "value", and
                          "pooled" if all classes have one
    tasks                 of each task:
        classes, activation, temperature
        top               "1" if a window keeps its best class only, or "all"
        thresholds        {class: threshold on the calibrated probability}; null
                          where none reaches the aim
        expected_calibration_error, reliability
                          before and after; a bin is [answers, their mean
                          confidence, the share of them that is right]
        windows, recordings, units, unit
                          how many, and what was left out in turn
        table             precision and recall of the thresholds, by class
        curves            for each "top" the best thresholds of each class, and
                          of all classes pooled, for other aims: a step is
                          [threshold, right windows, windows kept]

An exported file holds the same in its metadata.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
import pathlib
from typing import Any

from audio_diffstride.calibration.curves import TOPS, Curve, TaskCurves
from audio_diffstride.calibration.temperature import Activation
from audio_diffstride.calibration.thresholds import Aim, Step
from audio_diffstride.errors import UserError
from audio_diffstride.files import digests, json_files
from audio_diffstride.files.json_files import NUMBER
from audio_diffstride.runs import layout

SCHEMA = 1
_MAYBE = (*NUMBER, None)
_CURVE = {"recordings": int, "positives": int, "steps": [[NUMBER]]}
_ROW = {
    "class": (str, None),
    "recordings": int,
    "own": bool,
    "threshold": _MAYBE,
    "precision": _MAYBE,
    "recall": _MAYBE,
}
BEFORE_AND_AFTER = ("before", "after")
_SHAPE = {
    "schema": int,
    "model": str,
    "model_sha256": str,
    "split": str,
    "window_samples": int,
    "sample_rate_hz": int,
    "aim": {"score": str, "value": _MAYBE, "pooled": bool},
    "tasks": {
        str: {
            "classes": [str],
            "activation": str,
            "temperature": NUMBER,
            "top": str,
            "expected_calibration_error": dict.fromkeys(
                BEFORE_AND_AFTER, NUMBER
            ),
            "reliability": dict.fromkeys(BEFORE_AND_AFTER, [[NUMBER]]),
            "windows": int,
            "recordings": int,
            "units": int,
            "unit": str,
            "table": [_ROW],
            "curves": dict.fromkeys(
                TOPS, {"classes": [_CURVE], "pooled": _CURVE}
            ),
        }
    },
}


@dataclasses.dataclass(frozen=True)
class TaskCalibration:
    """What a prediction needs of a task.

    Attributes:
        classes: the names, by index.
        activation: from logits to probabilities.
        temperature: divides the logits.
        curves: {one of `TOPS`: the best thresholds of every class}.
    """

    classes: list[str]
    activation: Activation
    temperature: float
    curves: dict[str, TaskCurves]


@dataclasses.dataclass(frozen=True)
class Calibration:
    """A calibration that is not damaged.

    Attributes:
        content: the JSON.
        tasks: {task: its calibration}.
    """

    content: dict[str, Any]
    tasks: dict[str, TaskCalibration]

    @property
    def window_samples(self) -> int:
        """The length of the windows that it is for."""
        return self.content["window_samples"]

    @property
    def aim(self) -> Aim:
        """The aim of the thresholds in the file."""
        return Aim(**self.content["aim"])


def find(model_path: str | os.PathLike[str]) -> Calibration | None:
    """The calibration of a run's model; None if the run has none.

    Args:
        model_path: of the model, in the folder of its run.

    Raises:
        UserError: if it is damaged, or belongs to another model.
    """
    model_path = pathlib.Path(model_path)
    path = model_path.with_name(layout.CALIBRATION)
    remedy = f"run {_command(model_path)} again"
    try:
        content = json_files.load(path, remedy)
    except FileNotFoundError:
        return None
    calibration = parse(content, path, remedy)
    if content["model_sha256"] != digests.digest_of_file(model_path):
        raise UserError(
            f"{path} does not belong to {model_path.name}, but to a "
            f"{content['model']}.keras that was trained before or beside it; "
            f"{remedy}"
        )
    return calibration


def _command(model_path: pathlib.Path) -> str:
    model = "" if model_path.stem == "best" else f" --model {model_path.stem}"
    return f"audio-diffstride calibrate --workdir {model_path.parent}{model}"


def require(model_path: str | os.PathLike[str]) -> Calibration:
    """The same as `find`, where there must be one."""
    calibration = find(model_path)
    if calibration is None:
        model_path = pathlib.Path(model_path)
        raise UserError(
            f"{model_path.parent} is not calibrated; run {_command(model_path)}"
        )
    return calibration


def parse(
    content: Any, path: str | os.PathLike[str], remedy: str
) -> Calibration:
    """Checks a content.

    Args:
        content: the JSON.
        path: of its file, for messages.
        remedy: what to do if it is damaged.

    Raises:
        UserError: if it is damaged, or of a later version.
    """
    wrong = json_files.mismatch(content, {"schema": int})
    if not wrong and content["schema"] > SCHEMA:
        raise UserError(
            f"{path} was calibrated by a later version of audio_diffstride; "
            "install that version"
        )
    wrong = wrong or json_files.mismatch(content, _SHAPE)
    wrong = wrong or next(
        filter(None, itertools.starmap(_wrong_in, content["tasks"].items())), ""
    )
    if wrong:
        raise UserError(f"{path} is damaged: {wrong}; {remedy}")
    return Calibration(
        content,
        {
            task: TaskCalibration(
                entry["classes"],
                entry["activation"],
                entry["temperature"],
                {top: _curves(entry["curves"][top]) for top in TOPS},
            )
            for task, entry in content["tasks"].items()
        },
    )


def _wrong_in(task: str, entry: dict[str, Any]) -> str:
    """What no shape says of the entry of a task."""
    classes = entry["classes"]
    names = [row["class"] for row in entry["table"]]
    counts = {len(entry["curves"][top]["classes"]) for top in TOPS}
    if names != [*classes, None] or counts != {len(classes)}:
        return f"not all of tasks.{task} is of its {len(classes)} classes"
    if not entry["temperature"] > 0:
        return f"tasks.{task}.temperature is {entry['temperature']}"
    if entry["activation"] not in ("softmax", "sigmoid"):
        return f"tasks.{task}.activation is {entry['activation']!r}"
    rows = [*entry["reliability"]["before"], *entry["reliability"]["after"]]
    for top in TOPS:
        curves = entry["curves"][top]
        for curve in (*curves["classes"], curves["pooled"]):
            rows += curve["steps"]
    if any(len(row) != 3 for row in rows):
        return f"tasks.{task} has rows that are not of three numbers"
    return ""


def _curves(entry: dict[str, Any]) -> TaskCurves:
    return TaskCurves(
        [_curve(curve) for curve in entry["classes"]], _curve(entry["pooled"])
    )


def _curve(entry: dict[str, Any]) -> Curve:
    steps = [Step(*step) for step in entry["steps"]]
    return Curve(entry["recordings"], entry["positives"], steps)
