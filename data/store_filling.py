"""Fill a store from a data set that TFDS has prepared."""

from __future__ import annotations

import hashlib
import pathlib
from typing import Any

import tqdm

from data.dataset import Dataset, SplitRule


def fill_store(
    path: pathlib.Path,
    dataset: Dataset,
    split_name: str,
    builder: Any,
    fingerprint: str,
) -> None:
    """Writes the store of a data set.

    Args:
        path: of the store.
        dataset: in the catalogue.
        split_name: of a rule in its `splits`.
        builder: of TFDS, with the data set prepared.
        fingerprint: hash of everything that the content depends on.
    """
    features, content = builder.info.features, dataset.content
    rule = dataset.splits[split_name]
    classes = {
        task: _get_nested(features, feature).names
        for task, feature in dataset.labels.items()
    }
    with content.WRITER.open(
        path,
        name=dataset.name,
        tasks=classes,
        **content.attributes,
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
                file = _get_text(example, dataset.file)
                file = file or f"{tfds_split}/{number}"
                group = _get_text(example, dataset.group)
                writer.add(
                    choose_split(rule, split, group if rule.by_group else file),
                    content.convert(
                        example[content.FEATURE],
                        features[content.FEATURE],
                        file,
                    ),
                    {
                        task: classes[task][_get_nested(example, feature)]
                        for task, feature in dataset.labels.items()
                    },
                    file=file,
                    group=group,
                )


def choose_split(rule: SplitRule, split: str, unit: str) -> str:
    """The split of an example, after holding out shares of the training data.

    Args:
        rule: with the shares.
        split: before holding out.
        unit: name of the file or group; its hash decides.
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


def _get_nested(tree: Any, path: str) -> Any:
    for part in [path] if path in tree else path.split("/"):
        tree = tree[part]
    return tree


def _get_text(example: Any, feature: str) -> str:
    value = _get_nested(example, feature) if feature else ""
    return value.decode() if isinstance(value, bytes) else str(value)
