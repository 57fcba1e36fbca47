"""TUT Urban Acoustic Scenes 2018, development set, in its official fold."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import tensorflow_datasets as tfds

from audio_diffstride.errors import UserError, join_some
from data import archives
from data.features import recording_features
from data.zip_files import ZipFiles

SCENES = (
    "airport",
    "bus",
    "metro",
    "metro_station",
    "park",
    "public_square",
    "shopping_mall",
    "street_pedestrian",
    "street_traffic",
    "tram",
)

_URL = "https://zenodo.org/record/1228142/files/"
_NAME = "TUT-urban-acoustic-scenes-2018-development"
_NUM_BYTES = {
    "meta": 69272,
    "audio.1": 1657811579,
    "audio.2": 1783489370,
    "audio.3": 1809675304,
    "audio.4": 1756582525,
    "audio.5": 1724002546,
    "audio.6": 1645753049,
    "audio.7": 1671903917,
    "audio.8": 1673304843,
    "audio.9": 1674839259,
    "audio.10": 1662932947,
    "audio.11": 1751473843,
    "audio.12": 1742332198,
    "audio.13": 798990513,
}
# Each pattern is a complete name: the archives of the leaderboard, evaluation
# and mobile sets have similar names.
ARCHIVES = {
    part: archives.Archive(
        url=f"{_URL}{_NAME}.{part}.zip",
        pattern=f"{_NAME}.{part}.zip",
        num_bytes=num_bytes,
    )
    for part, num_bytes in _NUM_BYTES.items()
}
FOLD_LISTS = {
    "train": "evaluation_setup/fold1_train.txt",
    # fold1_test.txt lists the same files without their scenes.
    "test": "evaluation_setup/fold1_evaluate.txt",
}


class Builder(tfds.core.GeneratorBasedBuilder):
    """TFDS builder of the urban scenes."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "Official fold 1, 16 kHz mono."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        f"Put {_NAME}.meta.zip and .audio.1.zip to .audio.13.zip of {_URL} "
        "into a folder DIR and run `python -m data.prepare --dataset "
        "tut_urban2018 --manual_dir DIR`."
    )

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            features=recording_features(scene=SCENES),
            supervised_keys=("audio", "scene"),
            homepage="https://zenodo.org/record/1228142",
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        # No list says which archive holds a recording. Every recording of the
        # fold must be found, but not every archive.
        available = archives.list_available(dl_manager, ARCHIVES)
        paths = archives.find(dl_manager, available)
        with ZipFiles(paths.values()) as files:
            labels = {
                split: read_fold_list(files, name)
                for split, name in FOLD_LISTS.items()
            }
            missing = [
                file
                for split in labels
                for file in labels[split]
                if file not in files
            ]
        if missing:
            absent = [
                f".{part}.zip"
                for part in ARCHIVES
                if part not in paths and part != "meta"
            ]
            remedy = (
                f"add {', '.join(absent)} of {_NAME}"
                if absent
                else "download the archives again"
            )
            raise UserError(
                f"{len(missing)} recordings of fold 1 are in none of the "
                f"archives ({join_some(missing, 3)}); {remedy} from {_URL}"
            )
        return {
            split: self._generate_examples(paths, labels[split])
            for split in labels
        }

    def _generate_examples(
        self, paths: dict[str, pathlib.Path], labels: dict[str, dict[str, str]]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        with ZipFiles(paths.values()) as files:
            for file in labels:
                yield (
                    file,
                    {
                        # pydub would decode a path, and turn 24-bit samples
                        # into noise.
                        "audio": files.read_audio(file),
                        "file": file,
                        **labels[file],
                    },
                )


def read_fold_list(files: ZipFiles, name: str) -> dict[str, dict[str, str]]:
    """Reads the recordings of one split of the fold.

    Args:
        files: of all archives.
        name: of the list. Each line has a file, a TAB and a scene. There is no
            header.

    Returns:
        {file: {"scene": scene, "group": location}}.

    Raises:
        UserError: for a list that is missing or has another form.
    """
    if name not in files:
        raise UserError(
            f"{name} is in none of the archives; put {_NAME}.meta.zip, the "
            f"download of {ARCHIVES['meta'].url}, beside the others"
        )
    labels = {}
    lines = files.read(name).decode("utf-8-sig").splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        file, *rest = line.split("\t")
        scene = rest[0].strip() if rest else ""
        if scene not in SCENES:
            raise UserError(
                f"{name}, line {number}: {line!r} must be a file, a TAB and "
                f"one of {', '.join(SCENES)}; download the archives again"
            )
        labels[file] = {"scene": scene, "group": location(file)}
    return labels


def location(file: str) -> str:
    """The place of a recording. Segments of one place sound alike.

    >>> location("audio/tram-vienna-285-8639-a.wav")
    'vienna-285'
    """
    parts = pathlib.PurePosixPath(file).stem.split("-")
    if len(parts) != 5:
        raise UserError(
            f"{file!r} must be named <scene>-<city>-<location>-<segment>-"
            "<device>.wav, to give the location; download the archives again"
        )
    return "-".join(parts[1:3])
