"""NSynth: notes of 4 s, labelled by instrument family and by pitch.

TFDS's own `nsynth` needs Apache Beam and downloads 73 GB. This builder reads
wav and JSON archives of 25 GB, with the same notes and splits.
"""

from __future__ import annotations

import io
import json
import pathlib
import posixpath
from collections.abc import Iterator
from typing import Any

import tensorflow_datasets as tfds

from audio_diffstride.audio.reading import read_audio
from audio_diffstride.errors import UserError, join_some
from data import archives, tar_files
from data.features import recording_features

# In the order of the number `instrument_family` in the archives: bass is 0.
FAMILIES = (
    "bass brass flute guitar keyboard mallet organ reed string synth_lead vocal"
).split()
NUM_PITCHES = 128  # of MIDI

_LABELS = "examples.json"
_FIELDS = ("pitch", "instrument_family_str", "instrument_str")
_URL = "http://download.magenta.tensorflow.org/datasets/nsynth/"


def _archive(part: str, num_bytes: int) -> archives.Archive:
    name = f"nsynth-{part}.jsonwav.tar.gz"
    return archives.Archive(_URL + name, pattern=name, num_bytes=num_bytes)


# The sizes divide the total of 25.2 GB by the numbers of notes.
ARCHIVES = {
    "train": _archive("train", 23_850_000_000),
    "validation": _archive("valid", 1_050_000_000),
    "test": _archive("test", 340_000_000),
}


def read_notes(archive: pathlib.Path) -> dict[str, dict[str, Any]]:
    """Reads the labels of the notes in an archive.

    Args:
        archive: with an examples.json, before or after the recordings.

    Returns:
        {note_str: {"pitch": 22, "instrument_family_str": "bass",
        "instrument_str": "bass_synthetic_033"}}.

    Raises:
        UserError: if this file is missing, or a note lacks a field.
    """
    files = tar_files.read(
        archive, lambda path: posixpath.basename(path) == _LABELS
    )
    _, content = next(files, ("", None))
    if content is None:
        raise UserError(f"{archive} holds no {_LABELS}; download it again")
    try:
        notes = json.loads(content, object_hook=_only_fields)
    except ValueError as error:
        raise UserError(
            f"{_LABELS} in {archive} is not JSON: {error}; download the "
            "archive again"
        ) from error
    for note_str, note in notes.items():
        missing = [field for field in _FIELDS if field not in note]
        if missing:
            raise UserError(
                f"{_LABELS} in {archive} gives {note_str} no "
                f"{' and no '.join(missing)}; download the archive again"
            )
    return notes


def _only_fields(parsed: dict[str, Any]) -> dict[str, Any]:
    # The JSON parser calls this for each note. All fields of 289,205 notes
    # would take more than 1 GB. The outer object has no such field, and is
    # returned as it is.
    return {key: parsed[key] for key in _FIELDS if key in parsed} or parsed


class Builder(tfds.core.GeneratorBasedBuilder):
    """TFDS builder of NSynth without Beam."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "Instrument family and pitch of all notes."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        "Put nsynth-train.jsonwav.tar.gz, nsynth-valid.jsonwav.tar.gz and "
        "nsynth-test.jsonwav.tar.gz into a folder DIR and run `python -m "
        "data.prepare --dataset nsynth_notes --manual_dir DIR`."
    )

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            features=recording_features(
                instrument=FAMILIES, pitch=map(str, range(NUM_PITCHES))
            ),
            homepage="https://magenta.tensorflow.org/datasets/nsynth",
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        found = archives.find(dl_manager, ARCHIVES)
        return {
            split: self._generate_examples(archive)
            for split, archive in found.items()
        }

    def _generate_examples(
        self, archive: pathlib.Path
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        notes = read_notes(archive)
        recordings = tar_files.read(archive, lambda path: path.endswith(".wav"))
        for path, content in recordings:
            file_name = posixpath.basename(path)
            note = notes.pop(file_name.removesuffix(".wav"), None)
            if note is None:
                raise UserError(
                    f"{archive} holds {path}, which its {_LABELS} does not "
                    "list; download it again"
                )
            yield (
                file_name,
                {
                    "audio": read_audio(
                        io.BytesIO(content),
                        name=f"{path} in {archive}",
                    ),
                    "instrument": note["instrument_family_str"],
                    "pitch": str(note["pitch"]),
                    "file": file_name,
                    "group": note["instrument_str"],
                },
            )
        if notes:
            raise UserError(
                f"{archive} lacks recordings that its {_LABELS} names: "
                f"{join_some(notes)}; download it again"
            )
