"""Reads hostile files by every reader of the package.

    python -m tests.fuzz --cases 100000 --output fuzz
    python -m tests.fuzz --reader sound table --seed 1 --cases 5000

A case is a small valid file with some changes, drawn by --seed. It must end in
a result or in one sentence, within 10 s, without a gigabyte of memory, and
with nothing written elsewhere. What does not goes to the folder --output. The
status is 1 then.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from audio_diffstride.errors import UserError
from tests.fuzz import watched
from tests.fuzz.readers import READERS


def cases(
    name: str, seed: int, seeds: pathlib.Path
) -> Callable[[pathlib.Path, int], pathlib.Path]:
    """What writes the case of a number to a folder, and returns its path."""
    from tests.fuzz.containers import for_name

    every = files(seeds)

    def write(folder: pathlib.Path, number: int) -> pathlib.Path:
        rng = random.Random(f"{seed} {name} {number}")
        file = rng.choice(every)
        if file.parent != seeds:
            shutil.copytree(file.parent, folder, dirs_exist_ok=True)
        path = folder / file.name
        path.write_bytes(for_name(file.name)(rng, file.read_bytes()))
        return path

    return write


def files(seeds: pathlib.Path) -> list[pathlib.Path]:
    """The files to change; recordings beside tables are not."""
    return sorted(
        path
        for path in seeds.rglob("*")
        if path.is_file() and (path.parent == seeds or path.suffix != ".wav")
    )


def run(
    name: str, seed: int, seeds: pathlib.Path, count: int
) -> Iterator[watched.Outcome]:
    """The outcomes of the cases of a reader."""

    def prepare() -> Callable[[pathlib.Path, int], Any]:
        write = cases(name, seed, seeds)
        read = READERS[name].read
        # The first calls import what the reader needs.
        with tempfile.TemporaryDirectory() as folder:
            copied = pathlib.Path(shutil.copytree(seeds, f"{folder}/seeds"))
            for path in files(copied):
                with contextlib.suppress(UserError):
                    read(path)
        return lambda folder, number: read(write(folder, number))

    return watched.run(prepare, count)


def _write_seeds(folder: str, names: list[str]) -> None:
    """In another process, for it may start threads and load TensorFlow."""
    made = [sys.executable, "-m", "tests.fuzz.seeds", folder, *names]
    subprocess.run(made, check=True, stderr=subprocess.DEVNULL)


def _report(
    name: str, args: argparse.Namespace, seeds: pathlib.Path, count: int
) -> int:
    """Runs the cases of a reader, keeps those that fail, and counts them."""
    counts = collections.Counter[str]()
    for outcome in run(name, args.seed, seeds, count):
        counts[outcome.kind] += 1
        if not outcome.is_good:
            kept = pathlib.Path(
                args.output, f"{name}-{args.seed}-{outcome.number}"
            )
            kept.mkdir(parents=True, exist_ok=True)
            cases(name, args.seed, seeds)(kept, outcome.number)
            print(f"{kept}: {outcome.kind}: {outcome.detail}")
    of_kinds = ", ".join(f"{n:,} {kind}" for kind, n in counts.items())
    print(f"{name}: {count:,} cases: {of_kinds}", flush=True)
    return sum(n for kind, n in counts.items() if kind not in watched.GOOD)


def main() -> int:
    """Runs the cases, and prints a line for each reader."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--reader", nargs="+", choices=READERS)
    parser.add_argument("--cases", type=int, default=100_000, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", default="fuzz", metavar="FOLDER")
    args = parser.parse_args()
    names = args.reader or [*READERS]
    shares = sum(READERS[name].share for name in names)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        _write_seeds(folder, names)
        for name in names:
            count = round(args.cases * READERS[name].share / shares)
            seeds = pathlib.Path(folder, name)
            failed += _report(name, args, seeds, count)
    print(f"{args.cases:,} cases of seed {args.seed}, {failed:,} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
