"""A small classifier whose every constant matters, as after a training."""

import keras
import numpy as np

from audio_diffstride import training
from tests.support.synthetic import tiny_config

TASKS = {"pitch": ["high", "low"], "bird": ["wren", "robin", "none"]}


def build(
    seed: int = 0,
    learned=(1.7, 2.3),
    precision="float32",
    kinds=None,
    **fields,
):
    """A classifier with strides, biases and norms as if they were learned.

    Args:
        seed: of the weights.
        learned: strides of every block that learns them.
        precision: what it computes in.
        kinds: {task: its kind}; None is one label for all.
        **fields: of the section `model` of the config.
    """
    keras.utils.set_random_seed(seed)
    config = tiny_config(**fields)
    config.training.precision = precision
    model = training.build_model(config, TASKS, kinds)
    rng = np.random.default_rng(seed)
    ranges = {
        "gamma": (-2, 2),
        "beta": (-1, 1),
        "moving_mean": (-1, 1),
        "moving_variance": (0.2, 2),
    }
    for block in model.encoder.blocks:
        if block.downsampling == "diffstride":
            block.resampling.strides.assign(learned)
        for convolution in block.convolutions:
            bias = convolution.bias
            bias.assign(rng.uniform(-0.5, 0.5, bias.shape))
        for norm in block.norms:
            for name, bounds in ranges.items():
                variable = getattr(norm, name)
                variable.assign(rng.uniform(*bounds, variable.shape))
    # A channel that batch norm has switched off.
    gamma = model.encoder.blocks[0].norms[0].gamma
    gamma.assign(np.r_[0.0, np.asarray(gamma)[1:]])
    return model
