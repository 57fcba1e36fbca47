"""The front end of images, and the classifier around it."""

import keras
import numpy as np
import pytest

from audio_diffstride import ImageClassifier, Pixels, cutoffs
from audio_diffstride.models import ResNet
from audio_diffstride.runs import model_files
from tests.support.layer_test_case import run_layer_test

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 6, 8, 3), np.uint8)


def test_layer_contract(tmp_path):
    run_layer_test(
        lambda **kwargs: Pixels((4, 9), **kwargs), (3, 6, 8, 3), tmp_path
    )


def test_the_mean_becomes_0_and_a_deviation_1():
    mean, deviation = (0.1, 0.5, 0.9), (0.2, 0.25, 0.5)
    layer = Pixels((6, 8), mean, deviation)
    np.testing.assert_allclose(layer(IMAGES), IMAGES / 255, atol=1e-6)
    np.testing.assert_allclose(
        layer.normalise(layer(IMAGES)),
        (IMAGES / 255 - mean) / deviation,
        atol=1e-5,
    )


def test_grey_is_colour_with_equal_channels():
    layer = Pixels((6, 8))
    grey = IMAGES[..., :1]
    np.testing.assert_array_equal(
        layer(grey), layer(np.repeat(grey, 3, axis=-1))
    )


def test_images_of_any_size_come_out_in_one():
    layer = Pixels((12, 8))
    enlarged = np.array(layer(IMAGES))
    assert (
        enlarged.shape
        == (3, 12, 8, 3)
        == layer.compute_output_shape((3, None, None, 3))
    )
    # Twice as high: a row of each pair is 3/4 of its own, 1/4 of the next.
    rows = IMAGES / 255
    np.testing.assert_allclose(
        enlarged[:, 1:-1:2], 0.75 * rows[:, :-1] + 0.25 * rows[:, 1:], atol=1e-6
    )
    assert layer.output_size((6, 8)) == (12, 8)
    # Stripes finer than what is left average out instead of aliasing.
    stripes = np.zeros((1, 32, 32, 3), np.uint8)
    stripes[:, ::2] = 255
    inner = np.array(Pixels((10, 10))(stripes))[:, 2:-2]
    np.testing.assert_allclose(inner, 0.5, atol=0.1)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"size": (0, 8)}, "`size` must be"),
        ({"size": (8, 8, 3)}, "`size` must be"),
        ({"mean": (0.5,)}, "`mean` and `deviation` must have"),
        ({"deviation": (1, 0, 1)}, "deviations > 0"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Pixels(**arguments)


def classifier():
    encoder = ResNet(channels=(2, 4), strides=((2, 2),), name="encoder")
    pixels = Pixels((16, 16), name="pixels")
    return ImageClassifier({"a": ["x", "y"], "b": 3}, pixels, encoder)


def test_a_saved_classifier_is_loaded_with_equal_logits(tmp_path):
    model = classifier()
    model.save(tmp_path / "best.keras")
    loaded = model_files.load(tmp_path / "best.keras")
    assert loaded.class_names == {"a": ["x", "y"], "b": ["0", "1", "2"]}
    for task, logits in model(IMAGES).items():
        np.testing.assert_array_equal(loaded(IMAGES)[task], logits)


def test_cut_offs_are_in_cycles_per_pixel():
    model = classifier()
    assert list(cutoffs.strides(model)) == ["stage2_height", "stage2_width"]
    rows = cutoffs.report(model, model.front_end.output_size())
    assert {row["unit"] for row in rows} == {"cycles/pixel"}
    assert [row["cutoff"] for row in rows] == [0.25, 0.25]


def test_an_image_enters_the_encoder_as_it_was_normalised():
    model = classifier()
    x = model.front_end.normalise(model.front_end(IMAGES))
    pooled = keras.ops.mean(model.encoder(x), axis=(1, 2))
    np.testing.assert_allclose(
        model(IMAGES)["a"], model.heads[0](pooled), atol=1e-6
    )
