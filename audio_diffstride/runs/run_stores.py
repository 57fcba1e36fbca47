"""Which stores a run was trained on, and where they lie: stores.json."""

from __future__ import annotations

import pathlib

from audio_diffstride.datasets.opening import open_store
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic, json_files

_SHAPE = [{"name": str, "path": str, "fingerprint": str}]


def write(workdir, stores: list[Store]):
    """Writes the name, absolute path and fingerprint of every store.

    What is done later with a run (a report, a prediction on its own clips)
    then needs neither the data's original files nor the current folder.

    Args:
        workdir: the run's work directory.
        stores: what it is trained on.
    """
    atomic.write_json(
        pathlib.Path(workdir) / "stores.json",
        [
            {
                "name": store.name,
                "path": str(store.path.absolute()),
                "fingerprint": store.fingerprint,
            }
            for store in stores
        ],
    )


def find(workdir, paths=()) -> tuple[list[Store], list[str]]:
    """Opens the stores of a run, as far as they are still there.

    Args:
        workdir: the run's work directory.
        paths: stores to take instead of those in stores.json.

    Returns:
        The stores, and a sentence for each that is missing or has changed.
    """
    entries, problems = _entries(workdir)
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
        if paths and known and store.fingerprint not in known:
            problems.append(
                f"{store.path} is not what this run was trained on: its "
                "fingerprint is another."
            )
        elif entry["fingerprint"] not in (None, store.fingerprint):
            problems.append(f"{store.path} has changed since the training.")
        else:
            stores.append(store)
    return stores, problems


def _entries(workdir) -> tuple[list[dict], list[str]]:
    path = pathlib.Path(workdir) / "stores.json"
    try:
        return json_files.read(
            path, _SHAPE, "delete it, and give the clip stores by --store PATH"
        ), []
    except FileNotFoundError:
        return [], [
            f"{path} is missing (the run is older than it): give the clip "
            "stores by --store PATH."
        ]
