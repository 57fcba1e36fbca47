"""DiffStride by two-dimensional FFTs, as the paper describes it."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from keras import ops

from audio_diffstride.layers import DiffStride


def fft_diffstride(layer: DiffStride, x: Any) -> Any:
    """Computes `layer(x)` by a 2-D real FFT, mask, crop and inverse FFT.

    Args:
        layer: a built DiffStride of two spatial axes, channels last, that
            does not fold.
        x: (batch, height, width, channels).

    Returns:
        The values of `layer(x)`, up to rounding.
    """
    height, width = ops.shape(x)[1:3]
    (vertical, rows), (horizontal, columns) = (
        (layer.mask(size, axis), layer._size(size, axis))
        for axis, size in enumerate((height, width))
    )
    # Rows are two-sided: bins 0 to N/2, then the negative ones, mirrored.
    mirrored = tf.concat(
        [vertical, tf.reverse(vertical[1 : (height + 1) // 2], [0])], axis=0
    )
    mask = tf.cast(mirrored[:, None] * horizontal[None, :], tf.complex64)
    spectrum = tf.signal.rfft2d(tf.transpose(x, [0, 3, 1, 2])) * mask
    spectrum = _crop_rows(spectrum, rows, height)
    spectrum = _crop_columns(spectrum, columns, width)
    scale = tf.cast(rows * columns, x.dtype) / tf.cast(height * width, x.dtype)
    y = scale * tf.signal.irfft2d(spectrum, [rows, columns])
    return tf.transpose(y, [0, 2, 3, 1])


def _crop_rows(spectrum: Any, rows: Any, height: int) -> Any:
    positive = spectrum[:, :, : rows // 2 + 1]
    negative = spectrum[:, :, height - (rows - 1) // 2 :]
    # At an even size, both ends of the band are in the Nyquist bin.
    folds = tf.logical_and(rows % 2 == 0, rows < height)
    other_end = spectrum[:, :, height - rows // 2 : height - rows // 2 + 1]
    nyquist = positive[:, :, -1:] + other_end * tf.cast(folds, tf.complex64)
    return tf.concat([positive[:, :, :-1], nyquist, negative], axis=2)


def _crop_columns(spectrum: Any, columns: Any, width: int) -> Any:
    kept = spectrum[..., : columns // 2 + 1]
    folds = tf.logical_and(columns % 2 == 0, columns < width)
    factor = 1 + tf.cast(folds, tf.complex64)
    return tf.concat([kept[..., :-1], kept[..., -1:] * factor], axis=-1)
