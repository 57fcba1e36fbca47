"""Two arms compared over runs that are equal otherwise."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from audio_diffstride.sweep.results import Result

_MAX_EXACT = 16  # pairs up to which every sign is tried: 65,536 ways
_NUM_DRAWS = 100_000

Pair = tuple[tuple[str, ...], int]  # of a run; see `PlannedRun.pair`


def sign_flip_p(differences: Sequence[float]) -> float:
    """The two-sided p-value of a sign-flip permutation test.

    If the arms were alike, each difference could as well have the other sign.
    The p-value is the share of all sign patterns with a mean at least as far
    from 0. For more than 16 differences, 100,000 random patterns and the
    observed one are used.

    Args:
        differences: one per pair, at least one.

    >>> sign_flip_p([1.0, 2.0, 3.0, 0.5])  # 2 of 16 signs
    0.125
    """
    values = np.asarray(differences, "float64")
    count = len(values)
    if count <= _MAX_EXACT:
        numbers = np.arange(2**count)[:, None]
        signs = 1 - 2 * ((numbers >> np.arange(count)) & 1)
    else:
        signs = np.random.default_rng(0).choice((-1, 1), (_NUM_DRAWS, count))
        signs[0] = 1
    sums = np.abs(signs @ values)
    observed = abs(values.sum())
    # Equal sums may differ in their last bits.
    return float((sums >= observed - 1e-9 * np.abs(values).sum()).mean())


def setting_means(values: dict[Pair, float]) -> list[float]:
    """The mean value of each setting."""
    return _means((setting, value) for (setting, _), value in values.items())


def seed_means(values: dict[Pair, float]) -> list[float]:
    """The mean value of each seed."""
    return _means((seed, value) for (_, seed), value in values.items())


def _means(parts: Iterable[tuple[object, float]]) -> list[float]:
    """The mean value of each part, from pairs of part and value."""
    of_part: dict[object, list[float]] = {}
    for part, value in parts:
        of_part.setdefault(part, []).append(value)
    return [*map(statistics.mean, of_part.values())]


def compare(results: list[Result]) -> list[dict[str, Any]]:
    """Compares every two arms that have runs in common, task by task.

    Returns:
        One row per task and pair of arms:
        task, arm, other: what is compared
        pairs: runs of both with the same strides, varied fields and seed
        difference: mean accuracy of `arm` less that of `other`, in % points
        deviation: sample standard deviation of the differences, "" for one
        p: of `sign_flip_p` on the pairs
        settings: the number of table rows that the pairs belong to
        p_settings: of `sign_flip_p` on the mean difference of each setting
    """
    arms = list(dict.fromkeys(result.run.arm for result in results))
    tasks = dict.fromkeys(t for r in results for t in r.accuracies)
    return [
        row
        for task in tasks
        for arm, other in itertools.combinations(reversed(arms), 2)
        for row in _compare(results, task, arm, other)
    ]


def _compare(
    results: list[Result], task: str, arm: str, other: str
) -> Iterator[dict[str, Any]]:
    of_arm, of_other = (
        {
            result.run.pair: result.accuracies[task]
            for result in results
            if result.run.arm == name and task in result.accuracies
        }
        for name in (arm, other)
    )
    by_pair = {
        pair: of_arm[pair] - of_other[pair]
        for pair in of_arm
        if pair in of_other
    }
    if not by_pair:
        return
    differences, means = [*by_pair.values()], setting_means(by_pair)
    several = len(differences) > 1
    yield {
        "task": task,
        "arm": arm,
        "other": other,
        "pairs": len(differences),
        "difference": statistics.mean(differences),
        "deviation": statistics.stdev(differences) if several else "",
        "p": sign_flip_p(differences),
        "settings": len(means),
        "p_settings": sign_flip_p(means),
    }


def cells(rows: list[dict[str, Any]]) -> list[list[str]]:
    """The rows of `compare` as a table for a terminal or a page."""
    lines = [
        ["Task", "Arm", "less", "Difference (% points)", "p"]
        + ["Settings", "p over settings"]
    ]
    for row in rows:
        std = row["deviation"]
        spread = f" ± {std:.1f}" if std != "" else ""
        lines.append(
            [
                row["task"],
                row["arm"],
                row["other"],
                f"{row['difference']:+.1f}{spread} ({row['pairs']})",
                f"{row['p']:.2g}",
                str(row["settings"]),
                f"{row['p_settings']:.2g}",
            ]
        )
    return lines
