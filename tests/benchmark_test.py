"""The FFT form of the layer is the layer, or comparing times means nothing."""

import json

import numpy as np
import pytest
import tensorflow as tf

from audio_diffstride import DiffStride
from audio_diffstride.benchmark import arms, growth, memory, timing
from audio_diffstride.benchmark.__main__ import main
from audio_diffstride.benchmark.fft_layer import fft_diffstride
from audio_diffstride.errors import UserError
from audio_diffstride.models import TimeFrequencyEncoder


@pytest.mark.parametrize("band", ["outside", "inside"])
@pytest.mark.parametrize("size", [(100, 64), (13, 8), (40, 41), (3, 5)])
def test_fft_form_equals_the_layer_in_value_and_gradient(band, size):
    layer = DiffStride((1.7, 2.4), 2.0, band)
    x = tf.constant(
        np.random.default_rng(0).normal(size=(2, *size, 3)).astype("float32")
    )
    layer.build(x.shape)
    results = []
    for function in (layer, lambda x: fft_diffstride(layer, x)):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
            loss = tf.reduce_sum(tf.sin(y))
        results.append((y, *tape.gradient(loss, [x, layer.strides.value])))
    for ours, theirs in zip(*results):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


@pytest.fixture
def one_block(monkeypatch):
    """Networks of one block, which are made in no time."""

    class Small(TimeFrequencyEncoder):
        def __init__(self, **arguments):
            arguments |= {"channels": (200,), "strides": ((2, 2),)}
            super().__init__(**arguments)

    monkeypatch.setattr(arms, "TimeFrequencyEncoder", Small)


@pytest.mark.slow
def test_every_arm_trains_and_the_slice_has_the_sizes_of_outside(one_block):
    x = np.zeros((2, 8000), "int16")
    y = {"class": np.zeros(2, "int64")}
    shapes = {}
    for name in arms.names():
        model = arms.model(name, width=0.03)
        assert np.isfinite(model.train_on_batch(x, y))
        features = model.front_end(x)
        shapes[name] = tuple(model.encoder(features).shape)
    assert shapes["slice"] == shapes["outside"] == shapes["fft"]
    assert shapes["inside"] == shapes["spectral"]


def test_a_folder_without_the_released_layer_is_told(tmp_path):
    with pytest.raises(UserError, match="not a checkout of google-research"):
        arms.released_pooling(tmp_path)


def test_times_are_medians_and_the_steps_take_turns(monkeypatch):
    clock, order = [0.0], []
    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock[0])
    took = {"a": [9, 9, 1, 5, 2], "b": [9, 9, 4, 4, 100]}

    def step(name):
        def run():
            order.append(name)
            clock[0] += took[name].pop(0)

        return run

    steps = {name: step(name) for name in took}
    assert timing.interleaved(steps, repetitions=3) == {"a": 2, "b": 4}
    assert order == ["a", "b"] * 5


def block_of_ones(megabytes):
    """A step that needs so much, for a moment."""
    return lambda: float(np.ones(megabytes * 125_000).sum())


@pytest.mark.slow
def test_peak_memory_is_that_of_the_step():
    small, large = (
        memory.peak_bytes("tests.benchmark_test:block_of_ones", megabytes=size)
        for size in (1, 201)
    )
    assert 195e6 < large - small < 215e6


def test_growth_changes_one_thing_at_a_time():
    settings = growth.settings()
    assert len(settings) == len({tuple(s.values()) for s in settings})
    for setting in settings:
        same = [setting[k] == v for k, v in growth.START.items()]
        assert sum(same) >= 2


def test_the_network_is_printed_beside_the_strided_one(
    one_block, monkeypatch, capsys, tmp_path
):
    monkeypatch.setattr(arms, "names", lambda released: ["strided_conv", "fft"])
    monkeypatch.setattr(memory, "peak_bytes", lambda *a, **k: 3_000_000)
    command = "--parts network --width 0.02 --batch 1 --repetitions 1"
    output = tmp_path / "numbers.json"
    main([*command.split(), "--output", str(output)])
    lines = capsys.readouterr().out.splitlines()
    strided = next(line for line in lines if line.startswith("strided_conv"))
    assert strided.split().count("1.00") == 3
    rows = json.loads(output.read_text())["network"]
    assert [row["arm"] for row in rows] == ["strided_conv", "fft"]


def test_an_unknown_part_is_told(capsys):
    with pytest.raises(SystemExit):
        main(["--parts", "layers,nosuch"])
    assert "--parts has no nosuch" in capsys.readouterr().err
