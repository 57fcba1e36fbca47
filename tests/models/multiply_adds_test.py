"""Multiply-adds, counted."""

import numpy as np
import pytest
import tensorflow as tf

from audio_diffstride import AudioClassifier, TimeFrequencyEncoder
from audio_diffstride.config.architectures import POSITIONS, positions
from audio_diffstride.models import multiply_adds


def encoder(downsampling, **arguments):
    return TimeFrequencyEncoder(
        channels=(3, 5),
        strides=((2, 2), (1, 2)),
        downsampling=downsampling,
        **arguments,
    )


def counted_by_tensorflow(function, shape) -> int:
    """Multiply-adds of the convolutions and products that see the input."""
    spec = tf.TensorSpec(shape, tf.float32)
    graph = tf.function(function).get_concrete_function(spec).graph
    seen, total = {graph.inputs[0].ref()}, 0
    for node in graph.get_operations():  # in the order they were made
        if not any(tensor.ref() in seen for tensor in node.inputs):
            continue
        seen.update(tensor.ref() for tensor in node.outputs)
        if node.type == "Conv2D":
            inner = np.prod(node.inputs[1].shape[:3])
        elif node.type in ("MatMul", "BatchMatMulV2"):
            right = node.inputs[1].shape
            inner = right[
                -1
                if node.get_attr(
                    "adj_y" if node.type != "MatMul" else "transpose_b"
                )
                else -2
            ]
        else:
            continue
        total += np.prod(node.outputs[0].shape) * inner
    return int(total)


@pytest.mark.parametrize("arm", ["strided_conv", "max_pool", "spectral"])
@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("width", [1, 16])
def test_counts_are_those_of_the_graph(arm, width, position):
    if position not in positions(arm):
        arm = "average_pool"
    network = encoder(arm, width=width, downsampling_position=position)
    rows = network.multiply_adds((30, 21))
    network.build((1, 30, 21, 1))
    counted = counted_by_tensorflow(network, (1, 30, 21, 1))
    assert sum(row["total"] for row in rows) == counted


def test_convolutions_after_the_downsampling_cost_what_strided_ones_do():
    size = (100, 64)
    strided = encoder("strided_conv", width=8).multiply_adds(size)
    before = encoder(
        "diffstride",
        width=8,
        transition_band="inside",
        downsampling_position="before_convolution",
    ).multiply_adds(size)
    for row, other in zip(before, strided):
        assert row["output_size"] == other["output_size"]
        assert row["convolution"] == other["convolution"]
        assert row["resampling"] > 0


def test_a_block_of_diffstride_by_hand():
    # 100 x 64 -> 58 x 40, 1 -> 3 channels; R = 4. Along time resampling
    # comes first (one channel, three taps), along frequency last.
    row = encoder("diffstride").multiply_adds((100, 64))[0]
    assert row["output_size"] == (58, 40)
    along_time = 58 * 64 * 3 * 1 * 3
    along_frequency = 58 * 64 * 3 * 3 * 3
    assert row["convolution"] == along_time + along_frequency
    resampling = 3 * 1 * 58 * 100 * 64 + 3 * 40 * 64 * 58
    assert row["resampling"] == resampling
    assert row["total"] == along_time + along_frequency + resampling


def test_each_block_starts_with_what_the_one_before_left():
    rows = encoder("diffstride").multiply_adds((100, 64))
    assert rows[1]["input_size"] == rows[0]["output_size"]
    assert rows[1]["block"] == "block2"


def test_the_strided_baseline_differs_in_its_downsampling_only():
    baseline = multiply_adds.strided_baseline(encoder("diffstride", width=2.0))
    assert [block.channels for block in baseline.blocks] == [6, 10]
    rows = baseline.multiply_adds((100, 64))
    assert [row["output_size"] for row in rows] == [(50, 32), (50, 16)]
    assert all(row["resampling"] == 0 for row in rows)


def test_fractional_strides_are_rounded_for_the_strided_baseline():
    network = TimeFrequencyEncoder(channels=(2,), strides=((1.6, 1.2),))
    baseline = multiply_adds.strided_baseline(network)
    assert baseline.blocks[0].initial_strides == (2.0, 1.0)


def test_heads_count_every_class_of_every_task():
    model = AudioClassifier({"a": 2, "b": 7}, encoder=encoder("strided_conv"))
    assert multiply_adds.head_macs(model) == 5 * 9
