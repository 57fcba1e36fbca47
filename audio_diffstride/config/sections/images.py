"""The fields of images."""

from __future__ import annotations

from typing import Literal

from audio_diffstride.config import field_types
from audio_diffstride.config.sections.section import Section, setting


class Image(Section):
    """From images to the network, in place of the fields of sound."""

    size: field_types.Size = setting(
        (32, 32),
        "(height, width) that the network sees. Others are resized to it.",
        unit="pixels",
        allowed="a height and a width of 1 to 4,096 pixels, like (32, 32)",
    )
    mean: field_types.Mean = setting(
        (0.4914, 0.4822, 0.4465),
        "Mean of each channel. The default is of CIFAR-10's training images.",
        allowed="numbers from 0 to 1, one for grey or three for colour",
    )
    deviation: field_types.Deviation = setting(
        (0.2470, 0.2435, 0.2616),
        "Standard deviation of each channel. The default is of CIFAR-10's "
        "training images.",
        allowed="numbers from 0.001 to 1, one for grey or three for colour",
    )
    crop: Literal["none", "padded", "inception"] = setting(
        "padded", "How training images are cropped at random."
    )
    flip: bool = setting(
        True,
        "Whether to mirror half of the training images, in data sets that "
        "allow it: a mirrored digit is not a digit.",
    )
