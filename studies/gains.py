"""What an arm gains over another, over runs with the same data and seed."""

from __future__ import annotations

import dataclasses
import statistics

from audio_diffstride.errors import UserError
from audio_diffstride.sweep.comparison import setting_means, sign_flip_p
from audio_diffstride.sweep.results import Result


@dataclasses.dataclass(frozen=True)
class Gain:
    """An arm against the reference, on one task of one row.

    Attributes:
        row: its title.
        task: of the accuracies.
        arm: one of `arms.ARMS`.
        is_matched: whether it is of a further folder of the row.
        accuracies: in %, of all its runs.
        differences: {(setting, seed): accuracy less that of the reference}.
        cost_ratio: multiply-adds over those of the reference, on average.
    """

    row: str
    task: str
    arm: str
    is_matched: bool
    accuracies: list[float]
    differences: dict[tuple, float]
    cost_ratio: float

    @property
    def mean(self) -> float:
        """Of the differences, in % points."""
        return statistics.mean(self.differences.values())

    @property
    def deviation(self) -> float:
        """Sample deviation of the differences; 0 for one."""
        values = [*self.differences.values()]
        return statistics.stdev(values) if len(values) > 1 else 0.0

    @property
    def standard_error(self) -> float:
        """Of the mean difference."""
        return self.deviation / len(self.differences) ** 0.5

    @property
    def p(self) -> float:
        """Of `sign_flip_p`; each setting's mean is one difference, if several.

        Runs of one setting share its data, so they are not independent.
        """
        means = setting_means(self.differences)
        if len(means) == 1:
            return sign_flip_p([*self.differences.values()])
        return sign_flip_p(means)


def gains(title: str, sweeps: list[list[Result]], reference: str):
    """Yields every arm of a row against the reference, task by task.

    Args:
        title: of the row.
        sweeps: its own results, then those at other widths.
        reference: the arm that they are compared with.

    Raises:
        UserError: if the row has no run of the reference.
    """
    own = [r for r in sweeps[0] if r.run.arm == reference]
    if not own:
        raise UserError(
            f"--row {title!r} has no run of {reference}, which the other arms "
            "are compared with; give another --reference"
        )
    base = {(r.run.setting, r.run.seed): r for r in own}
    for task in dict.fromkeys(t for r in sweeps[0] for t in r.accuracies):
        for number, found in enumerate(sweeps):
            for arm in dict.fromkeys(r.run.arm for r in found):
                pairs = {
                    (r.run.setting, r.run.seed): r
                    for r in found
                    if r.run.arm == arm and task in r.accuracies
                }
                pairs = {key: r for key, r in pairs.items() if key in base}
                if pairs:
                    yield _gain(title, task, arm, bool(number), pairs, base)


def _gain(title, task, arm, is_matched, pairs, base) -> Gain:
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
