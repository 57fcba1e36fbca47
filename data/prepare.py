"""Prepares a named data set as a store of clips or images.

    python -m data.prepare --dataset speech_commands35
    python -m data.prepare --dataset speech_commands35 --manual_dir DIR

The first command downloads the archives. The second takes them from a folder.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import sys
from collections.abc import Sequence

from audio_diffstride.datasets import store_files
from audio_diffstride.datasets.opening import open_store
from audio_diffstride.errors import UserError, report_user_errors
from audio_diffstride.terminal import arguments, quiet_start
from data import archives, catalogue, store_filling, tfds_building
from data.dataset import Dataset


def store_path(
    name: str,
    split_name: str,
    store_dir: str | os.PathLike[str] = store_files.STORE_DIR,
) -> pathlib.Path:
    """The path of the store of a named data set."""
    return pathlib.Path(store_dir).expanduser() / f"{name}-{split_name}"


def prepare(
    name: str,
    split_name: str = "",
    store_dir: str | os.PathLike[str] = store_files.STORE_DIR,
    manual_dir: str | None = None,
    max_examples: int | None = None,
) -> store_files.Store:
    """Builds a named data set and its store.

    Existing parts from the same source are kept. The process may be killed at
    any moment and started again: TFDS's copy and the store both appear only
    when they are complete.

    Args:
        name: a name in `catalogue.DATASETS`.
        split_name: of a rule in its `splits`; "" is the first.
        store_dir: for stores, downloads and TFDS's own files.
        manual_dir: a folder with the archives; None downloads them.
        max_examples: per TFDS split, for a quick trial; None is all.

    Returns:
        The store.

    Raises:
        UserError: for an unknown data set or split, and for archives that are
            missing or damaged.
    """
    dataset = catalogue.find(name)
    split_name, rule = dataset.rule(split_name)
    path = store_path(name, split_name, store_dir)
    source = _name_source(manual_dir, max_examples)
    builder = tfds_building.make_builder(dataset, path.parent / "tfds" / source)
    made_of = (
        *(store_files.FORMAT, str(builder.version), source, rule),
        dataset.content.fingerprint_key,
    )
    fingerprint = hashlib.sha256(repr(made_of).encode()).hexdigest()
    if (path / "store.json").exists():
        store = open_store(path)
        if store.fingerprint == fingerprint:
            return store
    _check_manual_archives(dataset, manual_dir)
    needed_bytes = dataset.content.num_bytes
    if needed_bytes and not max_examples and not dataset.embedded:
        purpose = "of images in the store"
        print(
            archives.check_free_space(path, needed_bytes, purpose, factor=1),
            file=sys.stderr,
        )
    tfds_building.build(
        dataset, builder, path.parent / "downloads", manual_dir, max_examples
    )
    store_filling.fill_store(path, dataset, split_name, builder, fingerprint)
    return open_store(path)


def _check_manual_archives(dataset: Dataset, manual_dir: str | None) -> None:
    """Checks that archives are there which only the user can download."""
    folder = pathlib.Path(manual_dir or "").expanduser()
    missing = [
        name
        for name in dataset.by_hand
        if manual_dir is None or not (folder / name).exists()
    ]
    if missing:
        raise UserError(
            f"{dataset.name} needs its owners' permission to download: fetch "
            f"{' and '.join(missing)} yourself, put all of its archives in a "
            "folder, and give that by --manual_dir"
        )


def _name_source(manual_dir: str | None, max_examples: int | None) -> str:
    """A folder name for what the data set is built from."""
    limit = f"-first{max_examples}" if max_examples else ""
    if manual_dir is None:
        return f"download{limit}"
    try:
        files = sorted(pathlib.Path(manual_dir).expanduser().iterdir())
    except OSError as error:
        raise UserError(
            f"{manual_dir} cannot be read: {error.strerror}; give the folder "
            "that holds the archives"
        ) from error
    if not files:  # TFDS would ignore an empty folder, and download
        raise UserError(f"{manual_dir} is empty; put the archives there")
    stats = [(file.name, file.stat()) for file in files]
    content = repr([(n, s.st_size, s.st_mtime_ns) for n, s in stats])
    digest = hashlib.sha256(content.encode()).hexdigest()
    return f"manual-{digest[:12]}{limit}"


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command; see the module's docstring."""
    parser = arguments.Parser("python -m data.prepare", __doc__ or "")
    parser.add_argument(
        "--dataset", required=True, choices=catalogue.DATASETS, metavar="NAME",
        help=", ".join(catalogue.DATASETS),
    )  # fmt: skip
    parser.add_argument(
        "--split",
        default="",
        help="official or paper; default: the first that the data set has",
    )
    parser.add_argument(
        "--manual_dir", help="folder with the archives; default: download"
    )
    parser.add_argument(
        "--max_examples", type=int, help="per split, for a quick trial"
    )
    parser.add_argument(
        "--store_dir",
        default=store_files.STORE_DIR,
        help="folder of all stores; default: %(default)s",
    )
    args = parser.parse_args(sys.argv[1:] if argv is None else argv)
    store = prepare(
        args.dataset,
        args.split,
        args.store_dir,
        args.manual_dir,
        args.max_examples,
    )
    rule = catalogue.find(args.dataset).splits[store.split_name]
    print(f"{args.dataset}, {store.split_name} split: {store.path}")
    for split in store_files.SPLITS:
        expected = rule.counts.get(split)
        complete = f" (complete data set: {expected:,})" if expected else ""
        count = f"{store.num_examples.get(split, 0):,}"
        print(f"{split:<10} {count:>7} {store.HOLDS}{complete}")
    if rule.note:
        print(f"note: {rule.note}")


if __name__ == "__main__":
    quiet_start.install()
    with report_user_errors():
        main()
