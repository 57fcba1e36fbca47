"""A run, recordings, and the command that predicts them."""

import csv

import numpy as np
import soundfile

from audio_diffstride import training
from audio_diffstride.__main__ import call
from tests.support.synthetic import tiny_config, tone

TASKS = {"pitch": ["high", "low", "none"], "bird": ["wren", "robin"]}
WINDOW_SAMPLES = 6400  # tiny_config: 0.4 s
LENGTHS_S = {"a.wav": 1.0, "b/a.wav": 0.17, "b/long.wav": 14.1}


def write_workdir(workdir):
    """A run with an untrained model: its weights are random."""
    # One block: tracing the model takes most of the time of these tests.
    config = tiny_config(channels=(4,), strides=((2, 2),))
    (workdir / "config.json").write_text(config.to_json_best_effort())
    training.build_model(config, TASKS).save(workdir / "best.keras")
    return workdir


def write_recordings(folder):
    """Three, of LENGTHS_S, and a file that is no recording."""
    (folder / "b").mkdir()
    for number, (name, seconds) in enumerate(LENGTHS_S.items()):
        samples = tone(300 * 3**number, seconds, seed=number)
        samples *= np.linspace(0.01, 1, len(samples))
        soundfile.write(folder / name, samples, 16000)
    (folder / "b" / "broken.wav").write_text("no audio")
    return folder


def run(workdir, output, *more):
    """The exit status of the command."""
    return call(
        "predict",
        ["--workdir", str(workdir), "--output", str(output), *map(str, more)],
    )


def read(path):
    """The rows of a CSV."""
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def contents(folder):
    """{path: bytes} of all files in it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
