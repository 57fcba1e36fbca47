"""How far arms are above strided convolution, and above other networks."""

from __future__ import annotations

from collections.abc import Iterator

from audio_diffstride.sweep.comparison import Pair, setting_means
from audio_diffstride.sweep.cross_validation import GROUP
from studies import gains, other_networks
from studies.cutoff_values import independent
from studies.gains import Gain
from studies.how_good_sweeps import BASELINE, SHOWN, Sweep, spread
from studies.other_networks import Row

OVER_BASELINE = ["Above strided convolution", "Arm", "Runs", "Folds", "Points"]


def over_peers(
    rows: dict[str, list[Sweep]], peers: list[Row]
) -> Iterator[list[str]]:
    """How far the arms are above another network, over the same folds."""
    yield ["Above", "Row", "Arm", "Folds", "Points"]
    for row, sweeps in rows.items():
        for model, lines in other_networks.by_model(
            other_networks.of_row(peers, row)
        ).items():
            of_fold = {
                line["fold"]: other_networks.accuracy(line) for line in lines
            }
            for sweep in sweeps:
                for arm, results in sweep.by_arm.items():
                    points = {
                        r.run.pair: r.accuracy - of_fold[fold]
                        for r in results
                        if (fold := r.run.varied.get(GROUP)) in of_fold
                    }
                    if points:
                        yield [model, row, sweep.title(arm), *_mean(points)]


def over_baseline(rows: dict[str, list[Sweep]]) -> Iterator[list[str]]:
    """How far the arms are above strided convolution, over the same runs."""
    yield OVER_BASELINE
    for row, sweeps in rows.items():
        for sweep in sweeps:
            if BASELINE in sweep.by_arm:
                for gain in gains.gains(row, [sweep.results], BASELINE):
                    if gain.arm in SHOWN and gain.arm != BASELINE:
                        yield of_gain(gain, sweep.title(gain.arm))


def of_gain(gain: Gain, arm: str) -> list[str]:
    """The line of an arm below `OVER_BASELINE`.

    Its interval is over folds or over seeds; see `independent`.

    Args:
        gain: over strided convolution.
        arm: its title.
    """
    points = gain.differences
    return [gain.row, arm, str(len(points)), *_mean(points)]


def _mean(points: dict[Pair, float]) -> list[str]:
    """The number of folds, and the mean over the runs."""
    folds = str(len(setting_means(points)))
    return [folds, spread(independent(points), "+")]
