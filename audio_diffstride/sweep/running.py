"""Trains and evaluates every run of a sweep, each in its own processes.

So a run that fails does not stop the others, and its memory is always freed.
What a run prints is appended to logs/NAME.txt.
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

# The root of a checkout. Its train.py and evaluate.py know the named data
# sets. An installed package has no such files.
_CHECKOUT = pathlib.Path(__file__).parents[2]


class _RunFailed(Exception):
    """Why a run failed, in one sentence."""


def run_all(
    folder: pathlib.Path, runs: list[PlannedRun], split: str
) -> list[str]:
    """Trains and evaluates the runs that are not finished yet.

    Args:
        folder: of the sweep, with its config.json.
        runs: of its plan.
        split: to evaluate on.

    Returns:
        The names of the runs that failed.

    Raises:
        UserError: if two runs in a row fail for the same reason. The others
            would too.
    """
    failed: list[str] = []
    last_reason = ""
    for number, run in enumerate(runs, start=1):
        reason = run_one(folder, run, split, f"{number} of {len(runs)}")
        if reason:
            failed.append(run.name)
            if reason == last_reason:
                raise UserError(
                    f"two runs in a row fail for the same reason: {reason}; "
                    f"see {folder}/logs"
                )
        last_reason = reason
    return failed


def run_one(
    folder: pathlib.Path, run: PlannedRun, split: str, number: str
) -> str:
    """Trains and evaluates a run as far as that is not done yet.

    Args:
        folder: see `run_all`.
        run: of its plan.
        split: to evaluate on.
        number: which of the runs it is, to print.

    Returns:
        Why it failed, in one sentence; "" if it did not.
    """
    label = f"{number}: {run.name}"
    begin_s = time.monotonic()
    try:
        is_new = _train_and_evaluate(folder, run, split, label)
    except _RunFailed as error:
        print(f"{label} failed: {error}", file=sys.stderr, flush=True)
        return str(error)
    if is_new:
        accuracies = _accuracies(folder / run.name, split)
        seconds = time.monotonic() - begin_s
        print(f"{label}: {accuracies}, {duration(seconds)}", flush=True)
    return ""


def in_checkout() -> bool:
    """Whether the current folder is a checkout, with its train.py."""
    script = _CHECKOUT / "train.py"
    return script.exists() and pathlib.Path.cwd() == _CHECKOUT


def _train_and_evaluate(
    folder: pathlib.Path, run: PlannedRun, split: str, label: str
) -> bool:
    """Does what is missing of a run; False if nothing is.

    Raises:
        _RunFailed: if a process fails.
    """
    workdir, log = folder / run.name, folder / "logs" / f"{run.name}.txt"
    is_new = False
    if not provenance.is_finished(workdir):
        print(f"{label} ...", flush=True)
        _call(log, "train", *_train_flags(folder, run), f"--workdir={workdir}")
        if not provenance.is_finished(workdir):
            raise _RunFailed("it stopped before its last step")
        is_new = True
    if score_files.read(workdir, split) is None:
        _call(log, "evaluate", f"--workdir={workdir}", f"--split={split}")
        is_new = True
    return is_new


def _train_flags(folder: pathlib.Path, run: PlannedRun) -> list[str]:
    return [
        f"--config={folder / plan_file.CONFIG}",
        *(f"--config.{name}={value}" for name, value in run.fields.items()),
    ]


def _accuracies(workdir: pathlib.Path, split: str) -> str:
    evaluation = score_files.read(workdir, split)
    if evaluation is None:
        raise UserError(f"{workdir} has no scores; run the sweep again")
    return ", ".join(
        f"{task} {100 * score_files.headline(scores)[1]:.1f} %"
        for task, scores in evaluation["tasks"].items()
    )


def _call(log: pathlib.Path, command: str, *flags: str) -> None:
    """Runs train or evaluate, of the checkout or of the package.

    Raises:
        _RunFailed: if its exit status is not 0.
    """
    script = _CHECKOUT / f"{command}.py"
    program = [str(script)] if script.exists() else ["-m", _PACKAGE, command]
    log.parent.mkdir(exist_ok=True)
    with open(log, "ab") as file:
        log_begin = os.fstat(file.fileno()).st_size
        process = subprocess.Popen(
            [sys.executable, *program, *flags],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        status = _wait(process)
    if status:
        raise _RunFailed(_failure_reason(log, log_begin, status))


def _wait(process: subprocess.Popen) -> int:
    """Waits for the exit status.

    Ctrl-C reaches the process too. The first time we wait until it has saved.
    """
    try:
        return process.wait()
    except KeyboardInterrupt:
        print(
            "\nstopping once the current run has saved; press Ctrl-C again to "
            "kill it"
        )
        try:
            process.wait()
        finally:
            process.kill()
            process.wait()
        raise


def _failure_reason(log: pathlib.Path, log_begin: int, status: int) -> str:
    """The last line that a failed process printed, or its status."""
    if status < 0:
        return f"it was killed by signal {-status}"
    text = log.read_bytes()[log_begin:].decode("utf-8", "replace")
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return f"it ended with status {status} and printed nothing"
    return lines[-1].removeprefix("error: ")
