"""Part "layers": DiffStride alone, as a matrix product and by FFTs."""

from __future__ import annotations

import tensorflow as tf

from audio_diffstride.benchmark import arms, memory
from audio_diffstride.benchmark.fft_layer import fft_diffstride
from audio_diffstride.benchmark.timing import interleaved
from audio_diffstride.layers import DiffStride

# (batch, frames, bands, channels) at the first three blocks.
SHAPES = ((16, 100, 64, 64), (16, 58, 40, 128), (16, 36, 28, 256))
WAYS = ("matrix", "fft", "released")


def _layer(way: str, shape, released):
    """A function of x, and the strides that it has a gradient for."""
    if way == "released":
        layer = arms.released_pooling(released).DiffStride(
            2.0, data_format="channels_last"
        )
        layer.build(shape)
        return layer, layer.strides
    layer = DiffStride(2.0)
    layer.build(shape)
    if way == "fft":
        return lambda x: fft_diffstride(layer, x), layer.strides
    return layer, layer.strides


def training_step(way: str, shape, released=None):
    """The gradients for the input and the strides, as a function."""
    layer, strides = _layer(way, shape, released)
    x = tf.random.normal(shape)
    upstream = tf.random.normal(layer(x).shape)

    @tf.function(autograph=False)
    def step():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        return tape.gradient(y, [x, strides.value], output_gradients=upstream)

    return lambda: float(step()[1][0])


def forward_pass(way: str, shape, released=None):
    """The layer's output, as a function."""
    layer, _ = _layer(way, shape, released)
    x = tf.random.normal(shape)
    step = tf.function(lambda: layer(x), autograph=False)
    return lambda: step().numpy()


def measure(repetitions: int, released=None) -> list[dict]:
    """A row per shape and way: milliseconds and megabytes.

    Args:
        repetitions: how often each is timed.
        released: path of a checkout of the released code, or None.
    """
    ways = [way for way in WAYS if released or way != "released"]
    rows = []
    for shape in SHAPES:
        times = [
            interleaved(
                {way: make(way, shape, released) for way in ways}, repetitions
            )
            for make in (training_step, forward_pass)
        ]
        for way in ways:
            peak = memory.peak_bytes(
                f"{__name__}:training_step",
                way=way,
                shape=shape,
                released=released and str(released),
            )
            rows.append(
                {
                    "shape": " x ".join(map(str, shape)),
                    "way": way,
                    "training_ms": 1000 * times[0][way],
                    "forward_ms": 1000 * times[1][way],
                    "peak_mb": peak and peak / 1e6,
                }
            )
    return rows
