"""Own recordings: checked, split and prepared as a clip store.

    python -m data.audio_files --check PATH

reads everything once and lists what is wrong with it, before any training;

    python -m data.audio_files --prepare PATH

prepares the store that training would prepare, with --beam on many machines.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import hashlib
import pathlib
import shutil
import sys

import tqdm

from audio_diffstride.audio import decoding, truncation
from audio_diffstride.backends import beam_jobs
from audio_diffstride.datasets import clips, store_files
from audio_diffstride.errors import (
    UserError,
    join_some,
    one_line,
    report_user_errors,
)
from audio_diffstride.recordings import beam_decoding, check, manifest, splits
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
    recordings = _split(path, tasks, test_group)
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
        decoded = decode_all(recordings, sample_rate_hz)
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


def _split(path, tasks, test_group: str) -> list[Recording]:
    """The recordings of a folder or a CSV, each with its split."""
    recordings = manifest.read(path, tasks)
    if test_group:
        recordings = splits.hold_out(recordings, test_group)
    return splits.assign(recordings, _root(path))


def _warn(message: str):
    print(f"warning: {one_line(message)}", file=sys.stderr)


def decode_all(recordings, sample_rate_hz: int):
    """Yields (recording, samples or a UserError) in order, decoded in threads.

    Decoding and resampling release Python's lock; a few files are decoded
    ahead, so memory does not grow with the data set.
    """

    def decode(recording):
        try:
            return decoding.read_audio(
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


def main(argv=None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m data.audio_files",
        description="Own recordings: what is wrong, or their clip store.",
    )
    jobs = parser.add_mutually_exclusive_group(required=True)
    jobs.add_argument(
        "--check",
        metavar="PATH",
        help="read a folder or a CSV once and list what is wrong",
    )
    jobs.add_argument(
        "--prepare",
        metavar="PATH",
        help="make the store that training on a folder or a CSV will ask for",
    )
    parser.add_argument(
        "--tasks", nargs="+", default=(), help="columns of the CSV to predict"
    )
    parser.add_argument(
        "--test_group",
        default="",
        help="a group of the CSV that is the test set, as data.test_group",
    )
    for_prepare = parser.add_argument_group("for --prepare")
    for_prepare.add_argument(
        "--store_dir", default=STORE_DIR, help="as data.store_dir"
    )
    for_prepare.add_argument(
        "--sample_rate_hz",
        type=int,
        default=SAMPLE_RATE_HZ,
        help="as front_end.sample_rate_hz",
    )
    for_prepare.add_argument(
        "--skip_bad_files", action="store_true", help="as data.skip_bad_files"
    )
    beam_jobs.add_flags(for_prepare)
    args = parser.parse_args(argv)
    pipeline_options = beam_jobs.options(args)
    if args.prepare:
        store = prepare(
            args.prepare,
            args.tasks,
            args.store_dir,
            args.sample_rate_hz,
            args.skip_bad_files,
            pipeline_options,
            args.test_group,
        )
        counts = ", ".join(f"{n:,} {s}" for s, n in store.num_clips.items())
        print(f"{store.path}: {counts}")
        return 0
    if pipeline_options:
        raise UserError("--check takes no --beam: it reads on this machine")
    recordings = _split(args.check, args.tasks, args.test_group)
    return check.run(
        recordings,
        decode_all(recordings, check.SAMPLE_RATE_HZ),
        manifest.left_out(args.check, recordings),
    )


if __name__ == "__main__":
    with report_user_errors():
        sys.exit(main())
