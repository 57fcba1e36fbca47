"""Tests of the builder of NSynth notes."""

import dataclasses
import json
import pathlib
import tempfile

import numpy as np
import pytest
import tensorflow_datasets as tfds

from audio_diffstride.errors import UserError
from data.nsynth_notes import nsynth_notes_dataset_builder as nsynth_notes
from tests.support import archives as small

NAME = "nsynth_notes"
PARTS = {"train": "train", "validation": "valid", "test": "test"}
NOTES = {
    "train": {
        "bass_synthetic_033-022-050": small.noise(0, duration_s=0.3),
        "bass_synthetic_033-100-127": small.noise(1),
        "synth_lead_synthetic_007-000-025": small.noise(2),
    },
    "validation": {"keyboard_acoustic_004-060-025": small.noise(3)},
    "test": {
        "vocal_acoustic_012-127-100": small.noise(4),
        "flute_acoustic_002-077-100": small.noise(5),
    },
}


def entry(note_str):
    """A note of examples.json, with all the fields of the real one."""
    instrument_str, pitch, velocity = note_str.rsplit("-", 2)
    family, source, _ = instrument_str.rsplit("_", 2)
    return {
        "note": 278915,
        "note_str": note_str,
        "instrument": 327,
        "instrument_str": instrument_str,
        "instrument_family": nsynth_notes.FAMILIES.index(family),
        "instrument_family_str": family,
        "instrument_source": 0,
        "instrument_source_str": source,
        "pitch": int(pitch),
        "velocity": int(velocity),
        "sample_rate": 16000,
        "qualities": [0, 1, 0, 0, 0, 0, 0, 0, 1, 0],
        "qualities_str": ["dark", "reverb"],
    }


def files(split, labels_first=False):
    """What is in the archive of a split."""
    top = f"nsynth-{PARTS[split]}"
    labels = {note_str: entry(note_str) for note_str in NOTES[split]}
    written = {
        f"{top}/examples.json": json.dumps(labels, indent=4).encode(),
    }
    recordings = {
        f"{top}/audio/{note_str}.wav": small.wav(samples)
        for note_str, samples in NOTES[split].items()
    }
    return written | recordings if labels_first else recordings | written


def write(folder, **changed):
    """Writes the archives, with other files in those that are named."""
    folder.mkdir(exist_ok=True)
    for split, part in PARTS.items():
        packed = changed.get(split) or files(split)
        small.write_tar_gz(folder / f"nsynth-{part}.jsonwav.tar.gz", packed)
    return folder


def prepare(tmp_path, **changed):
    manual_dir = write(tmp_path / "manual", **changed)
    return small.prepare(NAME, tmp_path / "data", manual_dir)


def test_samples_and_labels_are_the_archives(tmp_path):
    splits = prepare(tmp_path)
    for split, notes in NOTES.items():
        assert set(splits[split]) == {f"{note}.wav" for note in notes}
        for note_str, samples in notes.items():
            example = splits[split][f"{note_str}.wav"]
            np.testing.assert_array_equal(example["audio"], samples)
            assert example["audio"].dtype == np.int16
            expected = entry(note_str)
            assert example["instrument"] == expected["instrument_family_str"]
            assert example["pitch"] == str(expected["pitch"])
            assert example["group"] == expected["instrument_str"]


def test_labels_are_the_json_files_not_the_names(tmp_path):
    packed = files("validation")
    (note_str,) = NOTES["validation"]
    label = entry(note_str) | {
        "instrument_family_str": "organ",
        "pitch": 61,
        "instrument_str": "organ_electronic_001",
    }
    packed["nsynth-valid/examples.json"] = json.dumps(
        {note_str: label}
    ).encode()
    (example,) = prepare(tmp_path, validation=packed)["validation"].values()
    assert example["instrument"] == "organ"
    assert example["pitch"] == "61"
    assert example["group"] == "organ_electronic_001"


def test_the_label_file_may_come_before_the_recordings(tmp_path):
    packed = {split: files(split, labels_first=True) for split in PARTS}
    splits = prepare(tmp_path, **packed)
    assert {s: len(e) for s, e in splits.items()} == {
        "train": 3,
        "validation": 1,
        "test": 2,
    }


