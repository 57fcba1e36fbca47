"""Two arms against each other, over runs that differ in nothing else."""

from __future__ import annotations

import itertools
import statistics

import numpy as np

from audio_diffstride.sweep.results import Result

_MAX_EXACT = 16  # pairs whose every sign is tried: 65,536 ways
_DRAWS = 100_000


def sign_flip_p(differences) -> float:
    """The two-sided p-value that differences have no sign of their own.

    If the two arms were alike, each difference could as well have had the
    other sign: p is the share of all signs that make the mean at least as far
    from 0. Of more than 16 differences, 100,000 drawn signs and the given.

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
        signs = np.random.default_rng(0).choice((-1, 1), (_DRAWS, count))
        signs[0] = 1
    sums = np.abs(signs @ values)
    observed = abs(values.sum())
    # Equal sums may differ in their last bits.
    return float((sums >= observed - 1e-9 * np.abs(values).sum()).mean())


def setting_means(differences: dict[tuple, float]) -> list[float]:
    """The mean of each setting, of differences by (setting, seed)."""
    of_setting = {}
    for (setting, _), difference in differences.items():
        of_setting.setdefault(setting, []).append(difference)
    return [*map(statistics.mean, of_setting.values())]


def compare(results: list[Result]) -> list[dict]:
    """A row per task and pair of arms that have runs in common.

    Returns:
        task, arm, other: what is compared
        pairs: runs of both with the same strides, varied fields and seed
        difference: mean accuracy of `arm` less that of `other`, in % points
        deviation: sample deviation of the differences, "" for one
        p: of `sign_flip_p` on the pairs
        settings: rows of the table that the pairs are of
        p_settings: the same on the mean difference of each setting
    """
    arms = list(dict.fromkeys(result.run.arm for result in results))
    tasks = dict.fromkeys(t for r in results for t in r.accuracies)
    return [
        row
        for task in tasks
        for arm, other in itertools.combinations(reversed(arms), 2)
        for row in _compare(results, task, arm, other)
    ]


def _compare(results: list[Result], task: str, arm: str, other: str):
    of_arm, of_other = (
        {
            (result.run.setting, result.run.seed): result.accuracies[task]
            for result in results
            if result.run.arm == name and task in result.accuracies
        }
        for name in (arm, other)
    )
    by_key = {
        key: of_arm[key] - of_other[key] for key in of_arm if key in of_other
    }
    if not by_key:
        return
    differences, means = [*by_key.values()], setting_means(by_key)
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


def cells(rows: list[dict]) -> list[list[str]]:
    """The rows for a terminal or a page."""
    lines = [
        ["Task", "Arm", "less", "Difference (% points)", "p"]
        + ["Settings", "p over settings"]
    ]
    for row in rows:
        deviation = row["deviation"]
        spread = f" ± {deviation:.1f}" if deviation != "" else ""
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
