"""The axes of features, and the units of frequencies along them."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Axis:
    """One spatial axis of what a front end gives.

    Attributes:
        name: like "time".
        unit: of a frequency along it, like "Hz".
        rate: samples per second, or per whatever the unit is per.
    """

    name: str
    unit: str
    rate: float
