"""The FFT form of the layer is the layer, or comparing times means nothing."""

import json
import os
import pathlib
import re
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from audio_diffstride import DiffStride, LogMelSpectrogram, backends
from audio_diffstride.__main__ import call
from audio_diffstride.benchmark import (
    arms,
    bfloat16,
    devices,
    fit_steps,
    growth,
    input_side,
    memory,
    released,
    replacements,
    timing,
)
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
def eagerly():
    """Steps that are not compiled, where only their results matter."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def one_block(monkeypatch):
    """Networks of one block, which are quick to build."""

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
        model = arms.compiled_classifier(name, width=0.03)
        assert np.isfinite(model.train_on_batch(x, y))
        features = model.front_end(x)
        shapes[name] = tuple(model.encoder(features).shape)
    assert shapes["slice"] == shapes["outside"] == shapes["fft"]
    assert shapes["inside"] == shapes["spectral"]


def test_a_folder_without_the_released_layer_is_reported(tmp_path):
    with pytest.raises(UserError, match="not a checkout of google-research"):
        released.import_pooling(tmp_path)


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
        memory.peak_bytes(f"{__name__}:block_of_ones", megabytes=size)
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
    one_block, eagerly, monkeypatch, capsys, tmp_path
):
    monkeypatch.setattr(arms, "names", lambda released: ["strided_conv", "fft"])
    monkeypatch.setattr(timing, "matmul_rate", lambda: 1e9)
    monkeypatch.setattr(memory, "peak_bytes", lambda *a, **k: 3_000_000)
    command = "--parts network --width 0.02 --batch 1 --repetitions 1"
    output = tmp_path / "numbers.json"
    call("benchmark", [*command.split(), "--output", str(output)])
    lines = capsys.readouterr().out.splitlines()
    strided = next(line for line in lines if line.startswith("strided_conv"))
    assert strided.split().count("1.00") == 3
    rows = json.loads(output.read_text())["network"]
    assert [row["arm"] for row in rows] == ["strided_conv", "fft"]


@pytest.mark.slow
def test_each_piece_is_timed_in_both_types(one_block, monkeypatch, capsys):
    monkeypatch.setattr(bfloat16, "SHAPES", ((6, 4, 2),))
    monkeypatch.setattr(bfloat16, "ARMS", ("inside",))
    monkeypatch.setattr(bfloat16, "_MATRIX_SIZE", 4)
    seen = []

    def interleaved(steps, repetitions):
        for step in steps.values():
            step()
        seen.append(list(steps))
        return {"float32": 3.0, "mixed_bfloat16": 2.0}

    monkeypatch.setattr(timing, "interleaved", interleaved)
    rows = bfloat16.measure(1, [0.02], repetitions=1)
    assert {row["gain"] for row in rows} == {1.5}
    assert seen == [["float32", "mixed_bfloat16"]] * len(rows)
    assert len(rows) == 1 + 5 + 2


def test_the_recipe_is_printed_and_its_share_of_the_rate_counted(
    one_block, monkeypatch, capsys, tmp_path
):
    monkeypatch.setattr(timing, "matmul_rate", lambda dtype, size: 1e9)
    monkeypatch.setattr(memory, "peak_bytes", lambda *a, **k: 3_000_000)
    monkeypatch.setattr(fit_steps, "timed_steps", lambda *a, **k: lambda: 0.5)
    monkeypatch.setattr(input_side, "windows_per_second", lambda *a: 100.0)
    output = tmp_path / "numbers.json"
    call(
        "benchmark",
        "--parts recipe --arms strided_conv,inside --width 0.02 --batch 2 "
        "--steps 1 --repetitions 1 --precision float32 --output".split()
        + [str(output)],
    )
    assert "strided_conv" in capsys.readouterr().out
    content = json.loads(output.read_text())
    assert content["machine"]["backend"] == "tensorflow"
    rows = [row for row in content["recipe"] if "arm" in row]
    drawn = [row["what"] for row in content["recipe"] if "what" in row]
    assert drawn[0] == "drawn from the store, one core"
    assert drawn[-1] == "drawn with all of these, one core"
    beside = [arms.CONVOLUTIONS, fit_steps.SAME_BATCH]
    assert [r["arm"] for r in rows] == ["strided_conv", "inside", *beside]
    # Four channels: 3 taps on 50 x 64 outputs of one, 50 x 32 of four.
    assert rows[0]["multiply_adds"] == 3 * 4 * 50 * 64 + 3 * 16 * 50 * 32
    for row in rows:
        assert row["steps_per_s"] == 2
        flops = 6 * 2 * row["multiply_adds"] * 2
        assert row["utilisation"] == pytest.approx(flops / 2e9)


def test_a_turn_of_steps_compiles_nothing_anew_and_moves_no_stride(one_block):
    x = np.zeros((2, 16000), "int16")
    y = {"class": np.zeros(2, "int64")}

    class Windows(keras.utils.PyDataset):
        def __len__(self):
            return 100

        def __getitem__(self, index):
            return x, y, {"class": np.ones(2, "float32")}

    made = []
    windows = Windows()
    original = arms.classifier
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            arms,
            "classifier",
            lambda *a, **k: made.append(original(*a, **k)) or made[0],
        )
        fit = fit_steps.timed_steps("inside", windows, 0.02, "float32", steps=1)
    first = fit(), made[0].train_function
    second = fit(), made[0].train_function
    assert first[0] > 0 and second[0] > 0
    assert first[1] is second[1]
    strides = made[0].encoder.blocks[0].resampling.strides
    assert keras.ops.convert_to_numpy(strides).tolist() == [2.0, 2.0]


def test_the_front_end_of_the_arms_has_the_shapes_of_the_products():
    ours, products = replacements.FlatBank(), LogMelSpectrogram()
    for layer in (ours, products):
        layer.build((None, 16000))
    assert ours.mel_weights.shape == products.mel_weights.shape
    assert ours.mel_weights.dtype == products.mel_weights.dtype
    assert replacements.NoFrontEnd()(np.ones((2, 16000))).shape == (
        2,
        100,
        64,
        1,
    )


def test_a_rate_counts_every_product_of_a_turn(monkeypatch):
    monkeypatch.setattr(
        timing, "interleaved", lambda steps, n: dict.fromkeys(steps, 2.0)
    )
    assert timing.matmul_rate("bfloat16", size=8) == 4 * 8**3 / 2.0


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ("--parts layers,nosuch", "--parts has no nosuch"),
        ("--precision float64", "--precision has no float64"),
        ("--batch 0", "'0' is not an int > 0"),
        ("--width 1,x", "'x' is not a float > 0"),
        ("--output no/such/folder/x.json", "no folder no/such/folder"),
    ],
)
def test_wrong_flags_are_reported(flags, told):
    with pytest.raises(UserError, match=re.escape(told)):
        call("benchmark", flags.split())


def test_what_the_backend_does_not_have_is_reported(monkeypatch):
    with pytest.raises(UserError, match="--arms has no nosuch with the back"):
        call("benchmark", ["--arms", "nosuch"])
    monkeypatch.setattr(backends, "name", lambda: "torch")
    monkeypatch.setattr(devices, "_has_gpu", lambda backend: False)
    with pytest.raises(UserError, match="part layers is for TensorFlow only"):
        call("benchmark", ["--parts", "layers"])
    with pytest.raises(UserError, match="released layer is for TensorFlow"):
        call("benchmark", ["--released", "somewhere"])


def test_a_gpu_that_is_not_there_is_reported(monkeypatch):
    monkeypatch.setattr(devices, "_has_gpu", lambda backend: False)
    assert devices.choose(None) == "cpu"
    with pytest.raises(UserError, match="tensorflow sees no GPU here"):
        devices.choose("gpu")


BLOCKED = """
import sys

