"""The axes of features, and the units of frequencies along them."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Axis:
    """One spatial axis of the features that a front end computes.

    Attributes:
        name: for example "time".
        unit: of a frequency along the axis, for example "Hz".
        rate: sampling rate of the axis: samples per second for "Hz",
            samples per band or pixel otherwise.
    """

    name: str
    unit: str
    rate: float
