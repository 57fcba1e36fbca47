"""From the `data` section of a config to stores."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

from audio_diffstride.config import config_checks
from audio_diffstride.config.schema import split_names
from audio_diffstride.datasets.opening import open_store
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError

# Opens a named data set: (config, name) -> its store.
OpenNamed = Callable[[object, str], Store]


def open_stores(config, open_named: OpenNamed | None = None) -> list[Store]:
    """The stores that a config asks for.

    Own recordings are prepared if they are not yet.

    Args:
        config: a whole config.
        open_named: opens the store of a named data set; None opens what
            was prepared before, see `open_prepared`.

    Returns:
        One store per source, each task in one of them only.

    Raises:
        UserError: for sources that are not prepared or have a task of the
            same name, and for tasks that no source has.
    """
    open_named = open_named or open_prepared
    wanted = tuple(split_names(config.data.tasks))
    stores = []
    for source in split_names(config.data.source):
        if source == "audio_files":
            stores += _own(config, wanted)
        else:
            stores.append(open_named(config, source))
    there = [task for store in stores for task in store.tasks]
    for task in wanted:
        if task not in there:
            raise UserError(
                f"no source has a task {task!r}; there are {', '.join(there)}"
            )
    if wanted:
        stores = [store.only(wanted) for store in stores]
    _check_owners(stores)
    return [store for store in stores if store.tasks]


def open_prepared(config, name: str) -> Store:
    """The store of a named data set that is on disk already.

    Raises:
        UserError: if it is not.
    """
    folder = pathlib.Path(config.data.store_dir).expanduser()
    splits = [config.data.split] if config.data.split else ["official", "paper"]
    for split in splits:
        if (folder / f"{name}-{split}").exists():
            return open_store(folder / f"{name}-{split}")
    raise UserError(
        f"{name} is not prepared in {folder}; in a checkout of the project "
        f"run `python -m data.prepare --dataset {name}`"
    )


def _own(config, wanted: tuple[str, ...]) -> list[Store]:
    from audio_diffstride.recordings import preparation

    data = config.data
    paths = config_checks.own_paths(config)
    return [
        preparation.prepare(
            path,
            wanted if len(paths) == 1 else (),
            data.store_dir,
            config.front_end.sample_rate_hz,
            data.skip_bad_files,
            test_group=data.test_group,
        )
        for path in paths
    ]


def _check_owners(stores: list[Store]):
    owner = {}
    for store in stores:
        for task in store.tasks:
            if task in owner:
                raise UserError(
                    f"{owner[task]} and {store.name} both have a task "
                    f"{task!r}; pick others by data.tasks, or rename a column"
                )
            owner[task] = store.name
