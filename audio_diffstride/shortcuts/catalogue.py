"""The traits that are compared, and what each one means.

Three kinds of traits differ in what they prove:

- "file": the network hears them, and no sound explains them.
- "sound": the network hears them, and they may be part of a sound. Rain is
  louder than a clock.
- "origin": the network does not hear them. They show that classes come from
  different places.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

Kind = Literal["file", "sound", "origin"]


@dataclasses.dataclass(frozen=True)
class Trait:
    """A trait, and when it counts.

    Attributes:
        field: of `traits.Traits`.
        title: its name in tables.
        kind: see above.
        limit: the separation from which on it is reported. Between the highest
            of honest data sets and the lowest of made ones: see docs.
        unit: of its values; empty for text.
        digits: after the point.
        scale: what to multiply the value by for its unit.
        ordered: whether values can be compared; otherwise they are names.
    """

    field: str
    title: str
    kind: Kind
    limit: float
    unit: str = ""
    digits: int = 0
    scale: float = 1.0
    ordered: bool = True

    def describe(self, value: object) -> str:
        """A value as a reader sees it.

        >>> Trait("level_db", "level", "sound", 0.95, "dB").describe(-20.4)
        '-20 dB'
        """
        if not self.ordered:
            return str(value)
        number = float(value) * self.scale  # type: ignore[arg-type]
        unit = f" {self.unit}" if self.unit else ""
        # Thousands get a comma, but not the date.
        comma = "," if self.unit else ""
        return f"{number:{comma}.{self.digits}f}{unit}"


# A fact of the file has no cause in a sound, so a weak link counts. The other
# limits follow from digits, words, notes and environmental sounds. There, no
# bandwidth reaches 0.70, no pause 0.80, no digital silence 0.90, and nothing
# else 0.95.
TRAITS = (
    Trait("format", "format", "file", 0.75, ordered=False),
    Trait("sample_rate_hz", "sample rate", "file", 0.75, "Hz"),
    Trait("bits", "bit depth", "file", 0.75, "bit"),
    Trait("channels", "channels", "file", 0.75, "channels"),
    Trait("bandwidth_hz", "bandwidth", "file", 0.85, "Hz"),
    Trait("silent_share", "digital silence", "file", 0.95, "%", scale=100),
    Trait("floor_db", "noise floor", "sound", 0.95, "dB"),
    Trait("level_db", "level", "sound", 0.95, "dB"),
    Trait("duration_s", "length", "sound", 0.95, "s", 2),
    Trait("pause_s", "pause at the start", "sound", 0.85, "s", 2),
    Trait("dc_offset", "constant offset", "origin", 0.95, "%", 2, 100),
    Trait("date", "date", "origin", 0.95),
    Trait("folder", "folder", "origin", 0.95, ordered=False),
    Trait("name_pattern", "pattern of names", "origin", 0.95, ordered=False),
)
BY_FIELD = {trait.field: trait for trait in TRAITS}
