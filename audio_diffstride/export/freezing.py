"""From a trained classifier to a network of constants.

Learned strides become matrices, and batch norm becomes part of its neighbours.
It follows a ReLU and precedes a convolution that pads with zeros:

- The size of its scale moves through the ReLU into the kernel before. All
  channels then have comparable ranges, which 8-bit integers need.
- The sign of its scale moves into the next kernel.
- Its shift stays as an addition. In the next bias it would be wrong at the
  edges, because the zeros of the padding are not shifted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from audio_diffstride.errors import UserError
from audio_diffstride.export import front_end, steps
from audio_diffstride.layers.axis_products import multiply_adds, shifted_rows
from audio_diffstride.models import AudioClassifier, TimeFrequencyEncoder


def freeze(model: Any, window_samples: int = 16000) -> keras.Model:
    """Converts a classifier to a plain Keras model of constants.

    It equals the classifier within 1e-5 of its largest logit, for windows of
    the given length. Every export is made from this form.

    Args:
        model: an `AudioClassifier`.
        window_samples: length of the windows, which is then fixed.

    Returns:
        A functional model from float waveforms (batch, samples) in [-1, 1] to
        {task: logits}.

    Example:
    >>> from audio_diffstride import AudioClassifier
    >>> frozen = freeze(AudioClassifier({"digit": 10}), window_samples=8000)
    >>> tuple(frozen(keras.ops.zeros((2, 8000)))["digit"].shape)
    (2, 10)
    """
    network = freeze_network(model, window_samples)
    waveform = keras.Input((window_samples,), name="waveform")
    return keras.Model(waveform, network(waveform), name="frozen")


def freeze_network(model: Any, window_samples: int) -> steps.Network:
    """Converts a classifier to steps; see `freeze` for the arguments."""
    if not isinstance(model.encoder, TimeFrequencyEncoder):
        raise UserError(
            "only models with the time_frequency encoder can be exported; "
            f"this one has {type(model.encoder).__name__}"
        )
    frames = model.front_end.num_frames(window_samples)
    size: Sequence[int] = (frames, model.front_end.num_bands)
    blocks: list[list] = []
    sign = np.ones(1, np.float32)
    for block in model.encoder.blocks:
        blocks.append([])
        for axis in (0, 1):
            axis_steps, sign = _freeze_axis(block, axis, size[axis], sign)
            blocks[-1] += axis_steps
        size = block.output_size(size)
    sign_steps, _ = _apply_sign(sign)  # a maximum follows
    pooling = [*sign_steps, steps.GlobalMax()]
    # The classifier normalises: 1 - log_mel / log(offset).
    slope = np.float32(-1 / np.log(model.front_end.log_offset))
    return steps.Network(
        window_samples,
        [
            *front_end.freeze(model.front_end, window_samples),
            steps.Scale(np.array([slope])),
            steps.Shift(np.ones(1, np.float32)),
        ],
        blocks,
        pooling,
        {
            task: steps.Head(
                _array(head.kernel), _array(head.bias), kind.activation
            )
            for (task, kind), head in zip(model.kinds.items(), model.heads)
        },
    )


def downsampling_alone(model: Any, window_samples: int) -> list[list]:
    """The steps of each block that downsample, without its convolutions.

    They show what the strides leave of a spectrogram, where half of the
    channels fold in those. A strided convolution has no such step.

    Returns:
        A list of steps per block, for maps with one channel.
    """
    front_end = model.front_end
    size: Sequence[int] = front_end.output_size(window_samples)
    blocks = []
    for block in model.encoder.blocks:
        blocks.append(
            [
                step
                for axis in (0, 1)
                for step in _downsampling(block, axis, size[axis], channels=1)
            ]
        )
        size = block.output_size(size)
    return blocks


def in_float32(model: AudioClassifier) -> AudioClassifier:
    """The model, or a copy in float32 if it computes in half precision."""
    if model.encoder.compute_dtype == "float32":
        return model
    policy = keras.DTypePolicy("float32")
    config = model.get_config()
    config["dtype"] = policy
    for part in ("front_end", "encoder"):
        fields = {**config[part]["config"], "dtype": policy}
        config[part] = {**config[part], "config": fields}
    copy = AudioClassifier.from_config(config)
    copy.set_weights(model.get_weights())
    return copy


def _affine(norm: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(size of the scale, its sign, shift) of a batch norm, per channel."""
    gamma, beta, mean, variance = map(
        _array, (norm.gamma, norm.beta, norm.moving_mean, norm.moving_variance)
    )
    scale = gamma / np.sqrt(variance + norm.epsilon)
    sign = np.where(scale < 0, np.float32(-1), np.float32(1))
    return np.abs(scale), sign, beta - mean * scale


