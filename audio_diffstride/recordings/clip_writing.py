"""Write decoded recordings as a clip store, and check and describe files."""

from __future__ import annotations

import collections
import hashlib
import os
import pathlib
from collections.abc import Iterable
from typing import Any

from audio_diffstride.datasets.clips import ClipStoreWriter
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.recordings import decoding
from audio_diffstride.recordings.recording import Recording
from audio_diffstride.terminal.notices import warn


def write_store(
    store_path: str | os.PathLike[str],
    decoded: Iterable[decoding.Decoded],
    root: pathlib.Path,
    skip_bad_files: bool,
    **store: Any,
) -> None:
    """Writes the clip store of recordings; what is wrong is a warning.

    Args:
        store_path: of the store.
        decoded: the recordings with their sound.
        root: the folder that names of files start from.
        skip_bad_files: whether to leave out recordings that cannot be decoded,
            instead of stopping.
        **store: of `ClipStoreWriter.open`.

    Raises:
        UserError: for recordings that cannot be decoded.
    """
    with ClipStoreWriter.open(store_path, **store) as writer:
        errors, cut_off = _write_clips(writer, decoded, root)
        used = sum(writer.num_examples.values())
        if errors and not skip_bad_files:
            raise UserError(
                f"{len(errors)} of {used + len(errors)} recordings cannot be "
                f"used ({join_some(errors, 3)}); repair or remove them, or set "
                "data.skip_bad_files"
            )
        if not used:
            raise UserError(
                f"no recording can be used ({join_some(errors, 3)}); repair or "
                "replace them"
            )
    for error in errors:
        warn(f"left out: {error}")
    for description in cut_off:
        warn(description)


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
    for recording, sound in decoded:
        if isinstance(sound, UserError):
            errors.append(sound)
            reason = str(sound).removeprefix(f"{recording.path} ")
            file = _relative(recording.path, root)
            left_out.append({"file": file, "reason": _as_text(reason)})
            continue
        if recording.path not in cut_off:  # once per file, not per segment
            cut_off[recording.path] = sound.cut_off
            rates_hz[str(sound.file_rate_hz)] += 1
        writer.add(
            recording.split,
            sound.samples,
            recording.labels,
            file=_relative(recording.path, root),
            start_s=recording.start_s or 0.0,
            group=recording.group,
        )
    writer.sources = {"left_out": left_out, "sample_rates_hz": dict(rates_hz)}
    return errors, [text for text in cut_off.values() if text]


def _relative(path: pathlib.Path, root: pathlib.Path) -> str:
    path = path.expanduser().absolute()
    return _as_text(
        str(path.relative_to(root) if path.is_relative_to(root) else path)
    )


def _as_text(name: str) -> str:
    # Bytes that are not text become escapes, so that all names stay different.
    return name.encode(errors="backslashreplace").decode()


def describe_file(
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


def fingerprint(settings: tuple, held_out: str, files: Iterable[tuple]) -> str:
    """Hashes everything that the content of a store depends on."""
    digest = hashlib.sha256(repr(settings).encode())
    digest.update(held_out.encode())  # is in the store's `split_name`
    for file in files:
        digest.update(repr(file).encode())
    return digest.hexdigest()
