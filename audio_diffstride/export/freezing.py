"""From a trained classifier to a network of constants.

Learned strides become matrices, and batch norm disappears. It follows a ReLU
and precedes a convolution that pads with zeros. The size of its scale passes
through the ReLU into the kernel before, so that all channels come out with
comparable ranges, which 8-bit integers need; its sign goes into the next
kernel. Its shift stays, an addition: inside the next bias it would be wrong
at the edges, where the padding has none.
"""

from __future__ import annotations

import keras
import numpy as np

from audio_diffstride.errors import UserError
from audio_diffstride.export import front_end, steps
from audio_diffstride.layers.axis_products import multiply_adds, shifted_rows
from audio_diffstride.models import AudioClassifier, TimeFrequencyEncoder


def freeze(model, window_samples: int = 16000) -> keras.Model:
    """A classifier as a plain Keras model of constants.

    Equal to the classifier on windows of that length, within 1e-5 of its
    largest logit; the only form that is exported.

    Args:
        model: an `AudioClassifier`.
        window_samples: length of the windows; sizes and matrices depend on it.

    Returns:
        A functional model from floating waveforms (batch, samples) in [-1, 1]
        to {task: logits}.

    Example:
    >>> from audio_diffstride import AudioClassifier
    >>> frozen = freeze(AudioClassifier({"digit": 10}), window_samples=8000)
    >>> tuple(frozen(keras.ops.zeros((2, 8000)))["digit"].shape)
    (2, 10)
    """
    network = freeze_network(model, window_samples)
    waveform = keras.Input((window_samples,), name="waveform")
    return keras.Model(waveform, network(waveform), name="frozen")


def freeze_network(model, window_samples: int) -> steps.Network:
    """A classifier as steps; see `freeze` for the arguments."""
    if not isinstance(model.encoder, TimeFrequencyEncoder):
        raise UserError(
            "only models with the time_frequency encoder can be exported; "
            f"this one has {type(model.encoder).__name__}"
        )
    frames = model.front_end.num_frames(window_samples)
    size = [frames, model.front_end.num_bands]
    blocks, sign = [], np.ones(1, np.float32)
    for block in model.encoder.blocks:
        blocks.append([])
        for axis in (0, 1):
            of_axis, sign = _along(block, axis, size[axis], sign)
            blocks[-1] += of_axis
        size = block.output_size(size)
    signed, _ = _signed(sign)  # a maximum is next
    pooling = [*signed, steps.GlobalMax()]
    # The classifier's normalisation, 1 - log_mel / log(offset).
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
            task: steps.Head(_array(head.kernel), _array(head.bias))
            for task, head in zip(model.tasks, model.heads)
        },
    )


def in_float32(model: AudioClassifier) -> AudioClassifier:
    """The model, or one of its weights that computes in no half precision."""
    policy = keras.DTypePolicy("float32")
    if model.encoder.compute_dtype == "float32":
        return model
    config = model.get_config()
    config["dtype"] = policy
    for part in ("front_end", "encoder"):
        fields = {**config[part]["config"], "dtype": policy}
        config[part] = {**config[part], "config": fields}
    twin = AudioClassifier.from_config(config)
    twin.set_weights(model.get_weights())
    return twin


def _affine(norm) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(size, sign, shift) of a batch norm, per channel."""
    gamma, beta, mean, variance = map(
        _array, (norm.gamma, norm.beta, norm.moving_mean, norm.moving_variance)
    )
    scale = gamma / np.sqrt(variance + norm.epsilon)
    sign = np.where(scale < 0, np.float32(-1), np.float32(1))
    return np.abs(scale), sign, beta - mean * scale


def _along(block, axis: int, size: int, sign) -> tuple[list, np.ndarray]:
    """The steps along an axis of `size` samples, in the order of the block.

    Also the sign that their output is still to be multiplied by, per channel;
    `sign` is that of their input.
    """
    position = block.downsampling_position
    gain, next_sign, shift = _affine(block.norms[axis])
    of_axis, downsampling = [], _downsampling(block, axis, size)
    if position == "before_convolution":
        if block.downsampling == "max_pool":
            of_axis, sign = _signed(sign)
        of_axis += downsampling
    layer = block.convolutions[axis]
    kernel = _array(layer.kernel) * sign[:, None] * gain
    # A resampling keeps constants, so the bias may come first.
    bias = _array(layer.bias) * gain
    convolution = steps.Convolution(kernel, bias, tuple(layer.strides))
    if position == "after_convolution":
        of_axis += _convolved_and_downsampled(convolution, downsampling, axis)
    else:
        of_axis.append(convolution)
    # Of what is then multiplied by the sign.
    of_axis += [steps.Relu(), steps.Shift(next_sign * shift)]
    if position == "after_relu":
        if block.downsampling == "max_pool":
            signed, next_sign = _signed(next_sign)
            of_axis += signed
        of_axis += downsampling
    return of_axis, next_sign


def _signed(sign) -> tuple[list, np.ndarray]:
    """The signs as a step, before a maximum: it commutes with none."""
    if (sign >= 0).all():
        return [], sign
    return [steps.Scale(sign)], np.ones_like(sign)


def _downsampling(block, axis: int, size: int) -> list:
    """The downsampling of an axis of `size` samples, if it has any."""
    pooling = block.poolings[axis]
    if pooling is not None:
        kind = block.downsampling.removesuffix("_pool")
        return [steps.Pooling(kind, tuple(pooling.pool_size))]
    if block.resampling is None:
        return []
    matrix = block.resampling.matrix(size, axis)
    if matrix is None:
        return []
    return [steps.Resampling(_array(matrix), axis + 1)]


def _convolved_and_downsampled(convolution, downsampling, axis: int) -> list:
    """The two, or the one product of both that costs less."""
    if not downsampling or not isinstance(downsampling[0], steps.Resampling):
        return [convolution, *downsampling]
    matrix, kernel = downsampling[0].matrix, convolution.kernel
    if not _resample_first(matrix.shape, kernel.shape):
        return [convolution, *downsampling]
    taps = max(kernel.shape[:2])
    rows = _array(shifted_rows(matrix, taps))
    strides = (taps, 1) if axis == 0 else (1, taps)
    return [
        steps.Resampling(rows, axis + 1),
        steps.Convolution(kernel, convolution.bias, strides, "valid"),
    ]


def _resample_first(matrix_shape, kernel_shape) -> bool:
    """Whether that costs less, at the sizes that were learned."""
    new_size, size = matrix_shape
    *taps, channels, new_channels = kernel_shape
    costs = multiply_adds(size, new_size, channels, new_channels, max(taps))
    return sum(costs[1]) < sum(costs[0])


def _array(value) -> np.ndarray:
    return keras.ops.convert_to_numpy(value).astype(np.float32)
