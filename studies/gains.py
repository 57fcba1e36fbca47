"""What an arm gains over a reference, in runs with equal data and seed."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterator

from audio_diffstride.errors import UserError
from audio_diffstride.sweep.comparison import Pair, setting_means, sign_flip_p
from audio_diffstride.sweep.results import Result


@dataclasses.dataclass(frozen=True)
class Gain:
    """An arm compared with the reference, on one task of one row.

    Attributes:
        row: the title of the row.
        task: of the accuracies.
        arm: one of `arms.ARMS`.
        is_matched: whether its width was set for equal cost (`--match_cost`).
        accuracies: in %, of all its runs.
        differences: {(setting, seed): accuracy less that of the reference}.
        cost_ratio: multiply-adds divided by those of the reference, the mean.
    """

    row: str
    task: str
    arm: str
    is_matched: bool
    accuracies: list[float]
    differences: dict[Pair, float]
    cost_ratio: float

    @property
    def mean(self) -> float:
        """The mean difference, in % points."""
        return statistics.mean(self.differences.values())

    @property
    def std(self) -> float:
        """The sample standard deviation of the differences; 0 for one."""
        values = [*self.differences.values()]
        return statistics.stdev(values) if len(values) > 1 else 0.0

    @property
    def standard_error(self) -> float:
        """The standard error of the mean difference."""
        return self.std / len(self.differences) ** 0.5

    @property
    def p(self) -> float:
        """The p-value of `sign_flip_p`.

        Runs of one setting share their data, so they are not independent. If
        there are several settings, the mean of each counts as one difference.
        """
        means = setting_means(self.differences)
        if len(means) == 1:
            return sign_flip_p([*self.differences.values()])
        return sign_flip_p(means)


def gains(
    title: str, sweeps: list[list[Result]], reference: str
) -> Iterator[Gain]:
    """Compares every arm of a row with the reference, task by task.

    Args:
        title: of the row.
        sweeps: the row's own results, then those at matched cost.
        reference: the arm that the others are compared with.

    Raises:
        UserError: if the row has no run of the reference.
    """
    own = [r for r in sweeps[0] if r.run.arm == reference]
    if not own:
        raise UserError(
            f"--row {title!r} has no run of {reference}, which the other arms "
            "are compared with; give another --reference"
        )
    base = {r.run.pair: r for r in own}
    for task in dict.fromkeys(t for r in sweeps[0] for t in r.accuracies):
        for number, found in enumerate(sweeps):
            for arm in dict.fromkeys(r.run.arm for r in found):
                pairs = {
                    r.run.pair: r
                    for r in found
                    if r.run.arm == arm and task in r.accuracies
                }
                pairs = {key: r for key, r in pairs.items() if key in base}
                if pairs:
                    yield _gain(title, task, arm, bool(number), pairs, base)


def _gain(
    title: str,
    task: str,
    arm: str,
    is_matched: bool,
    pairs: dict[Pair, Result],
    base: dict[Pair, Result],
) -> Gain:
    return Gain(
        title,
        task,
        arm,
        is_matched,
        [r.accuracies[task] for r in pairs.values()],
        {
            key: r.accuracies[task] - base[key].accuracies[task]
            for key, r in pairs.items()
        },
        statistics.mean(
            r.multiply_adds / base[key].multiply_adds
            for key, r in pairs.items()
        ),
    )
