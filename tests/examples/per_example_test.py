"""Strides per example: equal to DiffStride where all examples agree."""

import keras
import numpy as np
import pytest

from audio_diffstride import AudioClassifier, freeze
from audio_diffstride.layers import DiffStride
from examples.per_example.layer import PerExampleDiffStride
from examples.per_example.network import PerExampleEncoder
from tests.support.autodiff import gradients

array = keras.ops.convert_to_numpy


def features(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize("band", ["outside", "inside"])
@pytest.mark.parametrize("size", [(30, 17), (2, 9), (1, 1)])
def test_at_the_start_it_is_diffstride(band, size):
    x = features(3, *size, 4)
    arguments = {"strides": (2.0, 1.5), "transition_band": band}
    ours = PerExampleDiffStride(**arguments)
    expected = DiffStride(**arguments)(x)
    np.testing.assert_allclose(array(ours(x)), array(expected), atol=1e-5)
    assert tuple(ours(x).shape[1:3]) == ours.output_size(size)


def test_every_example_is_filtered_at_its_own_stride():
    """As a DiffStride of that stride would, but at the size of the first."""
    x = features(2, 40, 3)
    layer = PerExampleDiffStride(2.0)
    layer.build(x.shape)
    layer.kernel.assign(features(3, 1) * 3)
    strides = array(layer.predicted_strides(x, 0))
    assert abs(strides[0] - strides[1]) > 0.1
    y = array(layer(x))
    for example, stride in enumerate(strides):
        # The spectrum of the output is the masked spectrum of the input.
        spectrum = np.fft.rfft(x[example], axis=0) / 40
        bins = np.arange(21)
        mask = np.clip((4 + 40 / (2 * max(stride, 1)) - bins) / 4, 0, 1)
        size = y.shape[1]
        ours = np.fft.rfft(y[example], axis=0) / size
        below = (size - 1) // 2
        np.testing.assert_allclose(
            ours[:below], (mask[:, None] * spectrum)[:below], atol=1e-5
        )


def test_no_example_depends_on_another():
    x = features(4, 30, 20, 3)
    layer = PerExampleDiffStride(2.0)
    layer.build(x.shape)
    layer.kernel.assign(features(3, 2))
    np.testing.assert_allclose(
        array(layer(x))[1:2], array(layer(x[1:2])), atol=1e-5
    )


def test_a_constant_keeps_its_value():
    layer = PerExampleDiffStride(3.0)
    y = layer(np.full((2, 25, 14, 2), 5.0, "float32"))
    np.testing.assert_allclose(array(y), 5.0, atol=1e-5)


def test_the_head_gets_the_gradient_of_finite_differences():
    x = features(2, 24, 3)
    target = features(2, 20, 3)
    layer = PerExampleDiffStride(2.0)
    layer.build(x.shape)
    layer.kernel.assign(features(3, 1) * 0.1)

    bias, mean = array(layer.bias), array(layer.strides)

    wanted = keras.ops.convert_to_tensor(
        target[:, : layer.output_size((24,))[0]]
    )

    def loss(kernel):
        y, _ = layer.stateless_call([kernel, bias], [mean], x)
        return keras.ops.sum(y * wanted)

    kernel, step = array(layer.kernel), 1e-2
    _, gradient = gradients(loss, [kernel])
    assert np.abs(gradient).max() > 0.1
    for channel in range(3):
        ends = []
        for sign in (1, -1):
            moved = kernel.copy()
            moved[channel] += sign * step
            ends.append(float(array(loss(moved))))
        numeric = (ends[0] - ends[1]) / (2 * step)
        assert gradient[channel, 0] == pytest.approx(
            numeric, rel=0.05, abs=0.02
        )


def test_training_moves_the_mean_and_inference_nothing():
    x = features(2, 24, 3)
    layer = PerExampleDiffStride(2.0, momentum=0.5)
    layer.build(x.shape)
    layer.bias.assign([0.3])
    mean = float(array(layer.predicted_strides(x, 0))[0])
    layer(x, training=False)
    assert float(array(layer.strides)[0]) == 2.0
    layer(x, training=True)
    assert float(array(layer.strides)[0]) == pytest.approx(
        (2 + mean) / 2, rel=1e-5
    )


def test_it_is_saved_and_loaded(tmp_path):
    model = keras.Sequential([keras.Input((20, 3)), PerExampleDiffStride(2.0)])
    model.layers[0].kernel.assign(features(3, 1))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = features(2, 20, 3)
    np.testing.assert_allclose(array(loaded(x)), array(model(x)), atol=1e-6)


def encoder(**arguments):
    return PerExampleEncoder(
        channels=(4, 8), strides=((2, 2), (1, 2)), **arguments
    )


@pytest.mark.parametrize("position", ["after_convolution", "after_relu"])
def test_the_network_predicts_its_output_sizes(position):
    for size in ((100, 64), (37, 20), (1, 1)):
        network = encoder(downsampling_position=position)
        y = network(features(1, *size, 1))
        for block in network.blocks:
            size = block.output_size(size)
        assert y.shape == (1, *size, 8)


def test_the_network_has_a_head_per_axis_and_block():
    counts = {}
    for downsampling in ("diffstride", "strided_conv"):
        model = AudioClassifier(
            {"a": 2}, None, encoder(downsampling=downsampling)
        )
        counts[downsampling] = model.count_params()
    # A head of two strides and two means, on 4 and on 8 channels.
    heads = 2 * (4 + 1) + 2 + 2 * (8 + 1) + 2
    assert counts["diffstride"] == counts["strided_conv"] + heads


def test_the_network_trains_and_is_saved_and_loaded(tmp_path):
    keras.utils.set_random_seed(0)
    model = AudioClassifier({"a": 2}, encoder=encoder())
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", {"a": loss}, run_eagerly=True)
    x, y = 0.1 * features(8, 3200), {"a": np.arange(8) % 2}
    losses = [model.train_on_batch(x, y) for _ in range(5)]
    assert losses[-1] < losses[0]
    assert np.abs(array(model.encoder.blocks[0].resampling.kernel)).max() > 0
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(array(loaded(x)["a"]), array(model(x)["a"]))
    mean = array(model.encoder.blocks[0].strides)
    np.testing.assert_array_equal(array(loaded.encoder.blocks[0].strides), mean)


def test_the_network_scores_a_batch_as_its_windows_one_by_one():
    model = AudioClassifier({"a": 3}, encoder=encoder())
    x = 0.1 * features(3, 3200)
    together = array(model(x, training=False)["a"])
    for row, logits in zip(x, together):
        alone = array(model(row[None], training=False)["a"])[0]
        np.testing.assert_allclose(alone, logits, atol=1e-5)


def test_strides_before_the_convolution_are_refused():
    with pytest.raises(ValueError, match="'after_convolution' or 'after_relu'"):
        encoder(downsampling_position="before_convolution")


def test_the_network_is_not_exported():
    model = AudioClassifier({"a": 2}, encoder=encoder())
    with pytest.raises(NotImplementedError, match="cannot be exported"):
        freeze(model, window_samples=3200)
