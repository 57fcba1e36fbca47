"""Prepare a clip store from own recordings: read, split, decode, write."""

from __future__ import annotations

import os
import pathlib
import shutil
from collections.abc import Sequence
from typing import Any

from audio_diffstride.audio.reading import SAMPLE_RATE_HZ
from audio_diffstride.datasets import store_files
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.recordings import (
    beam_decoding,
    classes,
    clip_writing,
    decoding,
    manifest,
    shortcut_file,
    splits,
)
from audio_diffstride.recordings.label_rule import LabelRule
from audio_diffstride.recordings.recording import Recording
from audio_diffstride.terminal.notices import note, warn


def prepare(
    path: str | os.PathLike[str],
    tasks: Sequence[str] = (),
    store_dir: str | os.PathLike[str] = store_files.STORE_DIR,
    sample_rate_hz: int = SAMPLE_RATE_HZ,
    skip_bad_files: bool = False,
    pipeline_options: Any = None,
    columns: str = "",
    rule: splits.SplitRule = splits.SplitRule(),
    label_rule: LabelRule = LabelRule(),
) -> ClipStore:
    """Prepares the clip store of own recordings, or opens the existing one.

    Classes that cannot be learned stay in the store, with a warning.
    Recordings that are cut off stay too, as far as they go, with a warning.

    Args:
        path: a folder with a sub-folder per class, or a CSV; see `manifest`.
        tasks: columns of the CSV to predict; empty is all.
        store_dir: the folder of all stores. A changed file, label or split
            makes a new store in it.
        sample_rate_hz: of the store.
        skip_bad_files: whether to leave out recordings that cannot be decoded,
            with a warning, instead of stopping.
        pipeline_options: of Apache Beam, which then decodes; None decodes in
            threads of this process. The store is the same.
        columns: how the CSV names its columns, as `data.columns`.
        rule: how the recordings are divided.
        label_rule: how labels are read, and whether they are of intervals.

    Returns:
        The store.

    Raises:
        UserError: for recordings or labels that are missing or invalid.
    """
    root = folder(path)
    recordings = read_and_split(path, tasks, columns, rule, label_rule)
    if label_rule.windows is None:
        for line in manifest.describe_unused_audio(path, recordings):
            note(line)
    tasks_of_store = manifest.class_names(recordings)
    for kind, detail in classes.find_odd(recordings, splits=["train"]):
        warn(f"{kind}: {detail}")
    kinds = manifest.kinds(recordings)
    # What is known of several labels differs from a class, so kinds count too.
    fingerprint = clip_writing.fingerprint(
        (store_files.FORMAT, sample_rate_hz, tasks_of_store),
        rule.test_group or rule.fold,
        (
            clip_writing.describe_file(r, root, skip_bad_files)
            for r in recordings
        ),
    )
    store_path = store_files.store_path(store_dir, root.name, fingerprint)
    if (store_path / "store.json").exists():
        shortcut_file.ensure(store_path, recordings, sample_rate_hz)
        return ClipStore(store_path)

    shards = store_path.with_name(f"{store_path.name}.decoded")
    if pipeline_options is None:
        decoded = decoding.decode_all(recordings, sample_rate_hz)
    else:
        decoded = beam_decoding.decode_all(
            recordings, sample_rate_hz, shards, pipeline_options
        )
    clip_writing.write_store(
        store_path,
        decoded,
        root,
        skip_bad_files,
        name=str(path),
        tasks=tasks_of_store,
        sample_rate_hz=sample_rate_hz,
        fingerprint=fingerprint,
        split_name=rule.name,
        kinds=kinds,
    )
    shutil.rmtree(shards, ignore_errors=True)
    shortcut_file.ensure(store_path, recordings, sample_rate_hz)
    return ClipStore(store_path)


def read_and_split(
    path: str | os.PathLike[str],
    tasks: Sequence[str] = (),
    columns: str = "",
    rule: splits.SplitRule = splits.SplitRule(),
    label_rule: LabelRule = LabelRule(),
) -> list[Recording]:
    """Lists the recordings of a folder or a CSV, each with its split.

    A line on stderr says which columns of a CSV are left out, and why.
    """
    recordings = manifest.read(path, tasks, columns, note, label_rule)
    return rule.divide(recordings, folder(path))


def folder(path: str | os.PathLike[str]) -> pathlib.Path:
    """The folder of the data set: the given one, or that of the CSV."""
    path = pathlib.Path(path).expanduser().absolute()
    return path if path.is_dir() else path.parent
