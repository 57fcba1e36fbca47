"""A work directory: one run in it, and one process that trains there."""

from __future__ import annotations

import contextlib
import itertools
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any

import ml_collections

from audio_diffstride import backends
from audio_diffstride.config import config_fields
from audio_diffstride.datasets.store_files import SPLITS, Store
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic, locks
from audio_diffstride.runs import layout, provenance, run_stores

# Results of other commands on the run. They would be wrong for another run.
_RESULTS = (
    *(
        f"{layout.EVALUATION.format(split=split)}/{name}"
        for split in SPLITS
        for name in layout.FILES_OF_EVALUATION
    ),
    layout.CALIBRATION,
    layout.COST,
    *layout.FILES_OF_CUTOFFS,
    layout.REPORT,
    *(
        f"{layout.EXPORT.format(format='*')}/{name}"
        for name in layout.FILES_OF_EXPORT
    ),
)
_OR_ELSE = "give another --workdir, or --overwrite to start over there"


@contextlib.contextmanager
def locked(workdir: pathlib.Path) -> Iterator[None]:
    """Locks a work directory against other processes; makes it if needed.

    Raises:
        UserError: if another process trains there, or a file cannot be
            written.
    """
    try:
        workdir.mkdir(parents=True, exist_ok=True)
        refusal = (
            f"another process is training in {workdir}; wait for it, or give "
            "another --workdir"
        )
        with locks.exclusive(workdir / layout.LOCK, refusal):
            yield
    except OSError as error:
        raise UserError(
            f"{error.filename or workdir} cannot be written: "
            f"{error.strerror or error}; solve this, and the same command "
            "resumes from the end of the last complete epoch"
        ) from error


def begin(
    workdir: pathlib.Path,
    config: ml_collections.ConfigDict,
    of_run: Sequence[provenance.Input],
    overwrite: bool,
    workers: dict[str, int] = provenance.SINGLE_WORKER,
) -> bool:
    """Checks that the work directory holds this run or none.

    A run resumes with its own backend and its own number of devices and
    processes. Others would add the same numbers in another order, which
    changes the last bits.

    Args:
        workdir: of the run; locked.
        config: the resolved config.
        of_run: the clip stores to train on, and all else that decides the
            numbers.
        overwrite: whether to remove another run.
        workers: {"devices": n, "processes": n} that share every batch.

    Returns:
        Whether the run has finished already.

    Raises:
        UserError: if another run is there.
    """
    run = None if overwrite else provenance.read(workdir, _OR_ELSE)
    if run is not None:
        now = provenance.inputs(config, of_run)
        _check_config(workdir, run["config"], now["config"])
        _check_data(workdir, run["data"], now["data"])
        if run["finished"] is None:
            _check_backend(workdir, run["starts"])
            _check_workers(workdir, run["starts"], workers)
    if overwrite:
        remove(workdir)
    for pattern in layout.FILES_OF_TRAINING:
        atomic.remove_partials(workdir / pattern)
    if run is not None:
        return run["finished"] is not None
    for pattern in layout.FILES_OF_TRAINING:
        for path in workdir.glob(pattern):
            raise UserError(
                f"{path} is there, but no {layout.PROVENANCE} that says which "
                f"run it belongs to; {_OR_ELSE}"
            )
    return False


def write_inputs(
    workdir: pathlib.Path,
    config: ml_collections.ConfigDict,
    stores: list[Store],
) -> None:
    """Writes config.json and stores.json, for evaluations and reports."""
    text = config.to_json_best_effort(indent=2) + "\n"
    atomic.write_text(workdir / layout.CONFIG, text)
    run_stores.write(workdir, stores)


def remove(workdir: pathlib.Path) -> None:
    """Removes a run and the results on it, but no other files."""
    for pattern in (*layout.FILES_OF_TRAINING, *_RESULTS):
        atomic.remove_partials(workdir / pattern)
        for path in workdir.glob(pattern):
            path.rmdir() if path.is_dir() else path.unlink()
            _remove_empty(path.parent, workdir)


def _remove_empty(folder: pathlib.Path, top: pathlib.Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _check_config(
    workdir: pathlib.Path, before: dict[str, Any], now: dict[str, Any]
) -> None:
    for name, old, new in config_fields.differences(
        config_fields.flatten(before), config_fields.flatten(now)
    ):
        raise UserError(
            f"{workdir} holds a run with {name} = {old}, which is now "
            f"{new}; {_OR_ELSE}"
        )


def _check_backend(workdir: pathlib.Path, starts: list[dict]) -> None:
    """Another backend would compute other numbers."""
    for start in starts[-1:]:
        before = start.get("backend", "tensorflow")
        if before != backends.name():
            raise UserError(
                f"{workdir} holds a run on {before}, and KERAS_BACKEND is now "
                f"{backends.name()}; set KERAS_BACKEND={before} to resume, or "
                f"{_OR_ELSE}"
            )


def _check_workers(
    workdir: pathlib.Path, starts: list[dict], now: dict[str, int]
) -> None:
    """Another number of devices would compute other last bits."""
    for start in starts[-1:]:
        before = start.get("workers", provenance.SINGLE_WORKER)
        if before != now:
            raise UserError(
                f"{workdir} holds a run on {_describe(before)}, and now there "
                f"are {_describe(now)}; resume with as many, or {_OR_ELSE}"
            )


def _describe(workers: dict[str, int]) -> str:
    """The number of devices and processes in words.

    >>> _describe({"devices": 4, "processes": 2})
    '4 devices of 2 processes'
    """
    devices, processes = workers["devices"], workers["processes"]
    return (
        f"{devices} device{'s'[: devices > 1]} of "
        f"{processes} process{'es' if processes > 1 else ''}"
    )


def _check_data(
    workdir: pathlib.Path, before: list[dict], now: list[dict]
) -> None:
    for first, second in itertools.zip_longest(before, now):
        if first != second:
            name = (second or first)["name"]
            raise UserError(
                f"{workdir} holds a run on other data: {name} has changed "
                f"since it began; {_OR_ELSE}"
            )
