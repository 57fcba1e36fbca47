"""Own recordings: checked, split and prepared as a clip store.

    python -m data.audio_files --check PATH

reads everything once and lists what is wrong with it, before any training.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import hashlib
import pathlib
import sys

import tqdm

from audio_diffstride import audio, clips, store_files, truncation
from audio_diffstride.errors import (
    UserError,
    join_some,
    one_line,
    told_in_one_sentence,
)
from data import check, manifest, splits


def prepare(
    path,
    tasks: tuple[str, ...] = (),
    store_dir="~/.cache/audio_diffstride",
    sample_rate_hz: int = 16000,
    skip_bad_files: bool = False,
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

    Returns:
        The store. Recordings that are cut off are in it as far as they go,
        and classes that cannot be learned are kept; of both it warns.

    Raises:
        UserError: for a manifest or files that cannot be understood.
    """
    root = _root(path)
    recordings = splits.assign(manifest.read(path, tasks), root)
    tasks = manifest.class_names(recordings)
    for kind, detail in check.odd_classes(recordings):
        if kind == "classes alike" or detail.endswith(": train"):
            _warn(f"{kind}: {detail}")
    fingerprint = _fingerprint(
        recordings, tasks, root, sample_rate_hz, skip_bad_files
    )
    store_path = store_files.store_path(store_dir, root.name, fingerprint)
    if (store_path / "store.json").exists():
        return clips.ClipStore(store_path)

    bad, cut_off = [], {}
    with clips.ClipStoreWriter.open(
        store_path,
        name=str(path),
        tasks=tasks,
        sample_rate_hz=sample_rate_hz,
        fingerprint=fingerprint,
        split_name="own",
    ) as writer:
        for recording, samples in decode_all(recordings, sample_rate_hz):
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
    for error in bad:
        _warn(f"left out: {error}")
    for sentence in filter(None, cut_off.values()):
        _warn(sentence)
    return clips.ClipStore(store_path)


def _warn(message: str):
    print(f"warning: {one_line(message)}", file=sys.stderr)


def decode_all(recordings, sample_rate_hz: int):
    """Yields (recording, samples or a UserError) in order, decoded in threads.

    Decoding and resampling release Python's lock; a few files are decoded
    ahead, so memory does not grow with the data set.
    """

    def decode(recording):
        try:
            return audio.read_audio(
                recording.path,
                sample_rate_hz,
                recording.start_s,
                recording.end_s,
            )
        except UserError as error:
            return error

    progress = tqdm.tqdm(
        recordings, desc="decoding", unit=" files", disable=None, leave=False
    )
    with concurrent.futures.ThreadPoolExecutor() as pool:
        ahead = collections.deque()
        for recording in progress:
            ahead.append((recording, pool.submit(decode, recording)))
            if len(ahead) > 64:
                done, future = ahead.popleft()
                yield done, future.result()
        for done, future in ahead:
            yield done, future.result()


def _root(path) -> pathlib.Path:
    path = pathlib.Path(path).expanduser().absolute()
    return path if path.is_dir() else path.parent


def _relative(path: pathlib.Path, root: pathlib.Path) -> str:
    path = path.expanduser().absolute()
    name = str(path.relative_to(root) if path.is_relative_to(root) else path)
    # Bytes of a name that are no text, as escapes: no two files look alike.
    return name.encode(errors="backslashreplace").decode()


def _fingerprint(
    recordings, tasks, root, sample_rate_hz: int, skip_bad_files: bool
) -> str:
    """Of everything that goes into a store; files by size and time."""
    digest = hashlib.sha256(
        repr((store_files.FORMAT, sample_rate_hz, tasks)).encode()
    )
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


def main(argv=None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m data.audio_files",
        description="Reads own recordings once and lists what is wrong.",
    )
    parser.add_argument(
        "--check", required=True, metavar="PATH", help="a folder or a CSV"
    )
    parser.add_argument(
        "--tasks", nargs="+", default=(), help="columns of the CSV to predict"
    )
    args = parser.parse_args(argv)
    root = _root(args.check)
    recordings = splits.assign(manifest.read(args.check, args.tasks), root)
    return check.run(
        recordings,
        decode_all(recordings, check.SAMPLE_RATE_HZ),
        manifest.left_out(args.check, recordings),
    )


if __name__ == "__main__":
    with told_in_one_sentence():
        sys.exit(main())
