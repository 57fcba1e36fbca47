"""Optimiser, schedule and weight decay of a config."""

import keras
import numpy as np
import pytest

from audio_diffstride import training
from audio_diffstride.optimization.optimizers import (
    StrideAdam,
    StrideAdamW,
    StrideSGD,
)
from audio_diffstride.training.model import decay_kernels
from tests.support.synthetic import tiny_config, tiny_images_config

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 1), np.uint8)


def compiled(**changes):
    config = tiny_images_config()
    config.training.update(changes)
    model = training.build_model(config, {"digit": list("01")})
    training.compile_model(model, config)
    return model


def test_the_rate_falls_to_a_tenth_at_each_share_of_the_run():
    optimizer = compiled(
        num_steps=40,
        learning_rate=0.1,
        schedule="steps",
        schedule_boundaries=(0.5, 0.75),
    ).optimizer
    optimizer.build([])
    rates = []
    for step in range(40):
        optimizer.iterations.assign(step)
        rates.append(float(optimizer.learning_rate))
    expected = np.repeat([0.1, 0.01, 0.001], [20, 10, 10])
    np.testing.assert_allclose(rates, expected, rtol=1e-6)


def test_the_optimiser_is_the_one_asked_for():
    sgd = compiled(optimizer="sgd", momentum=0.8, stride_step_ratio=3.0)
    assert isinstance(sgd.optimizer, StrideSGD)
    assert sgd.optimizer.momentum == 0.8
    assert sgd.optimizer.stride_step_ratio == 3.0
    adam = compiled(optimizer="adam").optimizer
    assert isinstance(adam, StrideAdam)
    assert adam.global_clipnorm is None and adam.weight_decay is None
    adamw = compiled(optimizer="adamw", weight_decay=0.2, clip_norm=3.0)
    assert isinstance(adamw.optimizer, StrideAdamW)
    assert adamw.optimizer.weight_decay == 0.2
    assert adamw.optimizer.global_clipnorm == 3.0
    assert adamw.losses == []  # the loss has no decay beside it


def test_every_place_learns_its_folding_at_the_rate_of_the_config():
    images = tiny_images_config(folding=0.5, learn_folding=True)
    waveform = tiny_config(
        learn_folding=True,
        encoder="waveform",
        strides=((4,), (2,)),
        folded_channels="half",
    )
    for config in (images, waveform):
        config.training.folding_step_ratio = 7.0
        model = training.build_model(config, {"digit": list("01")})
        training.compile_model(model, config)
        names = [v.name for v in model.trainable_variables]
        places = model.encoder.downsamplers
        assert names.count("folding") == len(places) > 0
        assert model.optimizer.folding_step_ratio == 7.0


@pytest.mark.slow
def test_folding_is_learned_on_images():
    images = tiny_images_config(folding=0.5, learn_folding=True)
    model = training.build_model(images, {"digit": list("01")})
    training.compile_model(model, images)
    layer = model.encoder.downsamplers[0].resampling
    model.train_on_batch(IMAGES, {"digit": np.array([0, 1, 0, 1])})
    assert not np.allclose(layer.folding, 0.5, atol=1e-6)


def test_weight_decay_is_of_kernels_and_of_nothing_else():
    model = compiled(weight_decay=0.25)
    decayed = [v for v in model.trainable_variables if v.regularizer]
    # Stem; four in stage 1; four and a shortcut in stage 2; head.
    assert len(decayed) == 1 + 4 + 5 + 1
    assert all(len(v.shape) in (2, 4) for v in decayed)
    others = {v.name for v in model.trainable_variables} - {"kernel"}
    assert others == {"strides", "gamma", "beta", "bias"}
    squares = sum(float(np.sum(np.square(v))) for v in decayed)
    assert float(sum(model.losses)) == pytest.approx(0.25 * squares, rel=1e-5)
    assert compiled(weight_decay=0.0).losses == []


def test_weight_decay_alone_shrinks_kernels_and_leaves_strides():
    model = compiled(
        optimizer="sgd", momentum=0.0, learning_rate=0.1, weight_decay=0.5
    )
    before = {v.path: np.array(v) for v in model.trainable_variables}
    labels = {"digit": np.zeros(4, np.int32)}
    weightless = {"digit": np.zeros(4, np.float32)}
    model.train_on_batch(IMAGES, labels, weightless)
    for variable in model.trainable_variables:
        # The gradient of 0.5 w^2 is w; of all else it is 0.
        shrunk = 0.9 if variable.name == "kernel" else 1.0
        np.testing.assert_allclose(
            np.array(variable), shrunk * before[variable.path], rtol=1e-5
        )


def test_any_kernel_is_decayed_whatever_its_layer():
    layer = keras.layers.DepthwiseConv2D(3)
    model = keras.Sequential([keras.Input((8, 8, 2)), layer])
    decay_kernels(model, 0.1)
    assert layer.kernel.regularizer is not None
    assert layer.bias.regularizer is None
