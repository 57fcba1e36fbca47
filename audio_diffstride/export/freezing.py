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

from audio_diffstride.axis_products import multiply_adds, shifted_rows
from audio_diffstride.errors import UserError
from audio_diffstride.export import front_end, steps
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
    for place in model.encoder.downsamplers:
        if place.downsampling == "diffstride_per_example":
            raise UserError(
                "a model with model.downsampling 'diffstride_per_example' "
                "cannot be exported: its matrices are no constants"
            )
    frames = model.front_end.num_frames(window_samples)
    size = [frames, model.front_end.num_bands]
    blocks, sign = [], np.ones(1, np.float32)
    for block in model.encoder.blocks:
        blocks.append([])
        for axis in (0, 1):
            gain, next_sign, shift = _affine(block.norms[axis])
            kernel = _array(block.convolutions[axis].kernel)
            bias = _array(block.convolutions[axis].bias)
            if _maximum_first(block) and (sign < 0).any():
                blocks[-1].append(steps.Scale(sign))
                sign = np.ones_like(sign)
            kernel = kernel * sign[:, None] * gain
            blocks[-1] += _downsampled(
                block, axis, size[axis], kernel, bias * gain
            )
            # Of what is then multiplied by the sign.
            blocks[-1].append(steps.Shift(next_sign * shift))
            sign = next_sign
        size = block.output_size(size)
    pooling = [steps.GlobalMax()]
    if (sign < 0).any():  # as below
        pooling.insert(0, steps.Scale(sign))
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


def _maximum_first(block) -> bool:
    """Whether a maximum, which commutes with no sign, meets it first."""
    return block.downsample_before and block.downsampling == "max_pool"


def _downsampled(block, axis: int, size: int, kernel, bias) -> list:
    """Convolution, downsampling and ReLU along an axis of `size` samples."""
    pooling = block.poolings[axis]
    strides = tuple(block.convolutions[axis].strides)
    convolution = steps.Convolution(kernel, bias, strides)
    if pooling is not None:
        kind = block.downsampling.removesuffix("_pool")
        tiles = steps.Pooling(kind, tuple(pooling.pool_size))
        return [*_ordered(block, convolution, tiles), steps.Relu()]
    matrix = None
    if block.resampling is not None:
        matrix = block.resampling.matrix(size, axis)
    if matrix is None:
        return [convolution, steps.Relu()]
    if block.downsample_before or not _resample_first(
        matrix.shape, kernel.shape
    ):
        # A resampling keeps constants, so the bias may come first.
        resampling = steps.Resampling(_array(matrix), axis + 1)
        return [*_ordered(block, convolution, resampling), steps.Relu()]
    taps = max(kernel.shape[:2])
    rows = _array(shifted_rows(matrix, taps))
    strides = (taps, 1) if axis == 0 else (1, taps)
    return [
        steps.Resampling(rows, axis + 1),
        steps.Convolution(kernel, bias, strides, "valid"),
        steps.Relu(),
    ]


def _ordered(block, convolution, downsampling) -> list:
    """A convolution and the downsampling, in the order of the block."""
    order = [convolution, downsampling]
    return order[::-1] if block.downsample_before else order


def _resample_first(matrix_shape, kernel_shape) -> bool:
    """Whether that costs less, at the sizes that were learned."""
    new_size, size = matrix_shape
    *taps, channels, new_channels = kernel_shape
    costs = multiply_adds(size, new_size, channels, new_channels, max(taps))
    return sum(costs[1]) < sum(costs[0])


def _array(value) -> np.ndarray:
    return keras.ops.convert_to_numpy(value).astype(np.float32)
