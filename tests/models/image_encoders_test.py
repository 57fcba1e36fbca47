"""What the image networks share: every arm, saving and loading."""

import keras
import numpy as np
import pytest

from audio_diffstride import AudioClassifier, cutoffs
from audio_diffstride.models import DenseNet, EfficientNet, multiply_adds
from audio_diffstride.models.downsampler import DOWNSAMPLING

# Small networks that downsample twice, for audio and for images of 3 channels
TINY = {
    DenseNet: {"layers_per_block": (1, 2, 1), "growth": 2},
    EfficientNet: {"stages": ((1, 3, 1, 8), (2, 5, 2, 12)), "width": 0.25},
}


@pytest.mark.parametrize("arm", DOWNSAMPLING)
@pytest.mark.parametrize("encoder_class", TINY)
def test_sizes_are_what_was_said(encoder_class, arm):
    encoder = encoder_class(
        **TINY[encoder_class],
        strides=((2, 3), (1, 2)),
        downsampling=arm,
        stem="large",
    )
    size = tuple(encoder(keras.random.normal((2, 47, 62, 3))).shape[1:3])
    rows = encoder.multiply_adds((47, 62))
    assert rows[-1]["output_size"] == size
    last = encoder.downsamplers[-1]
    assert last.output_size(encoder.input_sizes((47, 62))[-1]) == size


@pytest.mark.parametrize("encoder_class", TINY)
def test_it_takes_spectrograms_and_is_saved(encoder_class, tmp_path):
    encoder = encoder_class(**TINY[encoder_class], strides=((2, 2), (1, 1)))
    model = AudioClassifier({"word": 3}, encoder=encoder)
    encoder.downsamplers[0].resampling.strides.assign([2.5, 1.5])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(size=(2, 8000)).astype("float32")
    np.testing.assert_array_equal(model(x)["word"], loaded(x)["word"])
    rows = cutoffs.report(loaded, (50, 64))
    assert [row["stride"] for row in rows] == [2.5, 1.5, 1.0, 1.0]
    assert rows[0]["cutoff"] == pytest.approx(100 / 5, abs=1e-4)
    twin = multiply_adds.strided_baseline(loaded.encoder)
    for own, strided in zip(
        loaded.encoder.multiply_adds((50, 64)),
        twin.multiply_adds((50, 64)),
        strict=True,
    ):
        assert own["block"] == strided["block"]
        assert own["total"] >= strided["total"] > strided["resampling"] == 0


@pytest.mark.parametrize("encoder_class", TINY)
def test_every_stride_and_weight_has_a_gradient(encoder_class):
    encoder = encoder_class(**TINY[encoder_class], strides=((2, 2), (1.5, 1.5)))
    model = AudioClassifier({"word": 3}, encoder=encoder)
    model.compile("sgd", {"word": "mse"}, run_eagerly=True)
    before = [np.array(v) for v in model.trainable_variables]
    x = np.random.default_rng(0).normal(size=(8, 4000)).astype("float32")
    model.train_on_batch(x, {"word": np.eye(3)[np.arange(8) % 3]})
    for variable, old in zip(model.trainable_variables, before):
        assert (np.array(variable) != old).any(), variable.path
