"""From a TFDS data set to a store of clips or images.

For example: `python -m data.prepare --dataset speech_commands35`, which
downloads it, or with `--manual_dir DIR` takes the archives from a folder.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import pathlib
import sys

import tqdm

from audio_diffstride.datasets import store_files
from audio_diffstride.datasets.opening import open_store
from audio_diffstride.errors import UserError, report_user_errors
from audio_diffstride.terminal import packages
from data import archives, tasks

STORE_DIR = "~/.cache/audio_diffstride"
# TFDS tries ten times, for minutes, to reach a network that is not there.
_DOWNLOAD_RETRIES = 1


def store_path(name: str, split_name: str, store_dir=STORE_DIR) -> pathlib.Path:
    """Where the store of a named data set lies."""
    return pathlib.Path(store_dir).expanduser() / f"{name}-{split_name}"


def prepare(
    name: str,
    split_name: str = "",
    store_dir=STORE_DIR,
    manual_dir: str | None = None,
    max_examples: int | None = None,
) -> store_files.Store:
    """Builds a named data set and fills its store.

    What is there already from the same source is kept. Killed at any moment
    and started again, it completes: TFDS and the store both appear whole or
    not at all.

    Args:
        name: a name in `tasks.DATASETS`.
        split_name: of a rule in its `splits`; "" is the first.
        store_dir: where stores, downloads and TFDS's own files are kept.
        manual_dir: a folder with the archives; None downloads them.
        max_examples: per split of TFDS, to try things out; None is all.

    Returns:
        The store.

    Raises:
        UserError: for an unknown data set or split, and for archives that are
            not there or not what they should be.
    """
    dataset = tasks.find(name)
    split_name, rule = dataset.rule(split_name)
    path = store_path(name, split_name, store_dir)
    source = _source(manual_dir, max_examples)
    builder = _builder(dataset, path.parent / "tfds" / source)
    made_of = (
        *(store_files.FORMAT, str(builder.version), source, rule),
        dataset.content.key,
    )
    fingerprint = hashlib.sha256(repr(made_of).encode()).hexdigest()
    if (path / "store.json").exists():
        store = open_store(path)
        if store.fingerprint == fingerprint:
            return store
    _check_by_hand(dataset, manual_dir)
    if not max_examples and not dataset.embedded:
        _check_room_of_store(dataset, path)
    _build(
        dataset, builder, path.parent / "downloads", manual_dir, max_examples
    )
    _fill(path, dataset, split_name, builder, fingerprint)
    return open_store(path)


def _check_by_hand(dataset: tasks.Dataset, manual_dir: str | None):
    """Refuses to begin without archives that only the user can fetch."""
    folder = pathlib.Path(manual_dir or "").expanduser()
    lacking = [
        name
        for name in dataset.by_hand
        if manual_dir is None or not (folder / name).exists()
    ]
    if lacking:
        raise UserError(
            f"{dataset.name} cannot be downloaded without its owners' leave: "
            f"fetch {' and '.join(lacking)} yourself, put all of its archives "
            "in a folder, and give that by --manual_dir"
        )


def _check_room_of_store(dataset: tasks.Dataset, path: pathlib.Path):
    """Tells what images take, which are not packed in a store."""
    needed = getattr(dataset.content, "num_bytes", 0)
    if needed:
        told = archives.check_room(path, needed, "of images in the store", 1)
        print(told, file=sys.stderr)


def _source(manual_dir: str | None, max_examples: int | None) -> str:
    """What the data set is built from, as the name of a folder."""
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
    if not files:  # TFDS would take that for no folder, and download
        raise UserError(f"{manual_dir} is empty; put the archives there")
    stats = [(file.name, file.stat()) for file in files]
    content = repr([(n, s.st_size, s.st_mtime_ns) for n, s in stats])
    digest = hashlib.sha256(content.encode()).hexdigest()
    return f"manual-{digest[:12]}{limit}"


def _builder(dataset: tasks.Dataset, data_dir: pathlib.Path):
    for module in ("tensorflow", "tensorflow_datasets"):
        packages.require(module)  # other backends train without them
    import tensorflow_datasets as tfds

    if dataset.module:
        importlib.import_module(dataset.module)
    # A third of a tfrecord's size: that stores samples as varints.
    return tfds.builder(
        dataset.name, data_dir=data_dir, file_format="array_record"
    )


def _build(dataset, builder, download_dir, manual_dir, max_examples):
    """Lets TFDS download and build the data set."""
    import requests
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.download import downloader

    downloader.MAX_RETRIES = _DOWNLOAD_RETRIES
    # Of TFDS's own data sets; ours tell their archives' sizes themselves.
    archives.check_room(builder.data_dir, int(builder.info.download_size or 0))
    config = tfds.download.DownloadConfig(
        max_examples_per_split=max_examples, register_checksums=False
    )
    if manual_dir is not None:
        config.manual_dir = str(pathlib.Path(manual_dir).expanduser())
    try:
        builder.download_and_prepare(
            download_dir=str(download_dir), download_config=config
        )
    except requests.exceptions.RequestException as error:
        raise UserError(
            f"{dataset.name} cannot be downloaded ({type(error).__name__}); "
            f"on another machine fetch its archives, and run `python -m "
            f"data.prepare --dataset {dataset.name} --manual_dir DIR` here"
        ) from error


def _fill(path, dataset, split_name, builder, fingerprint):
    """Writes the store from the prepared TFDS data set."""
    features, content = builder.info.features, dataset.content
    rule = dataset.splits[split_name]
    classes = {
        task: _nested(features, feature).names
        for task, feature in dataset.labels.items()
    }
    with content.WRITER.open(
        path,
        name=dataset.name,
        tasks=classes,
        **content.about,
        fingerprint=fingerprint,
        split_name=split_name,
    ) as writer:
        for tfds_split, split in rule.sources.items():
            examples = tqdm.tqdm(
                builder.as_data_source(split=tfds_split),
                desc=f"{dataset.name} {tfds_split}",
                unit=f" {content.WRITER.STORE.HOLDS}",
                disable=None,
                leave=False,
            )
            for number, example in enumerate(examples):
                file = _text(example, dataset.file) or f"{tfds_split}/{number}"
                group = _text(example, dataset.group)
                writer.add(
                    _divide(rule, split, group if rule.by_group else file),
                    content.convert(
                        example[content.FEATURE],
                        features[content.FEATURE],
                        file,
                    ),
                    {
                        task: classes[task][_nested(example, feature)]
                        for task, feature in dataset.labels.items()
                    },
                    file=file,
                    group=group,
                )


def _divide(rule: tasks.SplitRule, split: str, unit: str) -> str:
    """The split of a recording, part of the training data being set apart.

    `unit`, a file or a group, is taken as a whole.
    """
    if split != "train":
        return split
    digest = hashlib.sha256(unit.encode()).digest()
    place = int.from_bytes(digest[:8]) / 2**64  # in [0, 1)
    for held_out, share in rule.shares.items():
        if place < share:
            return held_out
        place -= share
    return split


def _nested(tree, path: str):
    for part in [path] if path in tree else path.split("/"):
        tree = tree[part]
    return tree


def _text(example, feature: str) -> str:
    value = _nested(example, feature) if feature else ""
    return value.decode() if isinstance(value, bytes) else str(value)


def main(argv=None):
    """The command; see the module's text."""
    parser = argparse.ArgumentParser(
        prog="python -m data.prepare",
        description="Prepares a named data set as a store.",
    )
    parser.add_argument("--dataset", required=True, choices=tasks.DATASETS)
    parser.add_argument(
        "--split", default="", help="official or paper; default the first"
    )
    parser.add_argument(
        "--manual_dir", help="folder with the archives; default: download"
    )
    parser.add_argument(
        "--max_examples", type=int, help="per split, to try things out"
    )
    parser.add_argument("--store_dir", default=STORE_DIR)
    args = parser.parse_args(argv)
    store = prepare(
        args.dataset,
        args.split,
        args.store_dir,
        args.manual_dir,
        args.max_examples,
    )
    rule = tasks.find(args.dataset).splits[store.split_name]
    print(f"{args.dataset}, {store.split_name} split: {store.path}")
    for split in store_files.SPLITS:
        expected = rule.counts.get(split)
        whole = f" (whole data set: {expected:,})" if expected else ""
        count = f"{store.num_clips.get(split, 0):,}"
        print(f"{split:<10} {count:>7} {store.HOLDS}{whole}")
    if rule.note:
        print(f"note: {rule.note}")


if __name__ == "__main__":
    with report_user_errors():
        main()
