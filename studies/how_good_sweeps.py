"""The kept sweeps of a row, and means over their folds."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

from audio_diffstride.config.arms import ARMS
from audio_diffstride.sweep.results import Result
from studies import cutoff_values, kept_results

BASELINE = "strided_conv"
SHOWN = (
    BASELINE,
    "spectral",
    "folding",
    "folding-after-relu",
    "folding-low-cost",
)


@dataclasses.dataclass(frozen=True)
class Sweep:
    """A kept sweep of a row, in one folder or in one per seed.

    Attributes:
        folders: where it is.
        recipe: what its training adds; "" for the plain one.
    """

    folders: tuple[str, ...]
    recipe: str = ""

    @functools.cached_property
    def results(self) -> list[Result]:
        """Its results on the test split."""
        return kept_results.read_all(self.folders)

    @property
    def by_arm(self) -> dict[str, list[Result]]:
        """{arm: results} of the arms that are shown."""
        found = {a: [r for r in self.results if r.run.arm == a] for a in SHOWN}
        return {arm: results for arm, results in found.items() if results}

    def title(self, arm: str) -> str:
        """The arm, and the recipe if it is not the plain one."""
        return ARMS[arm].title + (f" + {self.recipe}" if self.recipe else "")


def spread(values: Sequence[float], sign: str = "") -> str:
    """A mean with its interval of 95 %.

    Args:
        values: accuracies in %, or differences of two.
        sign: "+" for differences.

    >>> spread([70.0, 80.0, 90.0]), spread([70.0, 80.0])
    ('80.0 (55.2 to 100.0)', '75.0')
    """
    found = cutoff_values.interval(values)
    mean = f"{found.mean:{sign}.1f}"
    if found.half_width is None:
        return mean
    low, high = found.mean - found.half_width, found.mean + found.half_width
    if not sign:
        low, high = max(low, 0.0), min(high, 100.0)
    return f"{mean} ({low:{sign}.1f} to {high:{sign}.1f})"
