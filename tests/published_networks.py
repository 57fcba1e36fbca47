"""The networks of `keras.applications`, as oracles for those made here."""

import math

import keras
import numpy as np

_CONVOLUTIONS = (
    keras.layers.Conv2D,
    keras.layers.DepthwiseConv2D,
    keras.layers.Dense,
)


def randomised(model):
    """The same model, with statistics and weights that no norm hides."""
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights(
                [rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()]
            )
    return model


def num_trainable(model) -> int:
    return sum(math.prod(w.shape) for w in model.trainable_weights)


def multiply_adds(model) -> int:
    """Counted from the output shapes of a model of one input size."""
    return sum(
        math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:-1])
        for layer in model.layers
        if isinstance(layer, _CONVOLUTIONS)
    )


def give_weights(model, encoder):
    """Copies all but the last, dense layer into an encoder, in order."""
    for kind in (_CONVOLUTIONS, keras.layers.BatchNormalization):
        ours, theirs = (
            [layer for layer in layers if isinstance(layer, kind)]
            for layers in (encoder._flatten_layers(), model.layers[:-1])
        )
        for one, other in zip(ours, theirs, strict=True):
            # Excitation is dense here and a (1 x 1) convolution there.
            shapes = [weight.shape for weight in one.get_weights()]
            weights = zip(other.get_weights(), shapes, strict=True)
            one.set_weights([w.reshape(shape) for w, shape in weights])
            if hasattr(one, "epsilon"):
                one.epsilon = other.epsilon


def logits(model, encoder, x):
    """Of an encoder, pooled, with a model's last layer."""
    pooled = np.mean(encoder(x), axis=(1, 2))
    kernel, bias = model.layers[-1].get_weights()
    return pooled @ kernel + bias
