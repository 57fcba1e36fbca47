"""EfficientNet-B0: the published counts, and the published network's logits."""

import math

import keras
import numpy as np
import pytest

from audio_diffstride.models import EfficientNet
from audio_diffstride.models.image.mobile_block import MobileBlock
from audio_diffstride.models.image.squeeze_excitation import SqueezeExcitation
from tests.support import published_networks


def num_weights(encoder) -> int:
    return sum(math.prod(v.shape) for v in encoder.trainable_variables)


@pytest.mark.slow
def test_it_is_efficientnet_b0():
    keras.utils.set_random_seed(0)
    published = published_networks.randomised(
        keras.applications.EfficientNetB0(
            weights=None, classifier_activation=None
        )
    )
    encoder = EfficientNet(stem="large", downsampling="strided_conv")
    encoder.build((None, None, None, 3))
    count = num_weights(encoder) + (1280 + 1) * 1000
    assert count == published_networks.num_trainable(published) == 5_288_548
    rows = encoder.multiply_adds((224, 224))
    count = sum(row["total"] for row in rows) + 1280 * 1000
    assert count == published_networks.multiply_adds(published)
    assert count == pytest.approx(0.39e9, rel=0.015)
    published_networks.give_weights(published, encoder)
    # A pixel aside, logits of such noise differ by a fiftieth.
    x = np.random.default_rng(1).normal(0, 30, (2, 224, 224, 3))
    x = x.astype("float32")
    ours = published_networks.logits(published, encoder, x)
    theirs = np.array(published(255 * x))  # it takes pixels of 0 to 255
    np.testing.assert_allclose(ours, theirs, atol=5e-5 * np.abs(theirs).max())


def test_every_stage_is_a_place_and_adds_two_weights():
    arguments = {
        "stages": ((1, 3, 1, 4), (2, 5, 2, 6)),
        "strides": ((1, 1), (2, 2)),
        "width": 0.5,
    }
    learned, strided = (
        EfficientNet(**arguments),
        EfficientNet(**arguments, downsampling="strided_conv"),
    )
    for encoder in (learned, strided):
        encoder.build((None, None, None, 1))
        names = [place.name for place in encoder.downsamplers]
        assert names == ["stage1", "stage2"]
    assert num_weights(learned) == num_weights(strided) + 2 * 2
    assert learned.compute_output_shape((2, 9, 9, 1))[-1] == 640


def test_excitation_weights_channels_by_their_means():
    layer = SqueezeExcitation(channels=2, squeezed=1)
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 2)).astype("float32")
    layer(x)
    layer.squeeze.set_weights([np.float32([[1], [2]]), np.float32([0.5])])
    layer.excite.set_weights([np.float32([[1, -1]]), np.float32([0, 3])])
    mean = x.mean(axis=(1, 2))
    squeezed = mean[:, 0] + 2 * mean[:, 1] + 0.5
    squeezed /= 1 + np.exp(-squeezed)  # swish
    weights = 1 / (1 + np.exp(-np.stack([squeezed, 3 - squeezed], axis=-1)))
    expected = x * weights[:, None, None]
    np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-6)


def test_drop_connect_drops_a_block_for_an_example_and_scales_the_rest():
    keras.utils.set_random_seed(0)
    rate = 0.25
    block = MobileBlock(3, 3, 3, 2, skip=True, drop_connect=rate)
    x = np.random.default_rng(0).normal(size=(64, 4, 4, 3)).astype("float32")
    branch = x
    block.build(x.shape)
    for part in block.parts:
        branch = part(branch, training=True)
    added = np.array(block(x, training=True)) - x
    kept = added.any(axis=(1, 2, 3))
    assert 0 < (~kept).sum() < 32
    expected = np.array(branch) / (1 - rate) * kept[:, None, None, None]
    np.testing.assert_allclose(added, expected, atol=1e-5)
    # Without training nothing is.
    branch = x
    for part in block.parts:
        branch = part(branch)
    np.testing.assert_allclose(np.array(block(x)) - x, branch, atol=1e-5)


def test_dropout_drops_whole_channels_and_equals_dropout_after_pooling():
    encoder = EfficientNet(
        stages=((1, 3, 1, 4),), strides=((1, 1),), width=0.05, dropout=0.5
    )
    y = np.array(encoder(keras.random.normal((4, 6, 6, 1)), training=True))
    gone = ~y.any(axis=(1, 2))  # (examples, channels)
    assert 0.3 < gone.mean() < 0.7
    # A swish is 0 nowhere by chance.
    assert y.all(axis=(1, 2))[~gone].all()


def test_drop_connect_grows_with_depth():
    encoder = EfficientNet(width=0.05)
    rates = [block.dropout.rate for block in encoder.blocks[:-1]]
    np.testing.assert_allclose(rates, 0.2 * np.arange(16) / 16)
    skips = [block.skip for block in encoder.blocks[:-1]]
    assert skips.count(False) == len(encoder.downsamplers) == 7


def test_strides_that_do_not_fit_the_stages_are_refused():
    with pytest.raises(ValueError, match="per stage.*7 stages, 1 strides"):
        EfficientNet(strides=((2, 2),))
    with pytest.raises(ValueError, match="`stem` must be one of"):
        EfficientNet(stem="medium")
