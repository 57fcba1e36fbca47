"""ResNet-18: the published counts, one pair of strides for both branches."""

import math

import keras
import numpy as np
import pytest

from audio_diffstride import AudioClassifier, cutoffs
from audio_diffstride.models import ResNet
from audio_diffstride.models.downsampler import DOWNSAMPLING, Downsample
from audio_diffstride.models.image.residual_block import ResidualBlock


def built(**arguments):
    encoder = ResNet(**arguments)
    encoder.build((None, None, None, 3))
    return encoder


def num_weights(encoder, classes: int) -> int:
    """Of the encoder and a linear layer on it."""
    own = sum(math.prod(v.shape) for v in encoder.trainable_variables)
    return own + (encoder.blocks[-1].channels + 1) * classes


def test_weights_and_multiply_adds_are_the_published_ones():
    # torchvision's resnet18: 11,689,512 weights, 1.814e9 multiply-adds.
    encoder = built(stem="large", downsampling="strided_conv")
    assert num_weights(encoder, 1000) == 11_689_512
    rows = encoder.multiply_adds((224, 224))
    assert sum(r["total"] for r in rows) + 512 * 1000 == 1_814_073_344
    assert rows[-1]["output_size"] == (7, 7)


def test_weights_for_small_images():
    # 11,173,962 is the habitual ResNet-18 for CIFAR-10.
    encoder = built(downsampling="strided_conv")
    assert num_weights(encoder, 10) == 11_173_962
    # Before activation, stem and shortcuts have no norm, the first norm of a
    # shortcut block is on the channels before it, and one norm comes last.
    fewer = (64 + 128 + 256 + 512) + (64 + 128 + 256) - 512
    encoder = built(downsampling="strided_conv", preactivation=True)
    assert num_weights(encoder, 10) == 11_173_962 - 2 * fewer


def test_diffstride_adds_two_weights_per_place_and_nothing_else():
    strided = built(downsampling="strided_conv", width=0.125)
    learned = built(width=0.125)
    assert num_weights(learned, 10) == num_weights(strided, 10) + 2 * 3


@pytest.mark.parametrize("preactivation", [False, True])
@pytest.mark.parametrize("arm", DOWNSAMPLING)
def test_sizes_are_what_was_said(arm, preactivation):
    encoder = ResNet(
        channels=(2, 4, 6),
        strides=((2, 3), (1, 2)),
        downsampling=arm,
        preactivation=preactivation,
    )
    size = encoder(keras.random.normal((2, 23, 30, 1))).shape[1:3]
    rows = encoder.multiply_adds((23, 30))
    assert rows[-1]["output_size"] == tuple(size)
    last = encoder.downsamplers[-1]
    assert last.output_size(encoder.input_sizes((23, 30))[-1]) == tuple(size)


def test_both_branches_share_one_pair_of_strides():
    place = Downsample((2.0, 2.0))
    block = ResidualBlock(4, place, project=True)
    block(keras.random.normal((1, 20, 20, 2)))
    strides = [v for v in block.trainable_variables if v.name == "strides"]
    assert len(strides) == 1
    # Moved, both branches move: they can still be added.
    place.resampling.strides.assign([3.0, 1.5])
    place.resampling.refresh_sizes()
    shape = block(keras.random.normal((1, 20, 20, 2))).shape
    assert tuple(shape) == (1, *place.output_size((20, 20)), 4)


@pytest.mark.parametrize("preactivation", [False, True])
def test_a_block_is_what_figure_2b_draws(preactivation):
    """With its convolutions the identity and norms of 1, it can be told."""
    place = Downsample((2.0, 1.6), "spectral")
    block = ResidualBlock(3, place, True, preactivation)
    x = np.random.default_rng(0).normal(size=(2, 12, 16, 3)).astype("float32")
    block(x)
    for kernel in (c.kernel for c in (*block.convolutions, block.shortcut)):
        identity = np.zeros(kernel.shape, "float32")
        centre = kernel.shape[0] // 2
        identity[centre, centre] = np.eye(3)
        kernel.assign(identity)
    for norm in block.norms:
        norm.epsilon = 0.0

    def down(values):
        return np.array(place.resampling(values))

    def relu(values):
        return np.maximum(values, 0)

    if preactivation:
        expected = down(x) + relu(down(relu(x)))
    else:
        expected = relu(down(x) + relu(down(x)))
    np.testing.assert_allclose(np.array(block(x)), expected, atol=1e-5)


def test_the_first_stage_learns_strides_too_if_it_has_any():
    encoder = built(
        width=0.125, stem="large", strides=((1, 1), (2, 2), (2, 2), (2, 2))
    )
    names = [place.name for place in encoder.downsamplers]
    assert names == ["stage1", "stage2", "stage3", "stage4"]
    # It starts as an identity block: no convolution in its shortcut.
    assert encoder.blocks[0].shortcut is None
    assert encoder.input_sizes((64, 64))[0] == (16, 16)


def test_it_takes_spectrograms_and_is_saved(tmp_path):
    model = AudioClassifier(
        {"word": 3}, encoder=ResNet(channels=(2, 4), strides=((2, 2),))
    )
    model.encoder.downsamplers[0].resampling.strides.assign([2.5, 1.5])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(size=(2, 8000)).astype("float32")
    np.testing.assert_array_equal(model(x)["word"], loaded(x)["word"])
    rows = cutoffs.report(loaded, (50, 64))
    assert [row["stride"] for row in rows] == [2.5, 1.5]
    assert rows[0]["cutoff"] == pytest.approx(100 / 5, abs=1e-4)


def test_strides_that_do_not_fit_the_stages_are_refused():
    with pytest.raises(ValueError, match="per stage"):
        ResNet(strides=((2, 2),))
    with pytest.raises(ValueError, match="`stem` must be one of"):
        ResNet(stem="medium")