MISSING = {
    "tensorflow", "tensorflow_datasets", "librosa", "soundfile",
    "sklearn", "pyarrow", "matplotlib", "tqdm",
    "tensorboard", OTHER,
}

class Without:  # what is not installed, nobody finds
    def __init__(self, finder):
        self._finder = finder

    def __getattr__(self, name):
        return getattr(self._finder, name)

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in MISSING:
            return self._finder.find_spec(name, path, target)

sys.meta_path[:] = map(Without, sys.meta_path)
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_recipe_needs_keras_one_backend_and_configs_only(backend, tmp_path):
    if not backends.is_installed(backend):
        pytest.skip(f"{backend} is not installed")
    other = {"jax": "torch", "torch": "jax"}[backend]
    # Python runs it first, in the processes that measure memory too.
    (tmp_path / "sitecustomize.py").write_text(
        BLOCKED.replace("OTHER", repr(other))
    )
    root = pathlib.Path(__file__).parents[2]
    command = (
        "-m audio_diffstride benchmark --parts recipe --arms inside "
        "--width 0.02 --batch 2 --steps 1 --repetitions 1 "
        "--precision mixed_bfloat16 --output"
    )
    output = tmp_path / "numbers.json"
    done = subprocess.run(
        [sys.executable, *command.split(), output],
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            # The processes that measure memory compile the same steps.
            "JAX_COMPILATION_CACHE_DIR": str(tmp_path / "compiled"),
            "PYTHONPATH": os.pathsep.join([str(tmp_path), str(root)]),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(output.read_text())["recipe"]
    of_arms = [row for row in rows if "arm" in row]
    assert [row["arm"] for row in of_arms] == [
        "inside",
        arms.CONVOLUTIONS,
        fit_steps.SAME_BATCH,
    ]
    assert all(row["steps_per_s"] > 0 for row in of_arms)
