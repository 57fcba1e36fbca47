"""The fields of the network."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Interval

from audio_diffstride.config import field_types
from audio_diffstride.config.architectures import Downsampling, Position
from audio_diffstride.config.sections.section import Section, setting


class Model(Section):
    """The network, and how it downsamples."""

    encoder: field_types.Encoder = setting(
        "time_frequency", "The network. waveform is for sound only."
    )
    stem: Literal["small", "large"] = setting(
        "small", "First layers of an image network. large is for 224 pixels."
    )
    downsampling: Downsampling = setting("diffstride", "How blocks downsample.")
    downsampling_position: Position = setting(
        "after_convolution",
        "Where blocks downsample. Only time_frequency has a choice.",
    )
    channels: field_types.Channels = setting(
        (),
        "Channels of each block. Empty takes the published ones.",
        allowed=f"up to {field_types.MAX_BLOCKS} whole numbers from 1 to "
        f"{field_types.MAX_CHANNELS:,}, like (64, 128)",
    )
    strides: field_types.StridesOfBlocks = setting(
        (),
        "(time, frequency) strides of each block. DiffStride starts from them. "
        "Empty takes the published ones.",
        allowed=f"up to {field_types.MAX_BLOCKS} pairs of numbers from 1 to "
        "1,000, like ((2, 2), (1, 2))",
    )
    width: Annotated[float, Interval(gt=0, le=1000)] = setting(
        1.0, "Factor on all channels."
    )
    smoothness_factor: Annotated[float, Interval(gt=0, le=1000)] = setting(
        4.0, "Width of DiffStride's transition band: R.", unit="bins"
    )
    transition_band: Literal["outside", "inside"] = setting(
        "outside", "On which side of the cut-off the transition band lies."
    )
    smoothness_percent: Annotated[float, Interval(ge=0, le=100)] = setting(
        0.0,
        "Width of the transition band as a share of the axis. Above 0 it "
        "replaces smoothness_factor.",
        unit="%",
    )
    shared_stride: bool = setting(
        False, "Whether DiffStride learns one stride for time and frequency."
    )
    size_multiple: Annotated[int, Interval(ge=1, le=1024)] = setting(
        1, "DiffStride's output sizes are rounded up to a multiple of it."
    )
    folding: Annotated[float, Interval(ge=0, le=1)] = setting(
        0.0,
        "Share of what lies beyond DiffStride's cut-off that is folded back "
        "into the kept band, as slower changes. 0 removes all of it, as in the "
        "paper. 1 keeps all of it, as a strided convolution does.",
    )
    learn_folding: bool = setting(
        False, "Whether each layer learns the folding of each axis, from there."
    )
    shared_folding: bool = setting(
        False, "Whether a layer learns one folding for time and frequency."
    )
    folded_axes: Literal["all", "first", "second"] = setting(
        "all",
        "The axes that fold. first is time or height, second is frequency or "
        "width. The others fold nothing.",
    )
    folded_channels: Literal["all", "half"] = setting(
        "all",
        "The channels that fold. With half, the first half folds nothing, and "
        "the next layer sees both.",
    )
    complexity_weight: Annotated[float, Interval(ge=0, le=1e6)] = setting(
        0.0, "Weight of the cost term in the loss: the paper's lambda, Eq. 6."
    )
    batch_norm_momentum: Annotated[float, Interval(ge=0, le=0.999999)] = (
        setting(0.99, "Momentum of the running statistics.")
    )
