"""The arms of a comparison: each has a name and sets fields of the model."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from audio_diffstride.errors import UserError


@dataclasses.dataclass(frozen=True)
class Arm:
    """One way to downsample; all else in a comparison is the same.

    Attributes:
        title: its name in tables.
        fields: {field of config.model: value}; the config gives the others.
    """

    title: str
    fields: dict[str, object]

    @property
    def learns_strides(self) -> bool:
        """Whether its strides move during training."""
        return self.fields["downsampling"] == "diffstride"


def _banded(title: str, band: str, percent: float) -> Arm:
    """DiffStride with this transition band instead of the config's."""
    return Arm(
        title,
        {
            "downsampling": "diffstride",
            "transition_band": band,
            "smoothness_percent": percent,
        },
    )


def _folding(
    title: str, start: float, learned: bool = False, **own: object
) -> Arm:
    """The arm `inside`, with a folding that is fixed or learned."""
    inside = _banded(title, "inside", percent=0.0)
    fields = {"folding": start, "learn_folding": learned}
    return Arm(title, inside.fields | fields | own)


ARMS = {
    "strided_conv": Arm("Strided conv.", {"downsampling": "strided_conv"}),
    "max_pool": Arm("Max pool", {"downsampling": "max_pool"}),
    "average_pool": Arm("Average pool", {"downsampling": "average_pool"}),
    "spectral": Arm("Spectral", {"downsampling": "spectral"}),
    "diffstride": Arm("DiffStride", {"downsampling": "diffstride"}),
    "inside": _banded("DiffStride inside", "inside", percent=0.0),
    "scale-free": _banded("DiffStride scale-free", "outside", percent=4.0),
    "outside": _banded("DiffStride outside", "outside", percent=0.0),
    "shared": Arm(
        "DiffStride shared",
        {"downsampling": "diffstride", "shared_stride": True},
    ),
}
ARMS |= {
    "folded": _folding("DiffStride folded", 1.0),
    "folding": _folding("DiffStride folding", 0.5, learned=True),
    "folding-from-0": _folding("DiffStride folding from 0", 0.0, learned=True),
    "folding-frequency": _folding(
        "DiffStride folding frequency", 0.5, learned=True, folded_axes="second"
    ),
    "half-folded": _folding(
        "DiffStride half folded", 1.0, folded_channels="half"
    ),
}
_FOLDING = tuple(name for name in ARMS if "fold" in name)
# Words in titles for the positions other than the paper's.
POSITION_WORDS = {"before_convolution": "before", "after_relu": "after ReLU"}
# The same weights, but another position: see `TimeFrequencyBlock`.
ARMS |= {
    f"{name}-{words.lower().replace(' ', '-')}": Arm(
        f"{ARMS[name].title} {words}",
        {**ARMS[name].fields, "downsampling_position": position},
    )
    for position, words in POSITION_WORDS.items()
    for name in ("spectral", "inside", "scale-free", "outside", *_FOLDING)
}
ARMS["folding-low-cost"] = _folding(
    "DiffStride folding low cost",
    0.5,
    learned=True,
    downsampling_position="after_relu",
    complexity_weight=0.03,
)

PAPER = ("strided_conv", "spectral", "diffstride")  # of Tables 1, 3 and 4


def in_order(names: Iterable[str]) -> list[str]:
    """The arms among some names, each once, in the order of `ARMS`.

    >>> in_order(["inside", "strided_conv", "inside"])
    ['strided_conv', 'inside']
    """
    there = {*names}
    return [arm for arm in ARMS if arm in there]


def choose(names: Iterable[str]) -> tuple[str, ...]:
    """The arms of a command's --arms; "all" stands for the paper's three.

    Raises:
        UserError: for an unknown arm, or one that is given twice.

    >>> choose(["all", "inside"])
    ('strided_conv', 'spectral', 'diffstride', 'inside')
    """
    chosen: list[str] = []
    for name in names:
        for arm in PAPER if name == "all" else (name,):
            if arm not in ARMS:
                raise UserError(
                    f"--arms: there is no arm {arm!r}; there are all, "
                    f"{', '.join(ARMS)}"
                )
            if arm in chosen:
                raise UserError(f"--arms has {arm} twice; give it once")
            chosen.append(arm)
    return tuple(chosen)