def test_class_numbers_are_the_official_ones():
    builder = nsynth_notes.Builder(data_dir=tempfile.gettempdir())
    features = builder.info.features
    assert dict(enumerate(features["instrument"].names)) == {
        0: "bass",
        1: "brass",
        2: "flute",
        3: "guitar",
        4: "keyboard",
        5: "mallet",
        6: "organ",
        7: "reed",
        8: "string",
        9: "synth_lead",
        10: "vocal",
    }
    assert features["pitch"].names == [str(pitch) for pitch in range(128)]


def test_downloaded_archives_are_read(tmp_path, monkeypatch):
    server = write(tmp_path / "server")
    archives = {
        split: dataclasses.replace(
            archive, url=str(server / archive.pattern), num_bytes=1000
        )
        for split, archive in nsynth_notes.ARCHIVES.items()
    }
    monkeypatch.setattr(nsynth_notes, "ARCHIVES", archives)
    splits = small.prepare(NAME, tmp_path / "data", None)
    assert {s: len(e) for s, e in splits.items()} == {
        s: len(notes) for s, notes in NOTES.items()
    }


def test_every_missing_archive_is_named_and_no_other(tmp_path):
    folder = write(tmp_path / "manual")
    for part in ("train", "test"):
        (folder / f"nsynth-{part}.jsonwav.tar.gz").unlink()
    with pytest.raises(UserError) as error:
        small.prepare(NAME, tmp_path / "data", folder)
    for part, is_named in {"train": 1, "valid": 0, "test": 1}.items():
        url = f"{nsynth_notes._URL}nsynth-{part}.jsonwav.tar.gz"
        assert (url in str(error.value)) == is_named


@pytest.mark.parametrize(
    "field", ["pitch", "instrument_family_str", "instrument_str"]
)
def test_a_note_without_a_field_is_named(tmp_path, field):
    labels = {note_str: entry(note_str) for note_str in NOTES["test"]}
    del labels["flute_acoustic_002-077-100"][field]
    packed = files("test")
    packed["nsynth-test/examples.json"] = json.dumps(labels).encode()
    match = f"nsynth-test.* gives flute_acoustic_002-077-100 no {field};"
    with pytest.raises(UserError, match=match):
        prepare(tmp_path, test=packed)


def test_a_note_without_any_of_the_fields_is_named(tmp_path):
    packed = files("test")
    packed["nsynth-test/examples.json"] = b'{"flute": {"note": 3}}'
    match = "gives flute no pitch and no instrument_family_str and no "
    with pytest.raises(UserError, match=match):
        prepare(tmp_path, test=packed)


def test_an_archive_without_a_label_file_is_an_error(tmp_path):
    packed = files("train")
    del packed["nsynth-train/examples.json"]
    with pytest.raises(UserError, match="nsynth-train.* no examples.json"):
        prepare(tmp_path, train=packed)


def test_a_label_file_that_is_not_json_is_an_error(tmp_path):
    packed = files("train")
    packed["nsynth-train/examples.json"] = b'{"flute": '
    with pytest.raises(UserError, match="examples.json in .*train.* not JSON"):
        prepare(tmp_path, train=packed)


def test_a_note_whose_recording_is_missing_is_named(tmp_path):
    packed = files("test")
    del packed["nsynth-test/audio/vocal_acoustic_012-127-100.wav"]
    match = "test.* lacks recordings .*: vocal_acoustic_012-127-100;"
    with pytest.raises(UserError, match=match):
        prepare(tmp_path, test=packed)


def test_a_recording_without_a_note_is_named(tmp_path):
    packed = files("test")
    packed["nsynth-test/audio/new.wav"] = small.wav(small.noise(6))
    with pytest.raises(UserError, match="holds nsynth-test/audio/new.wav"):
        prepare(tmp_path, test=packed)


def test_a_recording_that_cannot_be_decoded_is_named(tmp_path):
    packed = files("validation")
    packed["nsynth-valid/audio/keyboard_acoustic_004-060-025.wav"] = b"RIFF"
    match = "keyboard_acoustic_004-060-025.wav in .*nsynth-valid.* as audio"
    with pytest.raises(UserError, match=match):
        prepare(tmp_path, validation=packed)


class TfdsTest(tfds.testing.DatasetBuilderTestCase):
    """TFDS's own checks, on archives written for them."""

    DATASET_CLASS = nsynth_notes.Builder
    SPLITS = {split: len(notes) for split, notes in NOTES.items()}
    SKIP_CHECKSUMS = True  # They are not known.

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.EXAMPLE_DIR = folder.name
        write(pathlib.Path(folder.name))
        super().setUpClass()
