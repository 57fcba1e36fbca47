"""Prepare a clip store from own recordings: read, split, decode, write."""

from __future__ import annotations

import collections
import hashlib
import os
import pathlib
import shutil
from collections.abc import Iterable, Sequence
from typing import Any

from audio_diffstride.audio import truncation
from audio_diffstride.audio.reading import SAMPLE_RATE_HZ, open_recording
from audio_diffstride.datasets import store_files
from audio_diffstride.datasets.clips import ClipStore, ClipStoreWriter
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.recordings import (
    beam_decoding,
    classes,
    decoding,
    manifest,
    shortcut_file,
    splits,
)
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

    Returns:
        The store.

    Raises:
        UserError: for recordings or labels that are missing or invalid.
    """
    root = folder(path)
    recordings = read_and_split(path, tasks, columns, rule)
    for line in manifest.describe_unused_audio(path, recordings):
        note(line)
    tasks_of_store = manifest.class_names(recordings)
    for kind, detail in classes.find_odd(recordings, splits=["train"]):
        warn(f"{kind}: {detail}")
    fingerprint = _fingerprint(
        (store_files.FORMAT, sample_rate_hz, tasks_of_store),
        rule.test_group or rule.fold,
        (_describe_file(r, root, skip_bad_files) for r in recordings),
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
    with ClipStoreWriter.open(
        store_path,
        name=str(path),
        tasks=tasks_of_store,
        sample_rate_hz=sample_rate_hz,
        fingerprint=fingerprint,
        split_name=rule.name,
    ) as writer:
        errors, cut_off = _write_clips(writer, decoded, root)
        if errors and not skip_bad_files:
            raise UserError(
                f"{len(errors)} of {len(recordings)} recordings cannot be used "
                f"({join_some(errors, 3)}); repair or remove them, or set "
                "data.skip_bad_files"
            )
        if len(errors) == len(recordings):
            raise UserError(
                f"no recording can be used ({join_some(errors, 3)}); repair or "
                "replace them"
            )
    shutil.rmtree(shards, ignore_errors=True)
    shortcut_file.ensure(store_path, recordings, sample_rate_hz)
    for error in errors:
        warn(f"left out: {error}")
    for description in cut_off:
        warn(description)
    return ClipStore(store_path)


def read_and_split(
    path: str | os.PathLike[str],
    tasks: Sequence[str] = (),
    columns: str = "",
    rule: splits.SplitRule = splits.SplitRule(),
) -> list[Recording]:
    """Lists the recordings of a folder or a CSV, each with its split.

    A line on stderr says which columns of a CSV are left out, and why.
    """
    recordings = manifest.read(path, tasks, columns, note)
    return rule.divide(recordings, folder(path))


def _write_clips(
    writer: ClipStoreWriter,
    decoded: Iterable[decoding.Decoded],
    root: pathlib.Path,
) -> tuple[list[UserError], list[str]]:
    """Writes all clips. Returns the errors, and what is cut off."""
    errors: list[UserError] = []
    left_out: list[dict[str, str]] = []
    cut_off: dict[pathlib.Path, str | None] = {}
    rates_hz: collections.Counter[str] = collections.Counter()
    for recording, samples in decoded:
        if isinstance(samples, UserError):
            errors.append(samples)
            reason = str(samples).removeprefix(f"{recording.path} ")
            file = _relative(recording.path, root)
            left_out.append({"file": file, "reason": _as_text(reason)})
            continue
        if recording.path not in cut_off:  # once per file, not per segment
            cut_off[recording.path] = truncation.find(recording.path)
            with open_recording(recording.path, recording.path) as opened:
                rates_hz[str(opened.samplerate)] += 1
        writer.add(
            recording.split,
            samples,
            recording.labels,
            file=_relative(recording.path, root),
            start_s=recording.start_s or 0.0,
            group=recording.group,
        )
    writer.sources = {"left_out": left_out, "sample_rates_hz": dict(rates_hz)}
    return errors, [text for text in cut_off.values() if text]


def folder(path: str | os.PathLike[str]) -> pathlib.Path:
    """The folder of the data set: the given one, or that of the CSV."""
    path = pathlib.Path(path).expanduser().absolute()
    return path if path.is_dir() else path.parent


def _relative(path: pathlib.Path, root: pathlib.Path) -> str:
    path = path.expanduser().absolute()
    return _as_text(
        str(path.relative_to(root) if path.is_relative_to(root) else path)
    )


def _as_text(name: str) -> str:
    # Bytes that are not text become escapes, so that all names stay different.
    return name.encode(errors="backslashreplace").decode()


def _describe_file(
    recording: Recording, root: pathlib.Path, skip_bad_files: bool
) -> tuple:
    """What the store depends on of a recording. A file counts by size and time.

    Raises:
        UserError: for a missing file, unless bad files are skipped.
    """
    size, time_ns = None, None
    try:
        status = _status(recording)
        size, time_ns = status.st_size, status.st_mtime_ns
    except UserError:
        if not skip_bad_files:
            raise
    return (
        _relative(recording.path, root),
        size,
        time_ns,
        recording.labels,
        recording.split,
        recording.group,
        recording.start_s,
        recording.end_s,
    )


def check_files(recordings: Iterable[Recording]) -> None:
    """Checks that every file is there.

    Raises:
        UserError: for the first that is not.
    """
    for recording in recordings:
        _status(recording)


def _status(recording: Recording) -> os.stat_result:
    try:
        return recording.path.stat()
    except OSError as error:
        raise UserError(
            f"{recording.path} cannot be read: {error.strerror}"
        ) from error


def _fingerprint(settings: tuple, held_out: str, files: Iterable[tuple]) -> str:
    """Hashes everything that the content of a store depends on."""
    digest = hashlib.sha256(repr(settings).encode())
    digest.update(held_out.encode())  # is in the store's `split_name`
    for file in files:
        digest.update(repr(file).encode())
    return digest.hexdigest()
