"""The networks of `keras.applications`, as oracles for the image networks."""

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
    norms = [
        layer
        for layers in (model.layers, encoder._flatten_layers())
        for layer in layers
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    for norm in norms:
        norm.epsilon = norms[0].epsilon
    theirs = [
        weight
        for layer in model.layers[:-1]
        if not isinstance(layer, keras.layers.Normalization)  # of pixels
        for weight in layer.weights
    ]
    for name in {weight.name for weight in theirs}:
        ours_and_theirs = zip(
            (weight for weight in encoder.weights if weight.name == name),
            (weight for weight in theirs if weight.name == name),
            strict=True,
        )
        for one, other in ours_and_theirs:
            # Excitation is dense here and a (1 x 1) convolution there.
            one.assign(np.reshape(other, one.shape))


def logits(model, encoder, x):
    """Of an encoder, pooled, with a model's last layer."""
    pooled = np.mean(encoder(x), axis=(1, 2))
    kernel, bias = model.layers[-1].get_weights()
    return pooled @ kernel + bias
