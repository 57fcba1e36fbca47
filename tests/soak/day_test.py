"""A day of sound is predicted in the memory of its first hours."""

import csv
import pathlib
import time

import pytest

from tests.support import odd_audio

pytestmark = pytest.mark.slow
HOURS = 24
BYTES = HOURS * 3600 * 16000 * 2


def memory(pid):
    """Megabytes that a process holds; None once it has ended."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text("utf-8")
    lines = dict(line.split(":", 1) for line in status.splitlines())
    return int(lines["VmRSS"].split()[0]) / 1024 if "VmRSS" in lines else None


def test_memory_stays_flat_over_a_day(surroundings, commands, tmp_path):
    path, output = tmp_path / "day.wav", tmp_path / "found.csv"
    with open(path, "wb") as file:
        file.write(odd_audio.wav(b"", data_bytes=BYTES))
        file.truncate(44 + BYTES)  # a hole, which costs no disk
    run = ["--workdir", surroundings.folder / "run", "--output", output]
    held = []

    def sample(pid):
        while (now := memory(pid)) is not None:
            held.append(now)
            time.sleep(1)

    ended = commands.run(["predict", path, *run], sample)
    assert ended.status == 0, ended.printed
    with open(output, newline="", encoding="utf-8") as file:
        (*_, last) = csv.DictReader(file)
    assert float(last["end_s"]) == HOURS * 3600
    early = max(held[: len(held) // 4])
    print(f"{ended.seconds:.0f} s, {early:.0f} MB, {max(held):.0f} MB at most")
    assert max(held) < 1.05 * early
