"""The results of a probe: for a terminal, CSV and JSON."""

from __future__ import annotations

import dataclasses
from typing import Any

from audio_diffstride.evaluation.bootstrap import NUM_RESAMPLES
from audio_diffstride.probe.scoring import SCORES, Score
from audio_diffstride.terminal.text_table import aligned

ALL = "all"  # examples: every recording outside of the test set


@dataclasses.dataclass(frozen=True)
class Result:
    """The scores of one classifier on one task.

    Attributes:
        task: the task.
        probe: the classifier.
        examples: training recordings of each class, or `ALL`.
        scores: {one of `SCORES`: the score}.
    """

    task: str
    probe: str
    examples: int | str
    scores: dict[str, Score]

    @property
    def num_draws(self) -> int:
        """The number of draws; 0 of a cross-validation."""
        return len(self.scores[SCORES[0]].draws)


def rows(results: list[Result]) -> list[dict[str, Any]]:
    """The rows of the CSV; numbers that are not there are empty."""
    found = []
    for result in results:
        row: dict[str, Any] = {
            "task": result.task,
            "probe": result.probe,
            "examples": result.examples,
            "draws": result.num_draws or "",
        }
        for name, score in result.scores.items():
            low, high = score.interval or ("", "")
            deviation = "" if score.deviation is None else score.deviation
            row[name] = score.value
            row[f"{name}_low"], row[f"{name}_high"] = low, high
            row[f"{name}_deviation"] = deviation
        found.append(row)
    return found


def to_json(results: list[Result]) -> list[dict[str, Any]]:
    """The same for JSON, with the scores of every draw."""
    return [dataclasses.asdict(result) for result in results]


def format_table(results: list[Result]) -> str:
    """The table for a terminal."""
    lines = [
        ["task", "probe", "per class", "accuracy", "95 % interval"]
        + ["deviation", "balanced", "95 % interval"]
    ]
    for result in results:
        accuracy, balanced = (result.scores[name] for name in SCORES)
        deviation = accuracy.deviation
        lines.append(
            [
                result.task,
                result.probe,
                str(result.examples),
                _percent(accuracy.value),
                _interval(accuracy),
                "" if deviation is None else f"{100 * deviation:.1f}",
                _percent(balanced.value),
                _interval(balanced),
            ]
        )
    return "\n".join(aligned(lines))


def describe(task: dict[str, Any], name: str) -> str:
    """What was tested, in a line.

    >>> print(describe({"recordings": 400, "classes": ["a", "b"],
    ...     "chance": 0.5, "tests": "each of 5 groups",
    ...     "resampled": "groups"}, "sound"))
    sound: 400 recordings of 2 classes, chance 50.0 %; the test sets are each \
of 5 groups; intervals of 'all' from 1,000 bootstrap resamples of the groups
    """
    return (
        f"{name}: {task['recordings']} recordings of {len(task['classes'])} "
        f"classes, chance {_percent(task['chance'])}; the test sets are "
        f"{task['tests']}; intervals of '{ALL}' from {NUM_RESAMPLES:,} "
        f"bootstrap resamples of the {task['resampled']}"
    )


def _interval(score: Score) -> str:
    if score.interval is None:
        return ""
    low, high = score.interval
    return f"{100 * low:.1f} to {_percent(high)}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
