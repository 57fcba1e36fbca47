"""DCASE 2018 task 3, bird audio detection: the three development sets."""

from __future__ import annotations

import csv
import pathlib
import sys
from collections.abc import Iterator
from typing import Any

import tensorflow_datasets as tfds

from audio_diffstride.errors import UserError, join_some
from data import archives
from data.archives import Archive
from data.features import recording_features
from data.zip_files import ZipFiles

# In the order of the numbers in the CSVs: absent is 0.
PRESENCE = ("absent", "present")

SOURCES = ("ff1010bird", "warblrb10k", "BirdVox-DCASE-20k")
# Each source has a zip with recordings and a CSV with labels.
ARCHIVES = {
    "ff1010bird.zip": Archive(
        "https://archive.org/download/ff1010bird/ff1010bird_wav.zip",
        "ff1010bird*.zip",
        num_bytes=5_800_000_000,
    ),
    "ff1010bird.csv": Archive(
        "https://ndownloader.figshare.com/files/10853303", "ff1010bird*.csv"
    ),
    "warblrb10k.zip": Archive(
        "https://archive.org/download/warblrb10k_public/"
        "warblrb10k_public_wav.zip",
        "warblrb10k*.zip",
        num_bytes=4_300_000_000,
    ),
    "warblrb10k.csv": Archive(
        "https://ndownloader.figshare.com/files/10853306", "warblrb10k*.csv"
    ),
    "BirdVox-DCASE-20k.zip": Archive(
        "https://zenodo.org/record/1208080/files/BirdVox-DCASE-20k.zip",
        "BirdVox*.zip",
        num_bytes=15_400_000_000,
    ),
    # On Figshare its name is BirdVoxDCASE20k_csvpublic.csv.
    "BirdVox-DCASE-20k.csv": Archive(
        "https://ndownloader.figshare.com/files/10853300", "BirdVox*.csv"
    ),
}


class Builder(tfds.core.GeneratorBasedBuilder):
    """TFDS builder of the bird recordings."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "The three development sets, 16 kHz mono."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        "Put the zip and the CSV of ff1010bird, warblrb10k and BirdVox-DCASE-"
        "20k, or of some of them, into a folder DIR and run `python -m "
        "data.prepare --dataset dcase2018_birds --manual_dir DIR`."
    )

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            features=recording_features(bird=PRESENCE),
            supervised_keys=("audio", "bird"),
            homepage=(
                "https://dcase.community/challenge2018/"
                "task-bird-audio-detection"
            ),
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        sources = _list_sources(dl_manager)
        paths = archives.find(
            dl_manager,
            {
                name: ARCHIVES[name]
                for source in sources
                for name in (f"{source}.zip", f"{source}.csv")
            },
        )
        labels = {
            source: read_labels(paths[f"{source}.csv"]) for source in sources
        }
        for source in sources:
            csv_path, zip_path = paths[f"{source}.csv"], paths[f"{source}.zip"]
            _check_labels(labels[source], csv_path, zip_path)
        return {"train": self._generate_examples(paths, labels)}

    def _generate_examples(
        self, paths: dict[str, pathlib.Path], labels: dict[str, dict[str, str]]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for source, presence in labels.items():
            with ZipFiles([paths[f"{source}.zip"]]) as files:
                for itemid in presence:
                    # An itemid is unique only within its source.
                    file = f"{source}/{itemid}.wav"
                    yield (
                        file,
                        {
                            "audio": files.read_audio(_member(itemid)),
                            "bird": presence[itemid],
                            "file": file,
                            "group": "",
                        },
                    )


def _member(itemid: str) -> str:
    """The name of a recording in the archive of its source."""
    return f"wav/{itemid}.wav"


def _list_sources(dl_manager: Any) -> list[str]:
    """The sources to build from: those with a zip or a CSV."""
    found = archives.list_available(dl_manager, ARCHIVES)
    sources = [
        source
        for source in SOURCES
        if f"{source}.zip" in found or f"{source}.csv" in found
    ]
    if not sources:
        patterns = [archive.pattern for archive in ARCHIVES.values()]
        raise UserError(
            f"{dl_manager.manual_dir} holds none of {', '.join(patterns)}; "
            "put the zip and the CSV of one source or more there"
        )
    if left_out := [source for source in SOURCES if source not in sources]:
        print(
            f"warning: {dl_manager.manual_dir} holds no "
            f"{' and no '.join(left_out)}: built without them",
            file=sys.stderr,
        )
    return sources


def read_labels(path: pathlib.Path) -> dict[str, str]:
    """Reads the labels of a source.

    Args:
        path: of a CSV with the columns itemid and hasbird. The edition of 2018
            also has a column datasetid, that of 2016 does not.

    Returns:
        {itemid: "absent" or "present"}.

    Raises:
        UserError: for a CSV without these columns, a value other than 0 or 1,
            or a second row for a recording.
    """
    labels: dict[str, str] = {}
    text = pathlib.Path(path).read_text(encoding="utf-8-sig")
    rows = csv.DictReader(text.splitlines())
    for column in ("itemid", "hasbird"):
        if column not in (rows.fieldnames or ()):
            raise UserError(f"{path} has no column {column}; download it again")
    for row in rows:
        itemid, hasbird = row["itemid"], row["hasbird"]
        if hasbird not in ("0", "1"):
            raise UserError(
                f"{path}, line {rows.line_num}: hasbird of {itemid} must be "
                f"0 or 1, but is {hasbird!r}; download it again"
            )
        if itemid in labels:
            raise UserError(
                f"{path}, line {rows.line_num}: {itemid} is there twice; "
                "remove one of its rows"
            )
        labels[itemid] = PRESENCE[int(hasbird)]
    return labels


def _check_labels(
    labels: dict[str, str], csv_path: pathlib.Path, zip_path: pathlib.Path
) -> None:
    """Refuses labels without recordings. Warns of recordings without label."""
    with ZipFiles([zip_path]) as files:
        missing = [item for item in labels if _member(item) not in files]
        recordings = {name for name in files.names if name.endswith(".wav")}
    if missing:
        raise UserError(
            f"{csv_path} labels {len(missing)} recordings that are not in "
            f"{zip_path} ({join_some(missing, 3)}); both must be complete and "
            "of one source; download them again"
        )
    if unlabelled := recordings - {_member(item) for item in labels}:
        print(
            f"warning: {len(unlabelled)} recordings in {zip_path} have no "
            f"label in {csv_path}: left out",
            file=sys.stderr,
        )
