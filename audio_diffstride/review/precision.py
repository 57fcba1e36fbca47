"""How many detections are right, by the verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from audio_diffstride.review.verdicts import Verdict

_LEVEL = 0.95


def interval(right: int, total: int) -> tuple[float, float]:
    """The Wilson interval of a share, at 95 %.

    >>> [round(edge, 3) for edge in interval(9, 10)]
    [0.596, 0.982]
    """
    import scipy.stats

    found = scipy.stats.binomtest(right, total).proportion_ci(
        _LEVEL, method="wilson"
    )
    return float(found.low), float(found.high)


def lines(verdicts: Sequence[Verdict]) -> list[list[str]]:
    """A table of the precision of each class, the header first."""
    several = len({verdict.task for verdict in verdicts}) > 1
    counts: dict[str, list[int]] = {}
    for verdict in sorted(verdicts, key=lambda one: (one.task, one.label)):
        task = f"{verdict.task} " if several else ""
        count = counts.setdefault(f"{task}{verdict.label}", [0, 0])
        count[0] += verdict.is_right
        count[1] += 1
    table = [["class", "right", "of", "precision", "95 % interval"]]
    for name, (right, total) in counts.items():
        low, high = interval(right, total)
        table.append(
            [
                name,
                str(right),
                str(total),
                f"{right / total:.2f}",
                f"{low:.2f} to {high:.2f}",
            ]
        )
    return table
