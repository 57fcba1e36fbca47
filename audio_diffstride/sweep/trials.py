"""The trials of a search, as its plan keeps them."""

from __future__ import annotations

import dataclasses
import statistics
from typing import Any

from audio_diffstride.training.monitor import Monitor


@dataclasses.dataclass(frozen=True)
class Trial:
    """Values of the searched fields, and the scores of its runs.

    Attributes:
        values: {field: value}.
        scores: {name of a run: its best monitored score}. None is a run that
            failed, or that is not finished.
    """

    values: dict[str, Any]
    scores: dict[str, float | None]

    @property
    def found(self) -> list[float]:
        """The scores that there are."""
        return [score for score in self.scores.values() if score is not None]

    @property
    def score(self) -> float | None:
        """The mean over the runs; None until all have one.

        >>> Trial({}, {"a": 0.5, "b": 1.0}).score, Trial({}, {"a": None}).score
        (0.75, None)
        """
        if len(self.found) < len(self.scores):
            return None
        return statistics.fmean(self.found)


@dataclasses.dataclass(frozen=True)
class Search:
    """A search: what it chooses from, and its trials so far.

    Attributes:
        over: {field: its range or choices, as text}.
        trials: in their order.
    """

    over: dict[str, str]
    trials: list[Trial]

    @property
    def is_complete(self) -> bool:
        """Whether every trial has its score."""
        return all(trial.score is not None for trial in self.trials)

    def ranked(self, monitor: Monitor) -> list[tuple[int, Trial]]:
        """The trials with their numbers from 1, best first, without score last.

        >>> trials = [Trial({}, {"a": score}) for score in (0.3, None, 0.2)]
        >>> [number for number, _ in Search({}, trials).ranked(Monitor("loss"))]
        [3, 1, 2]
        """

        def order(numbered: tuple[int, Trial]) -> tuple[bool, float]:
            score = numbered[1].score
            if score is None:
                return True, 0.0
            return False, score if monitor.lower_is_better else -score

        return sorted(enumerate(self.trials, start=1), key=order)
