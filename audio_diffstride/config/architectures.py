"""The published networks: what can be chosen of each, and what it is if not.

Facts only, so that a config is checked before Keras is there; the layers are
in `models`.
"""

from __future__ import annotations

import dataclasses

# The ways in which a place of any of them downsamples.
DOWNSAMPLING = (
    "strided_conv",
    "spectral",
    "diffstride",
    "max_pool",
    "average_pool",
)
# Where a block of the audio network does it; the paper's is the second.
POSITIONS = ("before_convolution", "after_convolution", "after_relu")


def positions(downsampling: str) -> tuple[str, ...]:
    """Which of POSITIONS a way to downsample may have.

    A convolution's own stride is where it is.

    >>> positions("strided_conv")
    ('after_convolution',)
    """
    if downsampling == "strided_conv":
        return ("after_convolution",)
    return POSITIONS


@dataclasses.dataclass(frozen=True)
class Architecture:
    """One encoder that a config can ask for.

    Attributes:
        encoder: the name of its class in `models`.
        strides: where it downsamples, in depth order; the published strides.
        channels: of each block, or None where they are not for choosing.
        most_channels: at the output of a block, where `channels` is None.
        optional_strides: how many of the first blocks may have no strides.
        axes: spatial axes of its input.
        has_positions: whether it may downsample at any of POSITIONS.
        has_stem: whether it begins otherwise for small and large inputs.
        arguments: what else makes this one of the class.
    """

    encoder: str
    strides: tuple
    channels: tuple | None = None
    most_channels: int = 0
    optional_strides: int = 0
    axes: int = 2
    has_positions: bool = False
    has_stem: bool = True
    arguments: dict = dataclasses.field(default_factory=dict)


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
    # Huang et al., 2017, table 1. Of its three transitions the first may keep
    # its size: Riad et al., 2022, appendix A, downsample twice.
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
