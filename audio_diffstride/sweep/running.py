"""Every run of a sweep trained and evaluated, each in processes of its own.

A run that fails is told and the others go on; its memory goes back whatever
happens. What a run printed is in logs/NAME.txt.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time

from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import score_files
from audio_diffstride.runs import provenance
from audio_diffstride.sweep import plan_file
from audio_diffstride.sweep.plan import PlannedRun
from audio_diffstride.terminal.durations import duration

_PACKAGE = "audio_diffstride"

# Of a checkout, whose train.py and evaluate.py know the named data sets.
_CHECKOUT = pathlib.Path(__file__).parents[2]


def run_all(
    folder: pathlib.Path, runs: list[PlannedRun], split: str
) -> list[str]:
    """Trains and evaluates what is not yet; finished runs are left alone.

    Args:
        folder: of the sweep, with its config.json.
        runs: of its plan.
        split: to evaluate on.

    Returns:
        The names of the runs that failed.

    Raises:
        UserError: if two in a row fail for the same reason, as the others
            would.
    """
    failed, reason = [], None
    for number, run in enumerate(runs, start=1):
        place = f"{number} of {len(runs)}: {run.name}"
        begin_s = time.monotonic()
        try:
            told = _run(folder, run, split, place)
        except _Failed as error:
            print(f"{place} failed: {error}", file=sys.stderr, flush=True)
            failed.append(run.name)
            if str(error) == reason:
                raise UserError(
                    f"two runs in a row fail for the same reason: {error}"
                ) from error
            reason = str(error)
            continue
        reason = None
        if told:
            took = duration(time.monotonic() - begin_s)
            print(f"{place}: {told}, {took}", flush=True)
    return failed


class _Failed(Exception):
    """What a run ended with, in a sentence."""


def _run(folder, run: PlannedRun, split: str, place: str) -> str:
    """Accuracies in words; "" if there was nothing to do."""
    workdir, log = folder / run.name, folder / "logs" / f"{run.name}.txt"
    is_new = False
    if not provenance.is_finished(workdir):
        print(f"{place} ...", flush=True)
        _call(log, "train", *_flags(folder, run), f"--workdir={workdir}")
        if not provenance.is_finished(workdir):
            raise _Failed("it was stopped before its end")
        is_new = True
    if score_files.read(workdir, split) is None:
        _call(log, "evaluate", f"--workdir={workdir}", f"--split={split}")
        is_new = True
    tasks = score_files.read(workdir, split)["tasks"]
    return is_new and ", ".join(
        f"{task} {100 * scores['accuracy']:.1f} %"
        for task, scores in tasks.items()
    )


def _flags(folder: pathlib.Path, run: PlannedRun) -> list[str]:
    return [
        f"--config={folder / plan_file.CONFIG}",
        *(f"--config.{name}={value}" for name, value in run.fields.items()),
    ]


def _call(log: pathlib.Path, command: str, *flags: str):
    script = _CHECKOUT / f"{command}.py"
    program = [script] if script.exists() else ["-m", _PACKAGE, command]
    log.parent.mkdir(exist_ok=True)
    with open(log, "ab") as file:
        begin = os.fstat(file.fileno()).st_size
        process = subprocess.Popen(
            [sys.executable, *program, *flags],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        status = _wait(process)
    if status:
        raise _Failed(_reason(log, begin, status))


def _wait(process: subprocess.Popen) -> int:
    """Its exit status; Ctrl-C, which it gets too, waits for it to save."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        print("\nstopping once the run in hand has; Ctrl-C again to kill it")
        try:
            process.wait()
        finally:
            process.kill()
            process.wait()
        raise


def _reason(log: pathlib.Path, begin: int, status: int) -> str:
    """The end of what it printed."""
    if status < 0:
        return f"it was killed by signal {-status}"
    text = log.read_bytes()[begin:].decode("utf-8", "replace")
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return f"it ended with status {status} and printed nothing"
    return lines[-1].removeprefix("error: ")
