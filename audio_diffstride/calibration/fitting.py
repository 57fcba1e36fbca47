"""Fit the temperature and the thresholds of a task, with groups left out.

Three things must not flatter themselves. So each is computed on windows that it
did not see:

- the scores that thresholds are chosen on: their temperature is fitted without
  the window's group;
- the calibration error after the fit: on the same scores;
- the precision and recall in the table: both the temperature and the thresholds
  are fitted without the group.

Of more than ten groups, a tenth is left out at a time. Without groups, files
are left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from audio_diffstride.calibration import curves, reliability, temperature
from audio_diffstride.calibration.curves import TaskCurves
from audio_diffstride.calibration.temperature import Activation
from audio_diffstride.calibration.thresholds import Aim
from audio_diffstride.datasets.kinds import is_reported
from audio_diffstride.evaluation import bootstrap

MAX_FOLDS = 10


@dataclasses.dataclass(frozen=True)
class LabelledWindows:
    """Windows of one task, with logits.

    Attributes:
        classes: the names, by index.
        logits: of shape (windows, classes), all finite.
        truths: of the same shape: 1, 0 or `NO_LABEL`.
        recordings: the number of each window's recording.
        units: the number of what is left out together: a group or a file.
        unit: which of them it is: "groups" or "files".
        activation: from logits to probabilities.
    """

    classes: list[str]
    logits: np.ndarray
    truths: np.ndarray
    recordings: np.ndarray
    units: np.ndarray
    unit: str
    activation: Activation

    @property
    def reported(self) -> np.ndarray:
        """Which classes may be detections, of shape (classes,)."""
        return np.array([is_reported(name) for name in self.classes])

    def scores(self, temperature_: float = 1.0) -> np.ndarray:
        """The probabilities at a temperature."""
        return temperature.probabilities(
            self.logits, temperature_, self.activation
        )

    def fit_temperature(self, chosen: Any = slice(None)) -> float:
        """The best temperature of some windows."""
        return temperature.fit(
            self.logits[chosen], self.truths[chosen], self.activation
        )


@dataclasses.dataclass(frozen=True)
class Fitted:
    """The calibration of a task.

    Attributes:
        temperature: of all windows.
        curves: {one of `TOPS`: curves of the scores with a group left out}.
        before: bins of the windows' answers as trained; see `reliability`.
        after: bins of the answers with a group left out.
        top: of which classes the table is, one of `TOPS`.
        table: a row per class; see `check`.
    """

    temperature: float
    curves: dict[str, TaskCurves]
    before: list[reliability.Bin]
    after: list[reliability.Bin]
    top: str
    table: list[dict[str, Any]]


def fit(windows: LabelledWindows, aim: Aim, top: str = "1") -> Fitted:
    """Fits a task.

    Args:
        windows: of at least two units.
        aim: of the table. The thresholds of other aims follow from the curves.
        top: of the table, for tasks of which only one class is kept.
    """
    top = curves.top_of(windows.activation, top)
    scores = np.zeros(windows.logits.shape)
    kept = np.zeros(windows.logits.shape, bool)
    for rest, held_out in _folds(windows.units):
        values = windows.scores(windows.fit_temperature(rest))
        scores[held_out] = values[held_out]
        of_rest = curves.trace(
            values[rest],
            windows.truths[rest],
            windows.recordings[rest],
            top,
            windows.reported,
        )
        kept[held_out] = values[held_out] >= of_rest.thresholds(aim)
    kept &= curves.candidates(scores, top)
    traced = {
        name: curves.trace(
            scores, windows.truths, windows.recordings, name, windows.reported
        )
        for name in curves.TOPS
    }
    before, after = (
        reliability.bins(
            *reliability.answers(s, windows.truths, windows.activation)
        )
        for s in (windows.scores(), scores)
    )
    return Fitted(
        windows.fit_temperature(),
        traced,
        before,
        after,
        top,
        check(windows, kept, traced[top], aim),
    )


def _folds(units: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(the rest, what is left out) of each fold, as indices of windows."""
    from sklearn import model_selection

    count = min(MAX_FOLDS, len(np.unique(units)))
    folds = model_selection.GroupKFold(count)
    return folds.split(units[:, None], groups=units)


def check(
    windows: LabelledWindows, kept: np.ndarray, traced: TaskCurves, aim: Aim
) -> list[dict[str, Any]]:
    """Precision and recall of thresholds on windows that they did not see.

    Args:
        windows: all of them.
        kept: whether a score reaches the threshold that was fitted without it,
            of shape (windows, classes).
        traced: of all windows.
        aim: of the thresholds.

    Returns:
        A row per class: "class", "recordings" (that have it), "own" (whether
        its threshold is its own), "threshold" (None if none reaches the aim),
        "precision" and "recall" with their "_interval", None where nothing is
        kept or known. The last row, "class" None, is of all classes that may
        be detections.
    """
    true = windows.truths == 1
    kept = kept & (windows.truths >= 0)
    counts = [
        _per_unit(_with_sum(values, windows.reported), windows.units)
        for values in (true & kept, kept, true)
    ]
    right, detected, positives = counts
    precisions = _shares("precision", right, detected)
    recalls = _shares("recall", right, positives)
    names: list[str | None] = [*windows.classes, None]
    limits: list[float | None] = [
        float(t) if np.isfinite(t) else None for t in traced.thresholds(aim)
    ]
    owns = [traced.has_own(i, aim) for i in range(len(windows.classes))]
    return [
        {
            "class": name,
            "recordings": curve.recordings,
            "own": own,
            "threshold": limit,
            **precision,
            **recall,
        }
        for name, curve, own, limit, precision, recall in zip(
            names,
            [*traced.classes, traced.pooled],
            [*owns, True],
            [*limits, None],
            precisions,
            recalls,
        )
    ]


def _with_sum(values: np.ndarray, reported: np.ndarray) -> np.ndarray:
    """Counts of each class, and of all reported ones as one more column."""
    total = values[:, reported].sum(axis=1)
    return np.column_stack([values, total]).astype(int)


def _per_unit(counts: np.ndarray, units: np.ndarray) -> np.ndarray:
    """The sums over the windows of each unit."""
    _, place = np.unique(units, return_inverse=True)
    sums = np.zeros((place.max() + 1, counts.shape[1]), int)
    np.add.at(sums, place, counts)
    return sums


def _shares(
    name: str, parts: np.ndarray, totals: np.ndarray
) -> Sequence[dict[str, Any]]:
    """The share of each column, with its interval."""
    return [
        {
            name: float(part / total) if total else None,
            f"{name}_interval": interval,
        }
        for part, total, interval in zip(
            parts.sum(axis=0),
            totals.sum(axis=0),
            bootstrap.share_intervals(parts, totals),
        )
    ]
