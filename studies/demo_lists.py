"""The lists of recordings that the demo model learns and is tested on.

Each list is a CSV of its own, with the test set that its data set has:

    digits.csv   the official split of the Free Spoken Digit Dataset
    words.csv    Speech Commands by the official hash of the speaker
    notes.csv    one unseen instrument of each family is the test set
    sounds.csv   ESC-10: the last of its five official folds is the test set
"""

from __future__ import annotations

import csv
import pathlib
from collections.abc import Iterator

from audio_diffstride.files import atomic
from data.speech_commands35 import speech_commands35_dataset_builder as words

TEST_FOLD = "5"  # of ESC-10
NAMES = ("digits", "words", "notes", "sounds")


def write(recordings: pathlib.Path, folder: pathlib.Path) -> list[pathlib.Path]:
    """Writes the lists, and returns their files in the order of `NAMES`.

    Args:
        recordings: holds fsdd/, notes/ and esc10/, each with a manifest.csv,
            and words/ with a folder per word.
        folder: of the lists; paths in them are absolute.
    """
    root = recordings.absolute()
    rows = {
        "digits": _manifest(root / "fsdd"),
        "words": _words(root / "words"),
        "notes": _manifest(root / "notes"),
        "sounds": map(_sound, _manifest(root / "esc10")),
    }
    paths = [folder / f"{name}.csv" for name in NAMES]
    for name, path in zip(NAMES, paths):
        atomic.write_rows(path, [*rows[name]])
    return paths


def _manifest(folder: pathlib.Path) -> Iterator[dict[str, str]]:
    with open(folder / "manifest.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row | {"path": str(folder / row["path"])}


def _words(folder: pathlib.Path) -> Iterator[dict[str, str]]:
    for path in sorted(folder.glob("*/*.wav")):
        yield {
            "path": str(path),
            "word": path.parent.name,
            "group": words.speaker_of(path.name),
            "split": words.split_by_hash(path.name),
        }


def _sound(row: dict[str, str]) -> dict[str, str]:
    """A row of ESC-10; clips of one source recording stay together.

    A file name is FOLD-SOURCE-TAKE.ogg.
    """
    name = pathlib.Path(row["path"]).name
    return {
        "path": row["path"],
        "sound": row["sound"],
        "group": name.split("-")[1],
        "split": "test" if row["fold"] == TEST_FOLD else "train",
    }
