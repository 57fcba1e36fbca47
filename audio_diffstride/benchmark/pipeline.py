"""Part "pipeline": what takes time beside the network."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

from audio_diffstride.benchmark import arms, input_side, tables
from audio_diffstride.benchmark.input_side import WINDOW
from audio_diffstride.benchmark.timing import interleaved
from audio_diffstride.datasets import windows
from audio_diffstride.datasets.clips import Clips
from audio_diffstride.evaluation import inference
from audio_diffstride.predict.scoring import WindowScorer
from audio_diffstride.predict.streams import Window

BATCH = 64
WIDTH = 0.25


def run(args: argparse.Namespace) -> list[tables.Row]:
    """Measures, and prints a table."""
    rows = measure(args.repetitions)
    tables.print_table(
        f"Around the network, at width {WIDTH}",
        rows,
        {"what": tables.text("what"), "measured": tables.text("text")},
    )
    return rows


def measure(repetitions: int) -> list[tables.Row]:
    """One row per quantity: its name, its value, and the value with its unit.

    Args:
        repetitions: how often each is timed.
    """
    with tempfile.TemporaryDirectory() as folder:
        clips = input_side.noise_store(folder).examples("train")
        return [
            _windows_per_second(clips, repetitions),
            _share_of_front_end(repetitions),
            *_overheads(clips, repetitions),
            _import_seconds(repetitions),
        ]


def _windows_per_second(clips: Clips, repetitions: int) -> tables.Row:
    rate = input_side.windows_per_second(clips, 256, repetitions)
    return _row("training windows from the store", rate, f"{rate:,.0f}/s")


def _share_of_front_end(repetitions: int) -> tables.Row:
    import tensorflow as tf

    model = arms.compiled_classifier("strided_conv", WIDTH)
    x = np.zeros((BATCH, WINDOW), "int16")
    y = {"class": np.zeros(BATCH, "int64")}
    front_end = tf.function(model.front_end, autograph=False)
    seconds = interleaved(
        {
            "front end": lambda: front_end(x).numpy(),
            "step": lambda: model.train_on_batch(x, y),
        },
        repetitions,
    )
    share = seconds["front end"] / seconds["step"]
    return _row(
        "front end, of a strided training step", share, f"{100 * share:.1f} %"
    )


def _overheads(clips: Clips, repetitions: int) -> list[tables.Row]:
    import tensorflow as tf

    model = arms.compiled_classifier("strided_conv", WIDTH)
    forward = tf.function(
        lambda x: model(x, training=False),
        input_signature=[tf.TensorSpec((None, WINDOW), tf.int16)],
        autograph=False,
    )
    scorer = WindowScorer(model, WINDOW)
    batches = windows.EvaluationWindows(clips, WINDOW, BATCH)
    waveforms = np.concatenate([batches[i][0] for i in range(len(batches))])
    windows_of_recording = [
        Window(start_sample=0, held_samples=WINDOW, samples=x)
        for x in waveforms
    ]

    def forward_all(size: int) -> None:
        for begin in range(0, len(waveforms), size):
            forward(waveforms[begin : begin + size])["class"].numpy()

    seconds = interleaved(
        {
            "bare": lambda: forward_all(BATCH),
            "evaluation": lambda: inference.recording_logits(
                model, clips, WINDOW, BATCH
            ),
            "bare, batches of 32": lambda: forward_all(32),
            "prediction": lambda: list(scorer(windows_of_recording)),
        },
        repetitions,
    )
    ratios = {
        "evaluation": seconds["evaluation"] / seconds["bare"],
        "prediction": seconds["prediction"] / seconds["bare, batches of 32"],
    }
    return [
        _row(f"{what}, to the bare forward pass", ratio, f"{ratio:.2f} x")
        for what, ratio in ratios.items()
    ]


def _import_seconds(repetitions: int) -> tables.Row:
    times: dict[str, list[float]] = {
        "import keras": [],
        "import keras, audio_diffstride": [],
    }
    for _ in range(max(3, repetitions // 2)):
        for code, seconds in times.items():
            begin = time.perf_counter()
            command = [sys.executable, "-c", code]
            subprocess.run(command, check=True, capture_output=True)
            seconds.append(time.perf_counter() - begin)
    alone, both = (statistics.median(seconds) for seconds in times.values())
    return _row(
        "importing audio_diffstride, beside Keras",
        both - alone,
        f"{both - alone:+.2f} s to {alone:.2f} s",
    )


def _row(what: str, value: float, text: str) -> tables.Row:
    return {"what": what, "value": value, "text": text}
