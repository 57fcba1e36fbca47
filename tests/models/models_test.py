"""The audio network and the classifier around it."""

import keras
import numpy as np
import pytest
import scipy.signal

from audio_diffstride import AudioClassifier, TimeFrequencyEncoder
from audio_diffstride.config.architectures import POSITIONS, positions
from audio_diffstride.layers import DiffStride
from audio_diffstride.models.audio.time_frequency_block import (
    TimeFrequencyBlock,
)
from audio_diffstride.models.downsampler import DOWNSAMPLING
from audio_diffstride.optimization.optimizers import StrideAdam


def encoder(**arguments):
    arguments = {
        "channels": (4, 8),
        "strides": ((2, 2), (1, 2)),
        **arguments,
    }
    return TimeFrequencyEncoder(**arguments)


def noise(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize("downsampling", DOWNSAMPLING)
def test_every_arm_predicts_its_output_sizes(downsampling):
    for size in ((100, 64), (37, 20), (1, 1)):
        layer = encoder(downsampling=downsampling)
        y = layer(noise(1, *size, 1))
        for block in layer.blocks:
            size = block.output_size(size)
        assert y.shape == (1, *size, 8)


@pytest.mark.parametrize(
    "arm",
    [
        *({"downsampling": name} for name in DOWNSAMPLING),
        {"downsampling_position": "before_convolution"},
        {"downsampling_position": "after_relu"},
    ],
    ids=str,
)
def test_every_arm_saves_and_loads_with_equal_output(arm, tmp_path):
    model = AudioClassifier({"a": ["x", "y"], "b": 3}, encoder=encoder(**arm))
    waveform = 0.1 * noise(3, 4000)
    before = model(waveform)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    after = loaded(waveform)
    assert loaded.class_names == {"a": ["x", "y"], "b": ["0", "1", "2"]}
    for task in before:
        np.testing.assert_array_equal(after[task], before[task])


def test_the_papers_sizes_and_channels():
    arms = {
        "strided_conv": (7, 4),
        "max_pool": (7, 4),
        "spectral": (6, 4),
        "diffstride": (21, 19),
    }
    for downsampling, expected in arms.items():
        size = (100, 64)
        paper = TimeFrequencyEncoder(downsampling=downsampling)
        for block in paper.blocks:
            size = block.output_size(size)
        assert size == expected, downsampling
    channels = [block.channels for block in paper.blocks]
    assert channels == [64, 128, 256, 256, 512, 512]


def test_arms_differ_in_nothing_but_the_strides():
    counts = {
        downsampling: AudioClassifier(
            {"a": 2}, encoder=encoder(downsampling=downsampling)
        ).count_params()
        for downsampling in DOWNSAMPLING
    }
    diffstride = counts.pop("diffstride")
    assert len(set(counts.values())) == 1
    assert diffstride == counts["strided_conv"] + 4


def halved(x, axis: int, downsampling: str):
    """By SciPy's resampling, or the mean of two neighbours."""
    half = x.shape[axis] // 2
    if downsampling == "spectral":
        return scipy.signal.resample(x, half, axis=axis)
    pairs = np.split(x, half, axis=axis)
    return np.concatenate([p.mean(axis, keepdims=True) for p in pairs], axis)


def convolved(x, axis: int, kernel):
    """Three taps (3, C, C') along an axis, zeros beyond its ends."""
    padded = np.pad(x, [(1, 1) if i == axis else (0, 0) for i in range(4)])
    size = x.shape[axis]
    return sum(
        np.take(padded, range(tap, tap + size), axis) @ kernel[tap]
        for tap in range(3)
    )


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("downsampling", ["spectral", "average_pool"])
def test_a_block_downsamples_at_its_position(downsampling, position):
    """Against SciPy and a convolution by hand."""
    x = noise(2, 12, 8, 3)
    block = TimeFrequencyBlock(
        4, downsampling=downsampling, downsampling_position=position
    )
    block.build(x.shape)
    y = block(x)
    expected = x
    for axis in (1, 2):
        kernel = np.squeeze(block.convolutions[axis - 1].kernel)
        if position == "before_convolution":
            expected = halved(expected, axis, downsampling)
        expected = convolved(expected, axis, kernel)
        if position == "after_convolution":
            expected = halved(expected, axis, downsampling)
        expected = np.maximum(expected, 0) / np.sqrt(1 + 1e-3)  # a new norm
        if position == "after_relu":
            expected = halved(expected, axis, downsampling)
    np.testing.assert_allclose(y, expected, atol=1e-5)


@pytest.mark.parametrize("downsampling", DOWNSAMPLING)
def test_a_position_that_it_cannot_have_is_refused(downsampling):
    for position in {*POSITIONS, "nowhere"} - {*positions(downsampling)}:
        with pytest.raises(ValueError, match="`downsampling_position` of '"):
            encoder(downsampling=downsampling, downsampling_position=position)


def test_a_block_owns_one_diffstride_with_a_stride_per_axis():
    block = encoder(strides=((3, 2), (1, 2))).blocks[0]
    block.build((None, None, None, 1))
    owned = [x for x in block._flatten_layers() if isinstance(x, DiffStride)]
    assert len(owned) == 1
    np.testing.assert_allclose(owned[0].strides, (3, 2))


def test_logits_are_float32_under_half_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        logits = AudioClassifier({"a": 2}, encoder=encoder())(noise(1, 1600))
    finally:
        keras.config.set_dtype_policy("float32")
    assert logits["a"].dtype == "float32"


def test_silence_enters_the_encoder_as_zero():
    model = AudioClassifier({"a": 2}, encoder=encoder())
    features = model.front_end(np.zeros((1, 1600), "float32"))
    np.testing.assert_allclose(
        model.front_end.normalise(features), 0, atol=1e-6
    )


def test_integer_and_float_waveforms_give_the_same_logits():
    model = AudioClassifier({"a": 2}, encoder=encoder())
    integers = (1000 * noise(2, 1600)).astype("int16")
    floats = integers.astype("float32") / 32768
    np.testing.assert_allclose(
        model(integers)["a"], model(floats)["a"], atol=1e-5
    )


def test_overfits_one_batch():
    keras.utils.set_random_seed(0)
    model = AudioClassifier({"a": 2}, encoder=encoder(batch_norm_momentum=0.9))
    model.compile(
        StrideAdam(1e-2, stride_step_ratio=5.0),
        loss={
            "a": keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        },
    )
    x, y = 0.1 * noise(8, 3200), {"a": np.arange(8) % 2}
    losses = [model.train_on_batch(x, y) for _ in range(100)]
    assert losses[-1] < 0.05 < losses[0]


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: TimeFrequencyBlock(4, downsampling="pool"), "one of.*'pool'"),
        (
            lambda: encoder(downsampling="diffstride_per_example"),
            "`downsampling` must be one of.*'diffstride_per_example'",
        ),
        (
            lambda: TimeFrequencyBlock(4, (1.5, 2), downsampling="max_pool"),
            "`strides` must be whole",
        ),
        (lambda: encoder(strides=((2, 2),)), "one entry per block"),
        (lambda: encoder(complexity_weight=-1.0), "`complexity_weight`.*>= 0"),
        (lambda: AudioClassifier({}), "at least one task"),
        (lambda: AudioClassifier({"a": 1}), "at least two classes"),
    ],
)
def test_a_bad_argument_is_named_with_its_rule(make, message):
    with pytest.raises(ValueError, match=message):
        make()
