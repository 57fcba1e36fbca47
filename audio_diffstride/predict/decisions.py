"""From the logits of a task to scores, and which of them are kept."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from audio_diffstride.calibration import aims, curves
from audio_diffstride.calibration.calibration_file import Calibration
from audio_diffstride.calibration.thresholds import Aim
from audio_diffstride.datasets.kinds import ONE_LABEL, Kind, is_reported
from audio_diffstride.errors import UserError


@dataclasses.dataclass(frozen=True)
class DecisionRule:
    """How a task decides.

    Attributes:
        thresholds: the lowest score to keep: one for all classes, or one of
            each, of shape (classes,). An infinite one keeps nothing.
        temperature: divides the logits.
        kind: of the task.
    """

    thresholds: float | np.ndarray = 0.0
    temperature: float = 1.0
    kind: Kind = ONE_LABEL

    @classmethod
    def uncalibrated(
        cls, kind: Kind, threshold: float | None = None
    ) -> DecisionRule:
        """One threshold for all classes; None is that of the kind."""
        return cls(
            kind.threshold if threshold is None else threshold, kind=kind
        )

    def scores(self, logits: np.ndarray) -> np.ndarray:
        """The scores of the classes, of the shape of the logits."""
        return self.kind.probabilities(
            np.asarray(logits, float) / self.temperature
        )

    def keeps(self, scores: np.ndarray) -> np.ndarray:
        """Whether each score reaches its threshold."""
        return ~(scores < self.thresholds)


@dataclasses.dataclass(frozen=True)
class Decisions:
    """How a prediction decides.

    Attributes:
        rules: {task: its rule}.
        notes: a sentence for each class that no threshold can find.
        settings: what they depend on, for the journal.
    """

    rules: dict[str, DecisionRule]
    notes: list[str]
    settings: dict[str, Any]


def decide(
    args: argparse.Namespace,
    classes: Mapping[str, list[str]],
    kinds: Mapping[str, Kind],
    window_samples: int,
    calibration: Calibration | None,
) -> Decisions:
    """The rules of the command.

    Args:
        args: of the command.
        classes: {task: class names} to predict.
        kinds: {task: its kind}.
        window_samples: length of its windows.
        calibration: of the model, if the command has an aim.

    Raises:
        UserError: if the calibration is not of these windows or tasks, or no
            class reaches the aim.
    """
    aim = aims.given(args)
    settings: dict[str, Any] = {"--threshold": args.threshold}
    if aim is None or calibration is None:
        rules = {
            task: DecisionRule.uncalibrated(kinds[task], args.threshold)
            for task in classes
        }
        return Decisions(rules, [], settings)
    if calibration.window_samples != window_samples:
        rate_hz = calibration.content["sample_rate_hz"]
        raise UserError(
            "the model is calibrated for windows of "
            f"{calibration.window_samples / rate_hz:g} s; leave out "
            f"--window_s, or give --threshold instead of --{aim.score}"
        )
    settings[f"--{aim.score}"] = aim.value or True
    settings["--pooled"] = aim.pooled
    content = json.dumps(calibration.content, sort_keys=True).encode()
    settings["the calibration"] = hashlib.sha256(content).hexdigest()
    rules, notes = {}, []
    for task, names in classes.items():
        found = calibration.tasks.get(task)
        kind = kinds[task]
        if (
            found is None
            or found.classes != names
            or found.activation != kind.activation
        ):
            raise UserError(
                f"the model is not calibrated for the task {task}; leave it "
                "out by --task, or give --threshold"
            )
        of_top = found.curves[curves.top_of(found.activation, args.top)]
        limits = of_top.thresholds(aim)
        rules[task] = DecisionRule(limits, found.temperature, kind)
        notes += [
            _unreachable(task, names[i], aim, of_top.highest(i, aim))
            for i in np.flatnonzero(np.isinf(limits)).tolist()
            if is_reported(names[i])
        ]
    if all(np.isinf(rule.thresholds).all() for rule in rules.values()):
        raise UserError(
            f"no threshold reaches {aim} for any class on the validation "
            f"windows; give a lower --{aim.score}"
            + (", or --top all" if aim.score == "recall" else "")
        )
    return Decisions(rules, notes, settings)


def _unreachable(task: str, name: str, aim: Aim, best: float) -> str:
    return (
        f"{name} ({task}) is left out: no threshold reaches {aim} on the "
        f"validation windows, the best has {best:.3g}"
    )
