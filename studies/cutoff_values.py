"""Learned cut-offs of kept runs, and intervals of their means.

Cut-offs are in units of the spectrogram: Hz along time, cycles per mel band
along frequency, in every block.
"""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Sequence

import numpy as np
import scipy.stats

from audio_diffstride.config.arms import ARMS, in_order
from audio_diffstride.cutoffs.frequencies import FRAME_RATE_HZ, cutoff
from audio_diffstride.sweep.comparison import Pair, seed_means, setting_means
from audio_diffstride.sweep.results import Result

LEVEL = 0.95
MIN_RUNS = 3  # for an interval
AXES = ("time", "frequency")
RATES = {"time": FRAME_RATE_HZ, "frequency": 1.0}
START = {axis: cutoff(2.0, rate) for axis, rate in RATES.items()}
_SIZES = {"time": 100, "frequency": 64}  # frames of a window, mel bands
_BINS = 4.0  # the transition band of arms that set no other


@dataclasses.dataclass(frozen=True)
class Interval:
    """A mean and its interval of 95 %.

    Attributes:
        mean: of the values, or of a difference of two sides.
        half_width: of the interval; None for fewer than three values.
        count: of the values, or of those of the smaller side.
        values: of one side; empty for a difference of two.
    """

    mean: float
    half_width: float | None = None
    count: int = 1
    values: Sequence[float] = ()

    @property
    def excludes_0(self) -> bool:
        """Whether 0 is outside the interval."""
        return self.half_width is not None and abs(self.mean) > self.half_width


def interval(values: Sequence[float]) -> Interval:
    """The t interval of a mean.

    >>> interval([1.0, 2.0, 3.0]).half_width  # 4.30 standard errors
    2.48...
    """
    half, count = None, len(values)
    if count >= MIN_RUNS:
        error = statistics.stdev(values) / count**0.5
        half = float(scipy.stats.t.ppf((1 + LEVEL) / 2, count - 1)) * error
    return Interval(statistics.mean(values), half, count, values)


def difference(values: Sequence[float], others: Sequence[float]) -> Interval:
    """The Welch interval of a difference of means, of unpaired values."""
    mean = statistics.mean(values) - statistics.mean(others)
    half, count = None, min(len(values), len(others))
    if count >= MIN_RUNS:
        test = scipy.stats.ttest_ind(values, others, equal_var=False)
        low, high = test.confidence_interval(LEVEL)
        half = float(high - low) / 2
    return Interval(mean, half, count)


def learning_arms(results: list[Result]) -> list[str]:
    """The arms of some results that learn strides, in the order of `ARMS`."""
    return in_order(r.run.arm for r in results if r.run.learns_strides)


def first_cutoffs(
    results: list[Result], arm: str, axis: str
) -> dict[Pair, float]:
    """{(setting, seed): cut-off of the first block} of an arm."""
    return {
        r.run.pair: cutoff(r.strides[f"block1_{axis}"], RATES[axis])
        for r in results
        if r.run.arm == arm
    }


def independent(values: dict[Pair, float]) -> list[float]:
    """The means whose interval says how well the mean of all runs is known.

    Runs of one fold share their recordings, and runs of one seed the weights
    that they start from. So single runs are not independent.

    Returns:
        One mean per fold, over its seeds, or one per seed, over its folds:
        those with the wider interval. Without three seeds it is those of the
        folds, with one fold those of the seeds.

    >>> independent({(("a",), 0): 1.0, (("a",), 1): 3.0, (("b",), 0): 5.0})
    [2.0, 5.0]
    """
    folds, seeds = setting_means(values), seed_means(values)
    if len(folds) == 1:
        return seeds
    is_complete = len(values) == len(folds) * len(seeds)
    if len(folds) < MIN_RUNS or len(seeds) < MIN_RUNS or not is_complete:
        return folds
    return max(folds, seeds, key=lambda means: interval(means).half_width or 0)


def by_block(strides: Sequence[float], arm: str, axis: str) -> list[float]:
    """The cut-off of each block along an axis, in units of the spectrogram.

    Args:
        strides: along the axis, in depth order.
        arm: whose transition band sets the sizes.
        axis: "time" or "frequency".

    >>> by_block([2.0, 2.0], "folding", "time")
    [25.0, 12.5]
    """
    from audio_diffstride.layers import spectral

    fields = ARMS[arm].fields
    band = str(fields["transition_band"])
    percent = float(str(fields["smoothness_percent"]))
    full = size = _SIZES[axis]
    found = []
    for stride in strides:
        bins = spectral.smoothness_bins(size, percent) if percent else _BINS
        used = float(
            np.array(spectral.effective_stride(stride, size, bins, band))
        )
        found.append(cutoff(used, RATES[axis] * size / full))
        size = spectral.output_size(stride, size, bins, band)
    return found


def strides_along(result: Result, axis: str) -> list[float]:
    """The stride of each block of a run along an axis."""
    return [s for p, s in result.strides.items() if p.endswith(f"_{axis}")]


def blocks_of(result: Result, axis: str) -> list[float]:
    """The cut-off of each block of a run along an axis."""
    return by_block(strides_along(result, axis), result.run.arm, axis)
