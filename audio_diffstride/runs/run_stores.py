"""The stores that a run was trained on: stores.json."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Sequence
from typing import Any

from audio_diffstride.datasets.opening import open_store
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic, json_files
from audio_diffstride.runs import layout

_SHAPE = [{"name": str, "path": str, "fingerprint": str}]


def write(workdir: str | os.PathLike[str], stores: list[Store]) -> None:
    """Writes the name, absolute path and fingerprint of every store.

    Later commands, such as a report, then find the run's recordings. They
    need neither the original files nor the same current folder.

    Args:
        workdir: the run's work directory.
        stores: the stores to train on.
    """
    atomic.write_json(
        pathlib.Path(workdir) / layout.STORES,
        [
            {
                "name": store.name,
                "path": str(store.path.absolute()),
                "fingerprint": store.fingerprint,
            }
            for store in stores
        ],
    )


def find(
    workdir: str | os.PathLike[str],
    paths: Sequence[str | os.PathLike[str]] = (),
) -> tuple[list[Store], list[str]]:
    """Opens the stores of a run that are still there.

    Args:
        workdir: the run's work directory.
        paths: stores to open instead of those in stores.json.

    Returns:
        The stores, and a sentence for each that is missing or has changed.
    """
    entries, problems = _entries(workdir)
    known: set[str] = set()
    if paths:
        known = {entry["fingerprint"] for entry in entries}
        entries = [{"path": path, "fingerprint": None} for path in paths]
        problems = []
    stores = []
    for entry in entries:
        try:
            store = open_store(entry["path"])
        except UserError as error:
            problems.append(f"{error}.")
            continue
        if known and store.fingerprint not in known:
            problems.append(
                f"{store.path} is not what this run was trained on: its "
                "fingerprint is another."
            )
        elif entry["fingerprint"] not in (None, store.fingerprint):
            problems.append(f"{store.path} has changed since the training.")
        else:
            stores.append(store)
    return stores, problems


def require(
    workdir: str | os.PathLike[str],
    paths: Sequence[str | os.PathLike[str]],
    purpose: str,
) -> list[Any]:
    """Opens all stores of a run; see `find`.

    Args:
        workdir: the run's work directory.
        paths: stores to open instead of those in stores.json.
        purpose: what they are needed for, for the message.

    Raises:
        UserError: if one of them is missing or has changed.
    """
    stores, problems = find(workdir, paths)
    if problems or not stores:
        reason = problems[0].rstrip(".") if problems else "it names none"
        reason = reason.removesuffix(": give the clip stores by --store PATH")
        raise UserError(
            f"the prepared data of {workdir} are needed, {purpose}: {reason}; "
            "prepare them again, or give --store PATH"
        )
    return stores


def find_changed(
    workdir: str | os.PathLike[str], stores: Sequence[Store]
) -> list[str]:
    """The names of stores that the run was not trained on as they are now.

    A file counts by its size and time, besides its labels and split.

    Args:
        workdir: the run's work directory.
        stores: of the run's config, as they are now.
    """
    entries, _ = _entries(workdir)
    known = {entry["fingerprint"] for entry in entries}
    return [
        store.name
        for store in stores
        if known and store.fingerprint not in known
    ]


def _entries(
    workdir: str | os.PathLike[str],
) -> tuple[list[dict[str, Any]], list[str]]:
    path = pathlib.Path(workdir) / layout.STORES
    try:
        return json_files.read(
            path, _SHAPE, "delete it, and give the clip stores by --store PATH"
        ), []
    except FileNotFoundError:
        return [], [
            f"{path} is missing (the run is older than it, or comes with the "
            "package): give the clip stores by --store PATH."
        ]
