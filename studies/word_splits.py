"""Writes the manifest of spoken words, split by the rule of Speech Commands.

    python -m studies.word_splits words/ words/manifest.csv

The folder has a folder for each word, as in the archive of Speech Commands. The
CSV gets the columns path, word, group (the speaker) and split.
"""

from __future__ import annotations

import argparse
import pathlib

from audio_diffstride.errors import UserError, report_user_errors
from audio_diffstride.files import atomic
from data.speech_commands35 import speech_commands35_dataset_builder as words


def rows(folder: pathlib.Path) -> list[dict[str, str]]:
    """The row of each recording.

    Args:
        folder: with a folder for each word.

    Raises:
        UserError: if there is none.
    """
    paths = sorted(folder.glob("*/*_nohash_*.wav"))
    if not paths:
        raise UserError(
            f"{folder} has no recordings of words, such as "
            "bed/a69b9b3e_nohash_0.wav; extract the archive there"
        )
    return [
        {
            "path": f"{path.parent.name}/{path.name}",
            "word": path.parent.name,
            "group": words.speaker_of(path.name),
            "split": words.split_by_hash(path.name),
        }
        for path in paths
    ]


def main() -> None:
    """Reads the names of the recordings, and writes the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("output")
    args = parser.parse_args()
    atomic.write_rows(args.output, rows(args.folder))


if __name__ == "__main__":
    with report_user_errors():
        main()
