"""A work directory is begun, gone on with, or left alone; by one at a time."""

from __future__ import annotations

import contextlib
import itertools
import pathlib

from audio_diffstride import backends
from audio_diffstride.config import config_fields
from audio_diffstride.datasets.store_files import SPLITS
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic, locks
from audio_diffstride.runs import provenance, run_stores
from audio_diffstride.training import checkpoints

_OF_A_RUN = (
    "run.json",
    f"checkpoints/{checkpoints.PATTERN}",
    "best.keras",
    "last.keras",
    "history.csv",
    "strides.csv",
    "tensorboard/*/events.out.tfevents.*",
    "config.json",
    "stores.json",
)
# What other commands said of it: of another run it would be wrong.
_ABOUT_A_RUN = (
    *(f"evaluation_{split}/scores.json" for split in SPLITS),
    *(
        f"evaluation_{split}/*/{name}"
        for split in SPLITS
        for name in (
            "classes.csv",
            "confusion.csv",
            "confusion.png",
            "curves.csv",
            "curves.png",
            "recordings.csv",
        )
    ),
    "cost.json",
    "cutoffs.csv",
    "cutoffs.json",
    "strides.png",
    "report.html",
    *(
        f"export_*/{name}"
        for name in (
            "model.onnx",
            "model.tflite",
            "parity.json",
            "MODEL_CARD.md",
            "saved_model/*.pb",
            "saved_model/assets.extra/metadata.json",
            "saved_model/variables/variables.*",
            "saved_model/assets",
        )
    ),
)
_OR_ELSE = "give another --workdir, or --overwrite to begin anew there"


@contextlib.contextmanager
def locked(workdir: pathlib.Path):
    """Holds a work directory, made if need be, against other processes.

    Raises:
        UserError: if another process trains there, or it cannot be written.
    """
    try:
        workdir.mkdir(parents=True, exist_ok=True)
        refusal = (
            f"another process is training in {workdir}; wait for it, or give "
            "another --workdir"
        )
        with locks.exclusive(workdir / ".lock", refusal):
            yield
    except OSError as error:
        raise UserError(
            f"{error.filename or workdir} cannot be written: "
            f"{error.strerror or error}; mend that, and the same command goes "
            "on from the last whole epoch"
        ) from error


def begin(
    workdir: pathlib.Path,
    config,
    stores,
    overwrite: bool,
    workers=provenance.ALONE,
) -> bool:
    """Makes sure that what is there is this run, or nothing.

    A run goes on with the backend and the number of devices and processes
    that it began with: the batches would be the same, but sums in another
    order end with other bits.

    Args:
        workdir: of the run; held.
        config: as resolved.
        stores: the clip stores to train on.
        overwrite: whether to remove another run.
        workers: how many devices, of how many processes, share its batches.

    Returns:
        Whether the run has finished already.

    Raises:
        UserError: if another run is there.
    """
    run = None if overwrite else provenance.read(workdir)
    if run is not None:
        now = provenance.inputs(config, stores)
        _check_config(workdir, run["config"], now["config"])
        _check_data(workdir, run["data"], now["data"])
        if run["finished"] is None:
            _check_backend(workdir, run["starts"])
            _check_workers(workdir, run["starts"], workers)
    if overwrite:
        remove(workdir)
    for pattern in _OF_A_RUN:
        atomic.remove_partials(workdir / pattern)
    if run is not None:
        return run["finished"] is not None
    for pattern in _OF_A_RUN:
        for path in workdir.glob(pattern):
            raise UserError(
                f"{path} is there but no run.json to tell whose it is; "
                f"{_OR_ELSE}"
            )
    return False


def write_inputs(workdir: pathlib.Path, config, stores):
    """Writes what evaluations and reports read: config.json, stores.json."""
    text = config.to_json_best_effort(indent=2) + "\n"
    atomic.write_text(workdir / "config.json", text)
    run_stores.write(workdir, stores)


def remove(workdir: pathlib.Path):
    """Removes a run and what was said of it; nothing that is not theirs."""
    for pattern in (*_OF_A_RUN, *_ABOUT_A_RUN):
        atomic.remove_partials(workdir / pattern)
        for path in workdir.glob(pattern):
            path.rmdir() if path.is_dir() else path.unlink()
            _remove_empty(path.parent, workdir)


def _remove_empty(folder: pathlib.Path, top: pathlib.Path):
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _check_config(workdir, before, now):
    for name, was, is_now in config_fields.differences(
        config_fields.flatten(before), config_fields.flatten(now)
    ):
        raise UserError(
            f"{workdir} holds a run with {name} = {was}, which is now "
            f"{is_now}; {_OR_ELSE}"
        )


def _check_backend(workdir, starts):
    """Another backend would end with other numbers."""
    for start in starts[-1:]:
        before = start.get("backend", "tensorflow")
        if before != backends.name():
            raise UserError(
                f"{workdir} holds a run on {before}, and KERAS_BACKEND is now "
                f"{backends.name()}; set KERAS_BACKEND={before} to go on, or "
                f"{_OR_ELSE}"
            )


def _check_workers(workdir, starts, now):
    """Another number of devices would end with other last bits."""
    for start in starts[-1:]:
        before = start.get("workers", provenance.ALONE)
        if before != now:
            raise UserError(
                f"{workdir} holds a run on {_told(before)}, and now there are "
                f"{_told(now)}; go on with as many, or {_OR_ELSE}"
            )


def _told(workers) -> str:
    """The number of devices and processes in words.

    >>> _told({"devices": 4, "processes": 2})
    '4 devices of 2 processes'
    """
    devices, processes = workers["devices"], workers["processes"]
    return (
        f"{devices} device{'s'[: devices > 1]} of "
        f"{processes} process{'es' if processes > 1 else ''}"
    )


def _check_data(workdir, before, now):
    for first, second in itertools.zip_longest(before, now):
        if first != second:
            name = (second or first)["name"]
            raise UserError(
                f"{workdir} holds a run on other data: {name} has changed "
                f"since it began; {_OR_ELSE}"
            )
