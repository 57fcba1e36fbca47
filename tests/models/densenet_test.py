"""DenseNet-BC: the published counts, and the published network's logits."""

import math

import keras
import numpy as np
import pytest

from audio_diffstride.models import DenseNet
from audio_diffstride.models.image.dense_block import DenseBlock
from tests.support import published_networks


def built(**arguments):
    encoder = DenseNet(**arguments)
    encoder.build((None, None, None, 3))
    return encoder


def num_weights(encoder, classes: int) -> int:
    """Of the encoder and a linear layer on it."""
    own = sum(math.prod(v.shape) for v in encoder.trainable_variables)
    return own + (encoder.blocks[-1].channels + 1) * classes


@pytest.mark.slow
def test_it_is_densenet121():
    keras.utils.set_random_seed(0)
    published = published_networks.randomised(
        keras.applications.DenseNet121(weights=None, classifier_activation=None)
    )
    encoder = built(stem="large", downsampling="average_pool")
    assert num_weights(encoder, 1000) == 7_978_856
    assert published_networks.num_trainable(published) == 7_978_856
    rows = encoder.multiply_adds((224, 224))
    count = sum(row["total"] for row in rows) + 1024 * 1000
    assert count == published_networks.multiply_adds(published)
    assert count == pytest.approx(2.83e9, rel=0.005)
    published_networks.give_weights(published, encoder)
    # Half a pixel beside, logits of such noise differ by a fiftieth.
    x = np.random.default_rng(1).normal(0, 30, (2, 224, 224, 3))
    x = x.astype("float32")
    ours = published_networks.logits(published, encoder, x)
    theirs = np.array(published(x))
    np.testing.assert_allclose(ours, theirs, atol=5e-5 * np.abs(theirs).max())


@pytest.mark.slow
def test_it_is_the_densenet_for_cifar():
    # 769,162 is the DenseNet-BC of depth 100 and growth 12 for CIFAR-10.
    encoder = built(
        layers_per_block=(16, 16, 16),
        growth=12,
        strides=((2, 2), (2, 2)),
        downsampling="average_pool",
    )
    assert num_weights(encoder, 10) == 769_162
    # Huang et al., 2017, section 3: maps of 32 x 32, 16 x 16 and 8 x 8
    rows = {row["block"]: row for row in encoder.multiply_adds((32, 32))}
    sizes = [rows[f"dense{number}"]["output_size"] for number in (1, 2, 3)]
    assert sizes == [(32, 32), (16, 16), (8, 8)]


def test_every_layer_sees_all_before_it():
    block = DenseBlock(num_layers=3, growth=2)
    x = keras.random.normal((1, 5, 5, 4))
    y = np.array(block(x))
    assert block.channels == y.shape[-1] == 4 + 3 * 2
    # What comes in goes out first, and each layer's maps stay as they are.
    np.testing.assert_array_equal(y[..., :4], x)
    first, second = block.convolutions[2:4]
    np.testing.assert_allclose(
        second(first(y[..., :6])), y[..., 6:8], atol=1e-6
    )


def test_a_transition_halves_the_channels_and_averages_pairs():
    encoder = built(
        layers_per_block=(1, 1),
        growth=2,
        strides=((2, 2),),
        downsampling="average_pool",
    )
    transition = encoder.blocks[1]
    assert transition.channels == (2 * 2 + 2) // 2
    kernel = transition.convolution.kernel
    kernel.assign(np.eye(6, 3).reshape(kernel.shape))
    transition.norm.epsilon = 0.0
    x = np.random.default_rng(0).uniform(size=(1, 4, 6, 6)).astype("float32")
    expected = x[..., :3].reshape(1, 2, 2, 3, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(transition(x), expected, atol=1e-6)


def test_the_first_transition_may_keep_its_size():
    arguments = {"layers_per_block": (1, 1, 1), "growth": 2}
    twice = built(**arguments, strides=((2, 2),))
    assert [p.name for p in twice.downsamplers] == ["transition2"]
    assert twice.input_sizes((32, 20)) == [(32, 20)]
    both = built(**arguments, strides=((1, 1), (2, 2)))
    assert [p.name for p in both.downsamplers] == ["transition1", "transition2"]
    # Two strides to learn are all that is added.
    assert num_weights(both, 10) == num_weights(twice, 10) + 2


def test_strides_that_do_not_fit_the_transitions_are_refused():
    with pytest.raises(ValueError, match="per transition.*4 dense blocks, 1"):
        DenseNet(strides=((2, 2),))
    with pytest.raises(ValueError, match="`stem` must be one of"):
        DenseNet(stem="medium")
