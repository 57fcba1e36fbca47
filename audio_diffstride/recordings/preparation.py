"""From own recordings to a clip store: read, split, decoded, written."""

from __future__ import annotations

import hashlib
import pathlib
import shutil
import sys

from audio_diffstride.audio import truncation
from audio_diffstride.datasets import clips, store_files
from audio_diffstride.errors import (
    UserError,
    join_some,
    one_line,
)
from audio_diffstride.recordings import (
    beam_decoding,
    check,
    decoding,
    manifest,
    splits,
)
from audio_diffstride.recordings.recording import Recording

STORE_DIR = "~/.cache/audio_diffstride"
SAMPLE_RATE_HZ = 16000


def prepare(
    path,
    tasks: tuple[str, ...] = (),
    store_dir=STORE_DIR,
    sample_rate_hz: int = SAMPLE_RATE_HZ,
    skip_bad_files: bool = False,
    pipeline_options=None,
    test_group: str = "",
) -> clips.ClipStore:
    """The clip store of own recordings, decoded unless that is done already.

    Args:
        path: a folder with a sub-folder per class, or a CSV; see `manifest`.
        tasks: columns of the CSV to predict; none is all of them.
        store_dir: where stores are kept. A changed file, label or split makes
            a store of its own there.
        sample_rate_hz: of the store.
        skip_bad_files: leave out what cannot be decoded, with a warning,
            instead of stopping.
        pipeline_options: of Apache Beam, whose workers then decode; None is
            threads of this process. The store is the same.
        test_group: of the CSV's column `group`: the test set is that group,
            whatever splits are given; empty leaves them as they are.

    Returns:
        The store. Recordings that are cut off are in it as far as they go,
        and classes that cannot be learned are kept; of both it warns.

    Raises:
        UserError: for a manifest or files that cannot be understood.
    """
    root = _root(path)
    recordings = read_and_split(path, tasks, test_group)
    tasks = manifest.class_names(recordings)
    for kind, detail in check.odd_classes(recordings):
        if kind == "classes alike" or detail.endswith(": train"):
            _warn(f"{kind}: {detail}")
    fingerprint = _fingerprint(
        recordings, tasks, root, sample_rate_hz, skip_bad_files, test_group
    )
    store_path = store_files.store_path(store_dir, root.name, fingerprint)
    if (store_path / "store.json").exists():
        return clips.ClipStore(store_path)

    parts = store_path.with_name(f"{store_path.name}.decoded")
    if pipeline_options is None:
        decoded = decoding.decode_all(recordings, sample_rate_hz)
    else:
        decoded = beam_decoding.decode_all(
            recordings, sample_rate_hz, parts, pipeline_options
        )
    bad, cut_off = [], {}
    with clips.ClipStoreWriter.open(
        store_path,
        name=str(path),
        tasks=tasks,
        sample_rate_hz=sample_rate_hz,
        fingerprint=fingerprint,
        split_name=f"{test_group} held out" if test_group else "own",
    ) as writer:
        for recording, samples in decoded:
            if isinstance(samples, UserError):
                bad.append(samples)
                continue
            if recording.path not in cut_off:  # once, whatever its segments
                cut_off[recording.path] = truncation.find(recording.path)
            writer.add(
                recording.split,
                samples,
                recording.labels,
                file=_relative(recording.path, root),
                start_s=recording.start_s or 0.0,
                group=recording.group,
            )
        if bad and not skip_bad_files:
            raise UserError(
                f"{len(bad)} of {len(recordings)} recordings cannot be used "
                f"({join_some(bad, 3)}); repair or remove them, or set "
                "data.skip_bad_files"
            )
        if len(bad) == len(recordings):
            raise UserError(f"no recording can be used ({join_some(bad, 3)})")
    shutil.rmtree(parts, ignore_errors=True)
    for error in bad:
        _warn(f"left out: {error}")
    for sentence in filter(None, cut_off.values()):
        _warn(sentence)
    return clips.ClipStore(store_path)


def read_and_split(
    path, tasks: tuple[str, ...] = (), test_group: str = ""
) -> list[Recording]:
    """The recordings of a folder or a CSV, each with its split."""
    recordings = manifest.read(path, tasks)
    if test_group:
        recordings = splits.hold_out(recordings, test_group)
    return splits.assign(recordings, _root(path))


def _warn(message: str):
    print(f"warning: {one_line(message)}", file=sys.stderr)


def _root(path) -> pathlib.Path:
    path = pathlib.Path(path).expanduser().absolute()
    return path if path.is_dir() else path.parent


def _relative(path: pathlib.Path, root: pathlib.Path) -> str:
    path = path.expanduser().absolute()
    name = str(path.relative_to(root) if path.is_relative_to(root) else path)
    # Bytes of a name that are no text, as escapes: no two files look alike.
    return name.encode(errors="backslashreplace").decode()


def _fingerprint(
    recordings,
    tasks,
    root,
    sample_rate_hz: int,
    skip_bad_files: bool,
    test_group: str,
) -> str:
    """Of everything that goes into a store; files by size and time."""
    digest = hashlib.sha256(
        repr((store_files.FORMAT, sample_rate_hz, tasks)).encode()
    )
    digest.update(test_group.encode())  # part of the store's `split_name`
    for recording in recordings:
        try:
            status = recording.path.stat()
            size, time_ns = status.st_size, status.st_mtime_ns
        except OSError as error:
            if not skip_bad_files:
                raise UserError(
                    f"{recording.path} cannot be read: {error.strerror}"
                ) from error
            size, time_ns = None, None
        row = (
            _relative(recording.path, root),
            size,
            time_ns,
            recording.labels,
            recording.split,
            recording.group,
            recording.start_s,
            recording.end_s,
        )
        digest.update(repr(row).encode())
    return digest.hexdigest()
