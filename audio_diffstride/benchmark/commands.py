"""Part "commands": how long a user waits, by whole processes.

Recordings of noise are written, and a small model is trained on them. Then
every command runs in a process of its own. Its time goes from its start to the
line that a user waits for, or to its end.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import soundfile
import soxr

from audio_diffstride.audio.threads import num_cores
from audio_diffstride.benchmark import tables
from audio_diffstride.benchmark.timing import in_turns, interleaved
from audio_diffstride.errors import UserError

NUM_FILES = 2000
RATE_HZ = 44_100  # so that it must be resampled
SECONDS = 5


def run(args: argparse.Namespace) -> list[tables.Row]:
    """Measures, and prints two tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_recordings(folder / "own", NUM_FILES)
        waits = measure_waits(folder, max(3, args.repetitions // 3))
        files = measure_files(folder, max(3, args.repetitions // 3))
    tables.print_table(
        "From a command to what one waits for",
        waits,
        {
            "command": tables.text("command"),
            "until": tables.text("until"),
            "seconds": tables.number("seconds", 2),
        },
    )
    tables.print_table(
        f"Files of {SECONDS} s at {RATE_HZ:,} Hz",
        files,
        {
            "command": tables.text("command"),
            "files/s": tables.number("files_per_second", 0),
            "of bare decoding on all cores": tables.number("share", 2),
        },
    )
    return [*waits, *files]


def write_recordings(folder: pathlib.Path, count: int) -> None:
    """Writes so many recordings of noise, in two classes."""
    rng = np.random.default_rng(0)
    for number in range(count):
        name = folder / "ab"[number % 2] / f"{number}.wav"
        name.parent.mkdir(parents=True, exist_ok=True)
        noise = rng.normal(0, 0.1, SECONDS * RATE_HZ)
        soundfile.write(name, noise, RATE_HZ)


def measure_waits(folder: pathlib.Path, repetitions: int) -> list[tables.Row]:
    """One row per command: what is waited for, and the seconds.

    Args:
        folder: with recordings in its folder `own`.
        repetitions: how often each is timed, after once that is not.
    """
    short = [
        f"--config.data.store_dir={folder / 'stores'}",
        "--config.training.num_steps=2",
        "--config.training.steps_per_epoch=1",
        "--config.training.batch_size=16",
    ]
    train = ["train", "--data", str(folder / "own"), *short, "--workdir"]
    trained = str(folder / "run")
    seconds_until([*train, trained])
    seconds_until(["evaluate", "--workdir", trained])
    recording = str(folder / "own" / "a" / "0.wav")
    new = (str(folder / f"new{number}") for number in range(10**9))
    waits = {
        ("--help", "its end"): lambda: seconds_until(["--help"]),
        ("train --hlep", "its message"): lambda: seconds_until(
            ["train", "--hlep"], status=2
        ),
        ("train", "step 1"): lambda: seconds_until(
            [*train, next(new)], "step 1:"
        ),
        ("predict, one file", "its end"): lambda: seconds_until(
            ["predict", "--workdir", trained, recording]
            + ["--output", f"{next(new)}.csv"]
        ),
        ("report", "its end"): lambda: seconds_until(
            ["report", "--workdir", trained, "--output", f"{next(new)}.html"]
        ),
    }
    named = {"\t".join(names): wait for names, wait in waits.items()}
    found = in_turns(named, repetitions, warm_up=1)
    return [
        dict(zip(("command", "until"), names.split("\t")), seconds=seconds)
        for names, seconds in found.items()
    ]


def measure_files(folder: pathlib.Path, repetitions: int) -> list[tables.Row]:
    """Files per second of what reads a folder, beside bare decoding.

    Bare decoding is soundfile and soxr in one process, times the cores.
    """
    paths = sorted((folder / "own").rglob("*.wav"))
    cores = num_cores()
    stores = (str(folder / f"stores{number}") for number in range(10**9))

    def decode() -> None:
        for path in paths[:: 8 * cores]:
            samples, rate_hz = soundfile.read(path, dtype="float32")
            soxr.resample(samples, rate_hz, 16_000)

    seconds = interleaved(
        {
            "soundfile and soxr": decode,
            "check": lambda: seconds_until(["check", str(folder / "own")]),
            "prepare": lambda: seconds_until(
                ["prepare", str(folder / "own"), "--store_dir", next(stores)]
            ),
        },
        repetitions,
        warm_up=1,
    )
    bare = len(paths[:: 8 * cores]) / seconds.pop("soundfile and soxr") * cores
    rates = {"soundfile and soxr": bare}
    rates |= {name: len(paths) / each for name, each in seconds.items()}
    return [
        {"command": name, "files_per_second": rate, "share": rate / bare}
        for name, rate in rates.items()
    ]


def seconds_until(
    arguments: list[str], line: str = "", status: int = 0
) -> float:
    """Seconds from the start of a command to a line that it prints.

    Args:
        arguments: after `audio-diffstride`.
        line: what the line begins with. Empty waits for the end.
        status: what the command ends with.

    Raises:
        UserError: if the command fails, or never prints the line.
    """
    command = [sys.executable, "-m", "audio_diffstride", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    begin = time.perf_counter()
    found = None
    with subprocess.Popen(
        command,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        printed = []
        assert process.stdout is not None
        for each in process.stdout:
            printed.append(each)
            if line and found is None and each.startswith(line):
                found = time.perf_counter() - begin
    end = time.perf_counter() - begin
    if process.returncode != status or (line and found is None):
        raise UserError(
            f"audio-diffstride {' '.join(arguments)} failed: "
            f"{''.join(printed[-3:]).strip()}"
        )
    return end if found is None else found
