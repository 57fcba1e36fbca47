"""The check that the fields of the model fit together."""

from __future__ import annotations

from collections.abc import Iterator

from ml_collections import ConfigDict

from audio_diffstride.config.architectures import ARCHITECTURES, positions
from audio_diffstride.config.field_types import MAX_CHANNELS

_WHOLE_STRIDES_ONLY = ("strided_conv", "max_pool", "average_pool")


def encoder(config: ConfigDict) -> Iterator[str]:
    """Yields the errors in the stem, channels and width of the network."""
    model = config.model
    architecture = ARCHITECTURES[model.encoder]
    if model.stem != "small" and not architecture.has_stem:
        yield (
            f"model.stem is {model.stem!r}, but model.encoder "
            f"{model.encoder!r} has no stem to choose"
        )
    allowed: tuple[str, ...] = ("after_convolution",)
    if architecture.has_positions:
        allowed = positions(model.downsampling)
    if model.downsampling_position not in allowed:
        yield (
            f"model.downsampling_position is {model.downsampling_position!r}, "
            f"but with model.encoder {model.encoder!r} and model.downsampling "
            f"{model.downsampling!r} it must be {' or '.join(allowed)}"
        )
    if model.channels and not architecture.channels:
        yield (
            f"model.channels is {tuple(model.channels)}, but must be empty: "
            f"those of model.encoder {model.encoder!r} are fixed"
        )
    channels = model.channels or architecture.channels or ()
    most = len(channels or architecture.strides)
    given = len(model.strides or architecture.strides)
    if not most - architecture.optional_strides <= given <= most:
        yield (
            f"model.strides has {given} entries, but model.encoder "
            f"{model.encoder!r} downsamples {most} times"
            + (f", its channels being {tuple(channels)}" if channels else "")
        )
    widest = max(channels, default=architecture.most_channels)
    if round(model.width * widest) > MAX_CHANNELS:
        yield (
            f"model.width is {model.width:g}, which makes more than "
            f"{MAX_CHANNELS:,} channels of {widest:,}"
        )


def strides(config: ConfigDict) -> Iterator[str]:
    """Yields the errors in the strides."""
    model = config.model
    architecture = ARCHITECTURES[model.encoder]
    for pair in model.strides or architecture.strides:
        if len(pair) != architecture.axes:
            yield (
                f"model.strides has {pair}, but the input of model.encoder "
                f"{model.encoder!r} has {architecture.axes} axes"
            )
        fractional = any(stride % 1 for stride in pair)
        if fractional and model.downsampling in _WHOLE_STRIDES_ONLY:
            yield (
                f"model.strides has {pair}, but must be whole for "
                f"model.downsampling {model.downsampling!r}"
            )
        shared = model.shared_stride and model.downsampling == "diffstride"
        if shared and len({*pair}) > 1:
            yield (
                f"model.strides has {pair}, but they must be equal where "
                "model.shared_stride is set"
            )


def folding(config: ConfigDict) -> Iterator[str]:
    """Yields the errors in the folding."""
    model = config.model
    if not model.folding and not model.learn_folding:
        for field, default in (
            ("shared_folding", False),
            ("folded_axes", "all"),
            ("folded_channels", "all"),
        ):
            if model[field] != default:
                yield (
                    f"model.{field} is {model[field]!r}, but nothing folds; "
                    "set model.folding above 0 or model.learn_folding, or "
                    f"leave it at {default!r}"
                )
        return
    if model.downsampling != "diffstride":
        yield (
            f"model.folding is {model.folding:g} and model.learn_folding is "
            f"{model.learn_folding}, but only DiffStride folds by a share; "
            f"leave both out with model.downsampling {model.downsampling!r}"
        )
    if model.shared_folding and not model.learn_folding:
        yield (
            "model.shared_folding is True, but model.learn_folding is False; "
            "only a learned folding can be shared"
        )
    axes = ARCHITECTURES[model.encoder].axes
    if model.folded_axes == "second" and axes == 1:
        yield (
            f"model.folded_axes is {model.folded_axes!r}, but the input of "
            f"model.encoder {model.encoder!r} has one axis; leave it at 'all'"
        )