def _freeze_axis(
    block: Any, axis: int, size: int, sign: np.ndarray
) -> tuple[list, np.ndarray]:
    """The steps of a block along one axis, in its order.

    Args:
        block: of the encoder.
        axis: 0 for time, 1 for frequency.
        size: of the block's input along the axis.
        sign: still to be multiplied with the input, per channel.

    Returns:
        The steps, and the sign still to be multiplied with their output.
    """
    position = block.downsampling_position
    gain, next_sign, shift = _affine(block.norms[axis])
    axis_steps: list = []
    channels = block.convolutions[axis].kernel.shape[
        -2 if position == "before_convolution" else -1
    ]
    downsampling = _downsampling(block, axis, size, channels)
    if position == "before_convolution":
        if block.downsampling == "max_pool":
            axis_steps, sign = _apply_sign(sign)
        axis_steps += downsampling
    layer = block.convolutions[axis]
    kernel = _array(layer.kernel) * sign[:, None] * gain
    # A resampling keeps constants, so the bias may be added before it.
    bias = _array(layer.bias) * gain
    convolution = steps.Convolution(kernel, bias, tuple(layer.strides))
    if position == "after_convolution":
        axis_steps += _convolve_and_downsample(convolution, downsampling, axis)
    else:
        axis_steps.append(convolution)
    # A later step multiplies by the sign, so the shift has it here too.
    axis_steps += [steps.Relu(), steps.Shift(next_sign * shift)]
    if position == "after_relu":
        if block.downsampling == "max_pool":
            sign_steps, next_sign = _apply_sign(next_sign)
            axis_steps += sign_steps
        axis_steps += downsampling
    return axis_steps, next_sign


def _apply_sign(sign: np.ndarray) -> tuple[list, np.ndarray]:
    """The sign as a step, and the sign that is left.

    A maximum needs it: it does not commute with a negative factor.
    """
    if (sign >= 0).all():
        return [], sign
    return [steps.Scale(sign)], np.ones_like(sign)


def _downsampling(block: Any, axis: int, size: int, channels: int) -> list:
    """The downsampling of an axis with `size` samples, as no or one step.

    Args:
        block: of the encoder.
        axis: 0 for time, 1 for frequency.
        size: of the input of the downsampling along the axis.
        channels: of the same input.
    """
    pooling = block.poolings[axis]
    if pooling is not None:
        kind = block.downsampling.removesuffix("_pool")
        return [steps.Pooling(kind, tuple(pooling.pool_size))]
    if block.resampling is None:
        return []
    matrix = block.resampling.matrix(size, axis)
    if matrix is None:
        return []
    step = steps.Resampling(_array(matrix), axis + 1)
    if not block.resampling.has_two_matrices or channels == 1:
        return [step]
    matrix = block.resampling.unfolded_matrix(size, axis)
    unfolded = steps.Resampling(_array(matrix), axis + 1)
    return [steps.ResamplingOfHalves(channels // 2, unfolded, step)]


def _convolve_and_downsample(
    convolution: steps.Convolution, downsampling: list, axis: int
) -> list:
    """Both steps, in the order that costs less."""
    if not downsampling or not isinstance(downsampling[0], steps.Resampling):
        return [convolution, *downsampling]
    matrix, kernel = downsampling[0].matrix, convolution.kernel
    if not _resample_first(matrix.shape, kernel.shape):
        return [convolution, *downsampling]
    taps = max(kernel.shape[:2])
    rows = _array(shifted_rows(matrix, taps)).reshape(-1, matrix.shape[1])
    strides = (taps, 1) if axis == 0 else (1, taps)
    return [
        steps.Resampling(rows, axis + 1),
        steps.Convolution(kernel, convolution.bias, strides, "valid"),
    ]


def _resample_first(
    matrix_shape: tuple[int, ...], kernel_shape: tuple[int, ...]
) -> bool:
    """Whether resampling before the convolution costs less."""
    new_size, size = matrix_shape
    *taps, channels, new_channels = kernel_shape
    costs = multiply_adds(size, new_size, channels, new_channels, max(taps))
    return sum(costs[1]) < sum(costs[0])


def _array(value: Any) -> np.ndarray:
    return keras.ops.convert_to_numpy(value).astype(np.float32)
