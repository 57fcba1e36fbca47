"""Part "bfloat16": what half precision gains, and where it loses.

Pieces of the network and the whole, with float32 and with bfloat16
activations. A processor with AVX512-BF16 multiplies matrices of bfloat16
faster. What has no such form in the backend is converted to float32 and back.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from audio_diffstride.benchmark import network, tables, timing
from audio_diffstride.layers import DiffStride

POLICIES = ("float32", "mixed_bfloat16")
ARMS = ("strided_conv", "inside", "outside")
# Frames, bands and channels at the first and at a deep block of the network.
SHAPES = ((100, 64, 64), (25, 16, 256))

_MATRIX_SIZE = 2048

_Steps = dict[str, Callable[[], object]]


def run(args: argparse.Namespace) -> list[tables.Row]:
    """Measures, and prints a table."""
    rows = measure(args.batch or 16, args.width or [1.0], args.repetitions)
    tables.print_table(
        f"float32 and bfloat16, batch {args.batch or 16}",
        rows,
        {
            "what": tables.text("what"),
            "float32 ms": tables.number("float32", 2, 1e-3),
            "bfloat16 ms": tables.number("bfloat16", 2, 1e-3),
            "times as fast": tables.number("gain", 2),
        },
    )
    return rows


def measure(
    batch_size: int, widths: list[float], repetitions: int
) -> list[tables.Row]:
    """One row per piece: its seconds in both types, and their ratio.

    Args:
        batch_size: windows per step.
        widths: factors on the channels of whole networks.
        repetitions: how often each is timed.
    """
    pairs = {
        policy: {
            **_matrix_product(policy),
            **_pieces(policy, batch_size),
            **_networks(policy, batch_size, widths),
        }
        for policy in POLICIES
    }
    rows = []
    for what in pairs[POLICIES[0]]:
        seconds = timing.interleaved(
            {policy: pairs[policy][what] for policy in POLICIES}, repetitions
        )
        full, half = (seconds[policy] for policy in POLICIES)
        rows.append(
            {"what": what, "float32": full, "bfloat16": half}
            | {"gain": full / half}
        )
    return rows


def _matrix_product(policy: str) -> _Steps:
    dtype = keras.dtype_policies.get(policy).compute_dtype
    size = _MATRIX_SIZE
    noise = np.random.default_rng(0).normal(size=(size, size))
    matrix = keras.ops.cast(noise.astype("float32"), dtype)

    def multiply() -> None:
        float((matrix @ matrix)[0, 0])

    return {f"matrix product, {size} x {size}": multiply}


def _pieces(policy: str, batch_size: int) -> _Steps:
    """The forward pass of each layer of a block, at its two sizes."""
    steps: _Steps = {}
    for shape in SHAPES:
        channels = shape[-1]
        layers = {
            "convolution 3 x 1": keras.layers.Conv2D(
                channels, (3, 1), padding="same", dtype=policy
            ),
            "convolution 3 x 1, stride 2": keras.layers.Conv2D(
                channels, (3, 1), (2, 1), padding="same", dtype=policy
            ),
            "batch norm": keras.layers.BatchNormalization(dtype=policy),
            "ReLU": keras.layers.ReLU(dtype=policy),
            "DiffStride": DiffStride(
                2.0, transition_band="inside", dtype=policy
            ),
        }
        for name, layer in layers.items():
            what = f"{name}, {' x '.join(map(str, shape))}"
            steps[what] = _forward(layer, policy, (batch_size, *shape))
    return steps


def _forward(
    layer: Any, policy: str, shape: tuple[int, ...]
) -> Callable[[], object]:
    dtype = keras.dtype_policies.get(policy).compute_dtype
    noise = np.random.default_rng(0).normal(size=shape).astype("float32")
    x = keras.ops.cast(noise, dtype)
    inputs = keras.Input(shape[1:], dtype=dtype)
    # A sum, so that the time to hand the output back does not count.
    outputs = keras.ops.sum(layer(inputs), axis=(1, 2))
    model = keras.Model(inputs, outputs)
    return lambda: model.predict_on_batch(x)


def _networks(policy: str, batch_size: int, widths: list[float]) -> _Steps:
    steps: _Steps = {}
    for width in widths:
        for arm in ARMS:
            setting: dict[str, Any] = {"width": width, "batch_size": batch_size}
            setting["precision"] = policy
            steps |= {
                f"{arm}, width {width:g}: forward": network.forward_pass(
                    arm, **setting
                ),
                f"{arm}, width {width:g}: training step": network.training_step(
                    arm, **setting
                ),
            }
    return steps
