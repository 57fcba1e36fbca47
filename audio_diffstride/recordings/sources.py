"""Open the stores that the `data` section of a config names."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import ml_collections

from audio_diffstride.config import config_checks, config_fields
from audio_diffstride.config.field_types import split_names
from audio_diffstride.datasets.opening import open_store
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.terminal.next_command import command_line
from audio_diffstride.terminal.notices import warn

# Opens a named data set: (config, name) -> its store.
OpenNamed = Callable[[ml_collections.ConfigDict, str], Store]


def open_stores(
    config: ml_collections.ConfigDict, open_named: OpenNamed | None = None
) -> list[Store]:
    """Opens the stores of a config, and prepares own recordings first.

    Args:
        config: a complete config.
        open_named: opens the store of a named data set; None is
            `open_prepared`.

    Returns:
        One store per source. Each task is in one store only.

    Raises:
        UserError: if a source is not prepared, two sources have the same task,
            or no source has a requested task.
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


def open_prepared(config: ml_collections.ConfigDict, name: str) -> Store:
    """Opens the prepared store of a named data set.

    Raises:
        UserError: if it is not prepared.
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


def _own(
    config: ml_collections.ConfigDict, wanted: tuple[str, ...]
) -> list[Store]:
    from audio_diffstride.recordings import preparation, splits
    from audio_diffstride.recordings.label_rule import LabelRule

    data = config.data
    paths = config_checks.own_paths(config)
    stores = [
        preparation.prepare(
            path,
            wanted if len(paths) == 1 else (),
            data.store_dir,
            config.front_end.sample_rate_hz,
            data.skip_bad_files,
            columns=data.columns,
            rule=splits.SplitRule(data.test_group, data.fold, data.validation),
            label_rule=LabelRule.of_config(config),
        )
        for path in paths
    ]
    for store in stores:
        _warn_of_shortcuts(config, store, wanted)
    return list(stores)


def _warn_of_shortcuts(
    config: ml_collections.ConfigDict, store: Store, wanted: tuple[str, ...]
) -> None:
    """Warns of what tells classes apart without the sound.

    A config with the remedy is not warned of.
    """
    from audio_diffstride.recordings import shortcut_file

    values = config_fields.flatten(config.to_dict())
    for task, examination in (shortcut_file.read(store.path) or {}).items():
        if examination is None or (wanted and task not in wanted):
            continue
        for row in examination.found:
            if row.kind == "file" and not _has_remedy(values, row.flags):
                warn(
                    f"shortcut: the {row.trait} sets "
                    f"{join_some(row.classes)} of {task} apart ({row.values}); "
                    f"{command_line('check', store.name)} tells what to do"
                )


def _has_remedy(values: Mapping[str, Any], flags: Mapping[str, str]) -> bool:
    """Whether a config narrows the band so far, or sets the other fields."""
    limit_hz = flags.get("front_end.max_hz")
    if limit_hz is not None:
        return values["front_end.max_hz"] <= float(limit_hz)
    return bool(flags) and all(
        values[name] != config_fields.FIELDS[name].default for name in flags
    )


def _check_owners(stores: list[Store]) -> None:
    owner: dict[str, str] = {}
    for store in stores:
        for task in store.tasks:
            if task in owner:
                raise UserError(
                    f"{owner[task]} and {store.name} both have a task "
                    f"{task!r}; pick others by data.tasks, or rename a column"
                )
            owner[task] = store.name
