"""Check the own recordings of many configs, before the first one is used."""

from __future__ import annotations

import functools
from collections.abc import Iterable

import ml_collections

from audio_diffstride.config import config_checks
from audio_diffstride.config.field_types import split_names
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import (
    background,
    clip_writing,
    manifest,
    preparation,
    splits,
)
from audio_diffstride.recordings.label_rule import LabelRule
from audio_diffstride.recordings.recording import Recording


def check(
    configs: Iterable[tuple[str, ml_collections.ConfigDict]],
) -> None:
    """Reads the lists of own recordings and splits them, but decodes none.

    So a group, a task or a file that does not exist is an error now, and not
    after hours. Lists of background recordings are read too. Named data sets
    are not checked.

    Args:
        configs: (name for messages, config) of each.

    Raises:
        UserError: for the first config whose own recordings cannot be used.
    """
    read = functools.cache(_read)
    checked: set[tuple] = set()
    for name, config in configs:
        data = config.data
        of_images = "image" in config
        noise = "" if of_images else config.augmentation.background
        if (noise, data.skip_bad_files) not in checked:
            checked.add((noise, data.skip_bad_files))
            try:
                background.check(config)
            except UserError as error:
                raise UserError(f"{name}: {error}") from error
        sources = split_names(data.source)
        wanted = tuple(split_names(data.tasks))
        rule = splits.SplitRule(data.test_group, data.fold, data.validation)
        labels = LabelRule.of_config(config)
        own = (
            data.path,
            wanted,
            rule,
            labels,
            data.skip_bad_files,
            data.columns,
        )
        if "audio_files" not in sources or own in checked:
            continue
        checked.add(own)
        try:
            tasks = set()
            paths = config_checks.own_paths(config)
            for path in paths:
                recordings = read(
                    path,
                    wanted if len(paths) == 1 else (),
                    data.skip_bad_files,
                    data.columns,
                    labels,
                )
                rule.divide(recordings, preparation.folder(path))
                tasks |= {*manifest.class_names(recordings)}
            missing = [task for task in wanted if task not in tasks]
            if missing and {*sources} == {"audio_files"}:
                raise UserError(
                    f"no source has a task {missing[0]!r}; there are "
                    f"{', '.join(sorted(tasks))}"
                )
        except UserError as error:
            raise UserError(f"{name}: {error}") from error


def _read(
    path: str,
    tasks: tuple[str, ...],
    skip_bad_files: bool,
    columns: str,
    rule: LabelRule,
) -> list[Recording]:
    recordings = manifest.read(path, tasks, columns, rule=rule)
    if not skip_bad_files:
        clip_writing.check_files(recordings)
    return recordings
