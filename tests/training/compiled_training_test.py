"""Training in half precision, and under XLA, through the product's own path."""

import csv
import subprocess
import sys

import numpy as np
import pytest

from audio_diffstride import training
from audio_diffstride.evaluation import inference
from audio_diffstride.runs import loading
from tests.support.synthetic import tiny_config, write_folder


def train(workdir, store, **fields):
    config = tiny_config(folding=0.5, learn_folding=True)
    config.training.num_steps, config.training.steps_per_epoch = 120, 60
    config.training.batch_size = 8
    config.training.learning_rate = 5e-3
    config.training.stride_step_ratio = 4.0
    config.training.update(fields)
    training.train(config, workdir, [store])
    model = loading.load_model(workdir, "last")
    clips = store.examples("test")
    # A recording is one window: of two, the second would be mostly silence.
    (scores,) = inference.evaluate(model, clips, 8000).values()
    with open(workdir / "strides.csv", newline="") as file:
        steps = [int(row["step"]) for row in csv.DictReader(file)]
    return model, scores["accuracy"], steps


@pytest.mark.slow
@pytest.mark.parametrize(
    "precision", ["float32", "mixed_bfloat16", "mixed_float16"]
)
def test_two_tones_are_told_apart_in_every_precision(
    precision, store, tmp_path
):
    model, accuracy, steps = train(tmp_path, store, precision=precision)
    assert accuracy == 1.0
    assert steps == [0, 60, 120]  # also where float16 skipped an overflow
    block = model.encoder.blocks[0]
    assert block.compute_dtype == precision.removeprefix("mixed_")
    assert block.resampling.strides.dtype == "float32"
    assert not np.allclose(block.resampling.strides, 2.0)
    assert block.resampling.folding.dtype == "float32"
    assert not np.allclose(block.resampling.folding, 0.5)


@pytest.mark.slow
def test_a_run_under_xla_trains_and_evaluates(tmp_path):
    """In a process of its own: once deterministic, TensorFlow stays so."""
    write_folder(tmp_path / "own", seconds=0.5)
    flags = {
        "config": "configs/audio_files.py:small",
        "workdir": tmp_path / "run",
        "config.data.path": tmp_path / "own",
        "config.data.store_dir": tmp_path / "stores",
        "config.window_s": 0.4,
        "config.model.channels": (4, 8),
        "config.model.strides": ((2, 2), (2, 2)),
        "config.model.width": 1.0,
        "config.training.num_steps": 60,
        "config.training.steps_per_epoch": 30,
        "config.training.batch_size": 8,
        "config.training.learning_rate": 5e-3,
        "config.training.stride_step_ratio": 1.0,
        "config.training.jit_compile": True,
    }
    printed = run("train.py", flags)
    counts = [
        int(line.split()[-1])
        for line in printed.splitlines()
        if line.startswith("steps compiled so far")
    ]
    assert len(counts) == 2 and 1 <= counts[0] <= counts[1] < 30
    assert "100.0 %" in run("evaluate.py", {"workdir": tmp_path / "run"})
    model = loading.load_model(tmp_path / "run")
    assert model.encoder.blocks[0].resampling.fixed_sizes


def run(script, flags):
    done = subprocess.run(
        [sys.executable, script, *(f"--{k}={v}" for k, v in flags.items())],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
