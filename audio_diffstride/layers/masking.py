"""Hides stripes of spectrograms in training, as SpecAugment does."""

from __future__ import annotations

from keras import ops

from audio_diffstride.layers.types import Tensor


def mask_stripes(
    features: Tensor, time_masks: Tensor, frequency_masks: Tensor
) -> Tensor:
    """Replaces stripes by the mean of the spectrogram that they are in.

    The mean is of all frames and bands of that spectrogram, before any of it
    is hidden.

    Args:
        features: log-mel spectrograms, of shape (batch, frames, bands, 1).
        time_masks: first frame and the one after the last of each stripe,
            integers of shape (batch, stripes, 2).
        frequency_masks: first band and the one after the last, likewise.

    Returns:
        The spectrograms, of the same shape and type.

    References:
        Park et al., 2019, https://arxiv.org/abs/1904.08779. There the mean is
        0, because spectrograms are normalised before.

    Example:
    >>> ramp = ops.reshape(ops.arange(4, dtype="float32"), (1, 4, 1, 1))
    >>> masks = ops.array([[[1, 3]]]), ops.zeros((1, 0, 2), "int32")
    >>> [float(x) for x in ops.reshape(mask_stripes(ramp, *masks), (-1,))]
    [0.0, 1.5, 1.5, 3.0]
    """
    shape = ops.shape(features)
    in_time = _is_hidden(shape[1], time_masks)[:, :, None, None]
    in_frequency = _is_hidden(shape[2], frequency_masks)[:, None, :, None]
    mean = ops.mean(
        ops.cast(features, "float32"), axis=(1, 2, 3), keepdims=True
    )
    return ops.where(
        ops.logical_or(in_time, in_frequency),
        ops.cast(mean, features.dtype),
        features,
    )


def _is_hidden(size: int | Tensor, masks: Tensor) -> Tensor:
    """Whether a stripe hides each place of an axis: (batch, size)."""
    places = ops.arange(size, dtype="int32")
    begins, ends = masks[:, :, :1], masks[:, :, 1:]
    inside = ops.logical_and(
        ops.greater_equal(places, begins), ops.less(places, ends)
    )
    return ops.any(inside, axis=1)
