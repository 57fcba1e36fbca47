"""Part "large": time and memory against the number of windows and of files.

Every step is a process of its own. Its memory is the peak of what the system
could not take back: pages of mapped files do not count. Its time is that of
one core, which others on the machine do not change. Only windows from the disk
are timed by the clock. The last row is what follows for ten times the size.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence

from audio_diffstride.benchmark import large_data, tables
from audio_diffstride.errors import UserError

_POLL_S = 0.02
_STEPS = "audio_diffstride.benchmark.large_steps"
_TIMES = 10  # the size of the last row, as a multiple of the one before


def run(args: argparse.Namespace) -> list[tables.Row]:
    """Measures, and prints three tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        stores = _grow(args.windows, lambda size: measure_store(folder, size))
        _print_stores(stores)
        files = _grow(args.files, lambda size: measure_files(folder, size))
    tables.print_table(
        "A folder of files of a quarter of a second",
        files,
        {
            "files": _count("size"),
            "prepared s": tables.number("prepare_s", 1),
            "files/s of a core": tables.number("files_per_s", 0),
            "MB": tables.number("prepare_mb", 0),
            "found again s": tables.number("again_s", 1),
            "MB ": tables.number("again_mb", 0),
        },
    )
    return [*stores, *files]


def _print_stores(stores: list[tables.Row]) -> None:
    tables.print_table(
        "A store of windows of one second",
        stores,
        {
            "windows": _count("size"),
            "opened s": tables.number("open_s", 2),
            "MB": tables.number("opening_mb", 0),
            "first batch s": tables.number("first_batch_s", 2),
            "resumed s": tables.number("resumed_batch_s", 2),
            "MB ": tables.number("drawing_mb", 0),
            "windows/s from disk": tables.number("cold_per_s", 0),
            "from memory": tables.number("warm_per_s", 0),
        },
    )
    tables.print_table(
        f"Evaluated in {large_data.NUM_CLASSES} classes, without the network",
        stores,
        {
            "recordings": _count("size"),
            "read s": tables.number("reading_s", 1),
            "compared with training s": tables.number("sharing_s", 1),
            "scores and files s": tables.number("report_s", 1),
            "MB": tables.number("evaluation_mb", 0),
            "a tenth, several labels s": tables.number("several_labels_s", 1),
            "MB ": tables.number("several_labels_mb", 0),
        },
    )


def measure_store(folder: pathlib.Path, num_windows: int) -> tables.Row:
    """Writes a store, measures its use, and removes it.

    Megabytes are beyond those of a process that only imports.
    """
    path = folder / "store"
    large_data.write_store(path, num_windows)
    row: tables.Row = {"of": "windows"}
    try:
        _, base_mb = _step("only_import", path)
        for step in ("opening", "drawing", "several_labels", "evaluation"):
            numbers, peak_mb = _step(step, path)
            if step == "several_labels":
                numbers = {"several_labels_s": numbers["report_s"]}
            row |= numbers | {f"{step}_mb": _less(peak_mb, base_mb)}
    finally:
        shutil.rmtree(path)
    return row


def measure_files(folder: pathlib.Path, num_files: int) -> tables.Row:
    """Writes recordings, measures `prepare`, and removes them.

    Megabytes are beyond those of `--help`.
    """
    path, stores = folder / "files", folder / "stores"
    large_data.write_files(path, num_files)
    command = ["-m", "audio_diffstride", "prepare"]
    try:
        _, _, base_mb = watch([*command, "--help"])
        command += [str(path), "--store_dir", str(stores)]
        _, prepare_s, prepare_mb = watch(command)
        _, again_s, again_mb = watch(command)
    finally:
        shutil.rmtree(path)
        shutil.rmtree(stores, ignore_errors=True)
    return {
        "of": "files",
        "prepare_s": prepare_s,
        "files_per_s": num_files / prepare_s,
        "prepare_mb": _less(prepare_mb, base_mb),
        "again_s": again_s,
        "again_mb": _less(again_mb, base_mb),
    }


def watch(arguments: list[str]) -> tuple[str, float, float | None]:
    """Runs Python, and watches its memory and that of its children.

    Returns:
        What it prints, its seconds of a core, and its peak of megabytes, or
        None on systems without /proc.

    Raises:
        UserError: if it fails.
    """
    peak = 0
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as e:
        process = subprocess.Popen(
            [sys.executable, *arguments], stdout=out, stderr=e, text=True
        )
        ended = 0
        while not ended:
            peak = max(peak, _resident_bytes(process.pid))
            time.sleep(_POLL_S)
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            e.seek(0)
            reason = (e.read().splitlines() or ["it was killed"])[-1]
            raise UserError(
                f"{' '.join(arguments)} failed: {reason}; give fewer "
                "--windows or --files"
            )
        out.seek(0)
        seconds = used.ru_utime + used.ru_stime
        return out.read(), seconds, peak / 1e6 if peak else None


def _resident_bytes(process: int) -> int:
    """What the system cannot take back, of a process and its children."""
    folder, total = pathlib.Path(f"/proc/{process}"), 0
    try:
        for line in (folder / "status").read_text().splitlines():
            if line.startswith("RssAnon"):
                total += 1024 * int(line.split()[1])
        for task in (folder / "task").iterdir():
            for child in (task / "children").read_text().split():
                total += _resident_bytes(int(child))
    except OSError:  # it has ended
        pass
    return total


def _step(name: str, store: pathlib.Path) -> tuple[tables.Row, float | None]:
    printed, _, peak_mb = watch(["-m", _STEPS, name, str(store)])
    return json.loads(printed.splitlines()[-1]), peak_mb


def _less(peak_mb: float | None, base_mb: float | None) -> float | None:
    if peak_mb is None or base_mb is None:
        return None
    return max(0.0, peak_mb - base_mb)


def _grow(
    sizes: Sequence[int], measure: Callable[[int], tables.Row]
) -> list[tables.Row]:
    """A row for each size, and one that follows from the last two."""
    rows = [{"size": size, **measure(size)} for size in sizes]
    return [*rows, *extrapolate(rows)]


def extrapolate(rows: Sequence[tables.Row]) -> list[tables.Row]:
    """The seconds and megabytes of ten times the size, by a straight line.

    >>> rows = [{"size": 1, "open_s": 3.0}, {"size": 2, "open_s": 5.0}]
    >>> extrapolate(rows)
    [{'size': 20, 'open_s': 41.0, 'extrapolated': True}]
    """
    if len({row["size"] for row in rows}) < 2:
        return []
    one, two = rows[-2:]
    size = _TIMES * two["size"]
    far = (size - two["size"]) / (two["size"] - one["size"])
    found: tables.Row = {}
    for name, value in two.items():
        grows = name.endswith(("_s", "_mb")) and not name.endswith("_per_s")
        known = value is not None and one[name] is not None
        there = grows and known
        found[name] = value + far * (value - one[name]) if there else None
    return [{**found, "size": size, "extrapolated": True}]


def _count(quantity: str) -> tables.Cell:
    return lambda row: (
        f"{'~ ' if row.get('extrapolated') else ''}{row[quantity]:,}"
    )
