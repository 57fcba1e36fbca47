"""The published networks: their options and defaults.

Facts only, so that a config is checked without Keras. The layers are in
`models`.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, get_args

# The ways to downsample; every network can use each.
Downsampling = Literal[
    "strided_conv",
    "spectral",
    "diffstride",
    "max_pool",
    "average_pool",
]
# Where a block of the audio network downsamples; the second is the paper's.
Position = Literal["before_convolution", "after_convolution", "after_relu"]
DOWNSAMPLING: tuple[str, ...] = get_args(Downsampling)
POSITIONS: tuple[str, ...] = get_args(Position)


def positions(downsampling: str) -> tuple[str, ...]:
    """The positions that a way to downsample can take.

    A strided convolution has only its own.

    >>> positions("strided_conv")
    ('after_convolution',)
    """
    if downsampling == "strided_conv":
        return ("after_convolution",)
    return POSITIONS


@dataclasses.dataclass(frozen=True)
class Architecture:
    """One encoder that a config can choose.

    Attributes:
        encoder: the name of its class in `models`.
        strides: the published strides of each place, in depth order.
        channels: of each block; None if they are fixed.
        most_channels: the most at the output of a block, if they are fixed.
        optional_strides: how many of the first blocks may have no strides.
        axes: number of spatial axes of the input.
        has_positions: whether it can downsample at any of POSITIONS.
        has_stem: whether it has a stem for small and one for large inputs.
        arguments: other arguments of the class.
    """

    encoder: str
    strides: tuple[tuple[int, ...], ...]
    channels: tuple[int, ...] | None = None
    most_channels: int = 0
    optional_strides: int = 0
    axes: int = 2
    has_positions: bool = False
    has_stem: bool = True
    arguments: dict[str, Any] = dataclasses.field(default_factory=dict)


# He et al., 2016, table 1; strides of Riad et al., 2022, section 3.2
_RESNET18 = Architecture(
    "ResNet",
    strides=((2, 2), (2, 2), (2, 2)),
    channels=(64, 128, 256, 512),
    optional_strides=1,
)
ARCHITECTURES = {
    # Riad et al., 2022, section 3.1
    "time_frequency": Architecture(
        "TimeFrequencyEncoder",
        strides=((2, 2), (2, 2), (1, 1), (2, 2), (1, 1), (2, 2)),
        channels=(64, 128, 256, 256, 512, 512),
        has_positions=True,
        has_stem=False,
    ),
    # Dai et al., 2017, table 1, M5
    "waveform": Architecture(
        "WaveformEncoder",
        strides=((4,), (4,), (4,), (4,)),
        channels=(128, 128, 256, 512),
        axes=1,
        has_stem=False,
    ),
    "resnet18": _RESNET18,
    "resnet18_preactivation": dataclasses.replace(
        _RESNET18, arguments={"preactivation": True}
    ),
    # Huang et al., 2017, table 1. Riad et al., 2022, appendix A, downsample
    # only twice, so the first of the three transitions may keep its size.
    "densenet121": Architecture(
        "DenseNet",
        strides=((2, 2), (2, 2), (2, 2)),
        most_channels=1024,
        optional_strides=1,
    ),
    # Tan and Le, 2019, table 1; strides of Riad et al., 2022, table A.5
    "efficientnet_b0": Architecture(
        "EfficientNet",
        strides=((1, 1), (2, 2), (2, 2), (2, 2), (1, 1), (2, 2), (1, 1)),
        most_channels=1280,
    ),
}
