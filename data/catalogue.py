"""All data sets known by name."""

from __future__ import annotations

import types
from typing import Any

from audio_diffstride.errors import UserError
from data.contents import ImageContent
from data.dataset import Dataset, SplitRule

OFFICIAL = "official"
PAPER = "paper"

# Shares of the training data to hold out, by the hash of the name.
_TENTH = types.MappingProxyType({"validation": 0.1})
_HUNDREDTH = types.MappingProxyType({"validation": 0.01})
_TWO_TENTHS = types.MappingProxyType({"test": 0.1, "validation": 0.1})


def _ours(
    name: str,
    labels: dict[str, str],
    splits: dict[str, SplitRule],
    **kwargs: Any,
) -> Dataset:
    """A data set with our own builder, which gives a file and a group."""
    return Dataset(
        name,
        labels,
        splits,
        module=f"data.{name}.{name}_dataset_builder",
        file="file",
        group="group",
        **kwargs,
    )


_SAME = {"train": "train", "validation": "validation", "test": "test"}
_BY_HASH = "drawn by us, by the hash of the name; the paper names no rule"

DATASETS = {
    dataset.name: dataset
    for dataset in (
        _ours(
            "tones",
            {"instrument": "instrument", "pitch": "pitch"},
            {
                OFFICIAL: SplitRule(
                    {"train": "train", "test": "test"},
                    _TENTH,
                    counts={"train": 1049, "validation": 103, "test": 288},
                )
            },
            embedded=True,
        ),
        _ours(
            "speech_commands35",
            {"word": "word"},
            {
                OFFICIAL: SplitRule(
                    _SAME,
                    counts={
                        "train": 84_843,
                        "validation": 9_981,
                        "test": 11_005,
                    },
                ),
                PAPER: SplitRule(
                    dict.fromkeys(_SAME, "train"),
                    _TWO_TENTHS,
                    note=f"{_BY_HASH}; its 84,771 / 10,700 of 105,829 look "
                    "like 80/10/10 per file, with speakers on both sides",
                ),
            },
        ),
        _ours(
            "nsynth_notes",
            {"instrument": "instrument", "pitch": "pitch"},
            {
                OFFICIAL: SplitRule(
                    _SAME,
                    counts={
                        "train": 289_205,
                        "validation": 12_678,
                        "test": 4_096,
                    },
                ),
                PAPER: SplitRule(
                    {"train": "train", "validation": "test"},
                    _TENTH,
                    by_group=True,
                    counts={"test": 12_678},
                    note="the paper's test set is the official validation "
                    "set; a tenth of the training instruments validates",
                ),
            },
        ),
        _ours(
            "dcase2018_birds",
            {"bird": "bird"},
            {
                PAPER: SplitRule(
                    {"train": "train"},
                    _TWO_TENTHS,
                    note=f"{_BY_HASH}; its 32,129 / 3,561 of 35,690 look "
                    "like 90/10 per file",
                )
            },
        ),
        _ours(
            "tut_urban2018",
            {"scene": "scene"},
            {
                OFFICIAL: SplitRule(
                    {"train": "train", "test": "test"},
                    _TENTH,
                    by_group=True,
                    counts={"test": 2_518},
                ),
                PAPER: SplitRule(
                    {"train": "train", "test": "train"},
                    _TWO_TENTHS,
                    note=f"{_BY_HASH}; its 7,829 / 810 of 8,640 look like "
                    "90/10 per file, with locations on both sides: 97-99 % "
                    "there is 60 % on the official fold",
                ),
            },
        ),
        Dataset(
            "speech_commands",
            {"word": "label"},
            {
                OFFICIAL: SplitRule(
                    _SAME,
                    counts={
                        "train": 85_511,
                        "validation": 10_102,
                        "test": 4_890,
                    },
                )
            },
        ),
        Dataset(
            "spoken_digit",
            {"digit": "label"},
            {
                OFFICIAL: SplitRule(
                    {"train": "train"},
                    _TWO_TENTHS,
                    note="drawn by us: TFDS has one split only",
                )
            },
            file="audio/filename",
        ),
        Dataset(
            "nsynth",
            {"instrument": "instrument/family", "pitch": "pitch"},
            {
                OFFICIAL: SplitRule(
                    {"train": "train", "valid": "validation", "test": "test"},
                    counts={
                        "train": 289_205,
                        "validation": 12_678,
                        "test": 4_096,
                    },
                )
            },
            file="id",
        ),
        _ours(
            "digits",
            {"digit": "digit"},
            {
                OFFICIAL: SplitRule(
                    {"train": "train"},
                    _TWO_TENTHS,
                    counts={"train": 1_429, "validation": 193, "test": 175},
                    note="drawn by us: scikit-learn has no split",
                )
            },
            embedded=True,
            content=ImageContent((8, 8, 1), may_mirror=False, num_images=1797),
        ),
        *(
            Dataset(
                name,
                {"object": "label"},
                {
                    OFFICIAL: SplitRule(
                        {"train": "train", "test": "test"},
                        _TENTH,
                        counts={"test": 10_000},
                    )
                },
                file="id",
                content=ImageContent(
                    (32, 32, 3), may_mirror=True, num_images=60_000
                ),
            )
            for name in ("cifar10", "cifar100")
        ),
        Dataset(
            "imagenet2012",
            {"object": "label"},
            {
                OFFICIAL: SplitRule(
                    {"train": "train", "validation": "test"},
                    _HUNDREDTH,
                    counts={"test": 50_000},
                    note="the test set is the official validation set, as in "
                    "the paper; a hundredth of the training images validates",
                )
            },
            file="file_name",
            by_hand=("ILSVRC2012_img_train.tar", "ILSVRC2012_img_val.tar"),
            content=ImageContent(
                (256, 256, 3), may_mirror=True, num_images=1_281_167 + 50_000
            ),
        ),
    )
}


def find(name: str) -> Dataset:
    """The data set of that name.

    Raises:
        UserError: for an unknown name.
    """
    if name not in DATASETS:
        raise UserError(
            f"{name!r} is not a data set; data.source must be 'audio_files' or "
            f"one of {', '.join(DATASETS)}"
        )
    return DATASETS[name]
