"""What commands print on standard error, as processes of their own: nothing."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

from tests.support.synthetic import write_folder

ROOT = pathlib.Path(__file__).parents[1]
COMMAND = ("-m", "audio_diffstride")
LEVEL = "TF_CPP_MIN_LOG_LEVEL"


def stderr(level, *words, status=0):
    """What a command prints there, at a log level of TensorFlow."""
    environment = {k: v for k, v in os.environ.items() if k != LEVEL}
    environment |= {} if level is None else {LEVEL: level}
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stderr
    return done.stderr


@pytest.mark.slow
def test_no_command_prints_lines_of_tensorflow(tmp_path):
    own, runs = write_folder(tmp_path / "own"), tmp_path / "runs"
    fields = [
        "model.channels=(4,4)",
        "model.strides=((2,2),(1.5,2))",
        "training.num_steps=4",
        "training.steps_per_epoch=2",
        "training.batch_size=4",
        f"data.store_dir={tmp_path / 'stores'}",
    ]
    flags = [f"--config.{field}" for field in fields]
    run = ("--workdir", runs / "a")
    found = ("--output", tmp_path / "found.csv")
    train = (*COMMAND, "train", "--data", own, *flags)
    export = (*COMMAND, "export", *run, "--format")
    for level, *words in (
        (None, *COMMAND, "check", own),
        (None, *train, *run),
        ("0", *train, "--config.training.jit_compile", "--workdir", runs / "b"),
        ("3", *train, *run),  # it has finished already
        ("0", "evaluate.py", *run),
        (None, *COMMAND, "evaluate", *run),
        ("3", *COMMAND, "cutoffs", *run),
        ("0", *COMMAND, "report", *run),
        (None, *COMMAND, "predict", own, *run, *found),
        ("0", *export, "onnx"),
        ("0", *export, "litert"),
        (None, *export, "litert_int8"),
        ("3", *export, "saved_model"),
        (None, *COMMAND, "tables", "--runs", runs / "*", "--output", tmp_path),
        ("0", *COMMAND, "sweep", "--config", "recordings:small")
        + ("--arms", "diffstride", "--output", tmp_path / "sweep")
        + ("--set", f"data.path={own}", *fields),
        ("0", *COMMAND, "benchmark", "--parts", "blocks", "--width", "0.05")
        + ("--batch", "2", "--repetitions", "1"),
    ):
        assert stderr(level, *words) == "", words


@pytest.mark.slow
def test_preparing_a_named_data_set_shows_its_progress_alone(tmp_path):
    words = ("-m", "data.prepare", "--dataset=tones", "--max_examples=20")
    printed = stderr("0", *words, f"--store_dir={tmp_path}")
    for line in re.split(r"\r|\n|\x1b\[A", printed):  # the last: one line up
        assert re.match(r"(Generating|Shuffling) |\s*$", line), line
